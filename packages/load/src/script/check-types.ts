import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, resolve, sep } from 'node:path';
import type { FilePosition, PlanFault } from '../plan/errors.ts';
import { findTypeScript, isInstalledFor } from './find-typescript.ts';
import { shownPath } from './map-stack.ts';
import type { ScriptFolder } from './script-folder.ts';
import { ScriptLoadError } from './script-load-error.ts';
import type { ScriptPackages } from './script-packages.ts';

const LONGEST_CHECK_MS = 120_000;
const MOST_SHOWN = 5;

export interface TypeCheck {
  /** The scenario, an absolute path. */
  readonly file: string;
  readonly cwd: string;
  /** For the settings of the check. */
  readonly folder: ScriptFolder;
  readonly packages: ScriptPackages;
  readonly signal: AbortSignal;
}

/**
 * Checks the types of a scenario with the compiler that is installed beside it (TypeScript 5 or later), by the settings of
 * its `tsconfig.json`; without a compiler there is nothing to check. Errors in files of the user's are a ScriptLoadError
 * (SCRIPT_TYPES); those in packages are not the scenario's.
 */
export async function checkTypes(check: TypeCheck): Promise<void> {
  const { file, cwd, folder, packages, signal } = check;
  if (!/\.[cm]?tsx?$/.test(file)) return;
  const compiler = findTypeScript(file);
  if (compiler === null) return;
  const own = nearest(dirname(file), 'tsconfig.json');
  const typeRoots = typeRootsOf(file);
  const globals = GLOBALS.filter((name) => typeRoots.some((root) => existsSync(join(root, name))));
  const theirs = own === null ? null : await settingsOf(own, check, compiler);
  const config = {
    ...(theirs === null ? {} : { extends: own }),
    compilerOptions: {
      ...(theirs === null ? DEFAULTS : {}),
      ...(theirs?.types === undefined ? { types: globals } : {}),
      // Browsers have timers, console, URL and fetch in common with Node.
      ...(theirs === null && globals.length === 0 ? { lib: [...DEFAULTS.lib, 'dom'] } : {}),
      ...(isInstalledFor(file, 'needletail') ? {} : { paths: withOwnPaths(theirs, own, packages) }),
      typeRoots,
      ...ALWAYS,
    },
    files: [file],
    include: [],
    references: [],
  };
  const settings = folder.write('tsconfig.json', JSON.stringify(config));
  const ran = await run(compiler, ['-p', settings, '--pretty', 'false'], cwd, signal);
  const errors = [...ran.output.matchAll(DIAGNOSTIC)].map((match) => errorOf(match, cwd));
  const users = errors.filter(
    (error) =>
      !error.path.includes(`${sep}node_modules${sep}`) &&
      (globals.length > 0 || !isAboutNode(error)),
  );
  if (users.length > 0) throw typesError(users, cwd);
  // Complaints about settings and about packages have a place that is not the user's, or none.
  if (ran.code === 0 || /error TS\d+:/.test(ran.output)) return;
  throw notChecked(
    `the compiler ended with ${ran.code ?? 'a signal'}: ${firstLine(ran.output)}`,
    compiler,
  );
}

/** Lines behind the first say what it comes from, the last of them what it comes to. */
const DIAGNOSTIC = /^(\S.*)\((\d+),(\d+)\): error (TS\d+): (.*)((?:\r?\n +.*)*)$/gm;

interface TypeFault {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly code: string;
  readonly text: string;
}

function errorOf(match: RegExpExecArray, cwd: string): TypeFault {
  const [, path, line, column, code, first, reasons] = match;
  const last = reasons
    .trim()
    .split(/\r?\n */)
    .at(-1);
  return {
    path: resolve(cwd, path),
    line: Number(line),
    column: Number(column),
    code,
    text: inPlainWords(last === '' ? first : last!),
  };
}

/** How messages begin that are types of ours: see written-values.ts and checked-definition.ts in `scenario/`. */
const SAID_BY_TYPES =
  /^(?:not an? |no metric is called |compare |leave it out: |give |of one endpoint |a (?:definition|weight|feed) |\S+ is no setting of a feed)/;

/** What types of ours say, without the types that say it, and a definition without all that it was given. */
function inPlainWords(text: string): string {
  const said = / is not assignable to (?:type|parameter of type) '"(.+)"'\.$/.exec(text)?.[1];
  if (said !== undefined && SAID_BY_TYPES.test(said) && !said.includes('" | "')) return said;
  return text
    .replace(/ in type 'LoadDefinition<.*'\./, ' in a definition.')
    .replace(/ in type 'CheckedScenario<.*'\./, ' in a scenario.');
}

function typesError(errors: readonly TypeFault[], cwd: string): ScriptLoadError {
  const more = errors.length - MOST_SHOWN;
  return new ScriptLoadError(
    errors.slice(0, MOST_SHOWN).map(({ path, line, column, code, text }) => {
      const fault: PlanFault = {
        code: 'SCRIPT_TYPES',
        problem: 'Type error',
        cause: text.replace(/\.$/, ''),
        where: code,
        remedy: 'Mend it, or run with --no-typecheck.',
      };
      const source = readFileSync(path, 'utf8').split(/\r?\n/)[line - 1] ?? '';
      return [fault, { file: shownPath(path, cwd), line, column, source } satisfies FilePosition];
    }),
    more > 0 ? `\n… and ${more} more.` : '',
  );
}

/** Packages of declarations that bring the globals of a runtime. */
const GLOBALS = ['node', 'bun'];

/** What a scenario is checked by when there is no `tsconfig.json`. */
const DEFAULTS = { strict: true, target: 'es2023', lib: ['es2023'] };

/** Whatever else the settings beside the scenario say. */
const ALWAYS = {
  // What the bundler understands.
  module: 'esnext',
  moduleResolution: 'bundler',
  moduleDetection: 'force',
  resolveJsonModule: true,
  esModuleInterop: true,
  allowImportingTsExtensions: true,
  noEmit: true,
  skipLibCheck: true,
  // Settings of a build, and of a linter; neither says whether the scenario can run.
  composite: false,
  incremental: false,
  declaration: false,
  isolatedDeclarations: false,
  noUnusedLocals: false,
  noUnusedParameters: false,
};

/** Where declarations of what is global may be: beside the scenario, else beside this tool. */
function typeRootsOf(file: string): readonly string[] {
  const folders = [...ancestors(dirname(file)), ...ancestors(import.meta.dirname)];
  const roots = folders.map((folder) => join(folder, 'node_modules', '@types'));
  return roots.filter((folder) => existsSync(folder));
}

/** Names and modules of Node that a compiler does not know without `@types/node`, and the scenario may well use. */
function isAboutNode({ code, text }: TypeFault): boolean {
  const module = /Cannot find module '([^']+)'/.exec(text)?.[1];
  if (module !== undefined) return isBuiltin(module);
  return ['TS2580', 'TS2591', 'TS2867', 'TS2868'].includes(code);
}

interface UserSettings {
  readonly types?: readonly string[];
  readonly paths?: Readonly<Record<string, readonly string[]>>;
}

/** The settings of a `tsconfig.json` and what it extends; null for one that only refers to others. */
async function settingsOf(
  own: string,
  { cwd, signal }: TypeCheck,
  compiler: string,
): Promise<UserSettings | null> {
  const shown = await run(compiler, ['-p', own, '--showConfig'], cwd, signal);
  // What is wrong with it is told by the check itself.
  if (shown.code !== 0) return {};
  const { compilerOptions = {} } = JSON.parse(shown.output) as {
    readonly compilerOptions?: UserSettings;
  };
  return Object.keys(compilerOptions).length === 0 ? null : compilerOptions;
}

/** Where nothing is installed, the declarations of the running tool, beside the paths that the user's settings have. */
function withOwnPaths(
  theirs: UserSettings | null,
  own: string | null,
  packages: ScriptPackages,
): object {
  const paths: Record<string, readonly string[]> = {};
  for (const [name, targets] of Object.entries(theirs?.paths ?? {})) {
    paths[name] = targets.map((target) => resolve(dirname(own!), target));
  }
  for (const [name, { types }] of packages) if (types !== null) paths[name] = [types];
  return paths;
}

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

function run(
  compiler: string,
  flags: readonly string[],
  cwd: string,
  signal: AbortSignal,
): Promise<Ran> {
  return new Promise((settle, reject) => {
    const child = spawn(process.execPath, [compiler, ...flags], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LONGEST_CHECK_MS,
      signal,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', (error) => {
      reject(signal.aborted ? error : notChecked(error.message, compiler, error));
    });
    child.once('close', (code) => settle({ code, output }));
  });
}

function notChecked(cause: string, compiler: string, error?: unknown): ScriptLoadError {
  const fault: PlanFault = {
    code: 'SCRIPT_TYPES',
    problem: 'Types not checked',
    cause,
    where: compiler,
    remedy: 'Run with --no-typecheck to do without.',
  };
  return new ScriptLoadError([[fault, null]], '', { cause: error });
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] || 'it wrote nothing';
}

function nearest(folder: string, name: string): string | null {
  return (
    ancestors(folder)
      .map((one) => join(one, name))
      .find((path) => existsSync(path)) ?? null
  );
}

/** A folder and those it is in, up to the root. */
function ancestors(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}
