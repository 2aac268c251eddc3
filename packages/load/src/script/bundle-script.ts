import { resolve } from 'node:path';
import type { BuildFailure, Message } from 'esbuild';
import type { FilePosition, PlanFault } from '../plan/errors.ts';
import { missingImport } from './missing-import.ts';
import { bundleName, META_DEFINES, scriptImports } from './script-imports.ts';
import { ScriptLoadError } from './script-load-error.ts';
import type { ScriptPackages } from './script-packages.ts';

/** A scenario and the files it imports as one module. */
export interface ScriptBundle {
  readonly name: string;
  readonly code: string;
  /** Source map, version 3; the sources are absolute paths. */
  readonly map: string;
}

/** Files that are imported as text; JSON is imported as what it says. */
const TEXT_FILES = [
  '.txt',
  '.md',
  '.html',
  '.xml',
  '.csv',
  '.tsv',
  '.sql',
  '.graphql',
  '.gql',
  '.yaml',
  '.yml',
];

/**
 * Bundles a scenario: TypeScript becomes JavaScript, local imports, JSON and text become part of it, packages stay where
 * they are installed. Throws a ScriptLoadError with every syntax error and every import that cannot be found.
 */
export async function bundleScript(
  path: string,
  cwd: string,
  packages: ScriptPackages,
): Promise<ScriptBundle> {
  // Loaded on demand: only scripts need it.
  const { build } = await import('esbuild');
  const name = bundleName(path);
  // CommonJS among the user's files asks for packages with require.
  const require = `import { createRequire as needletailRequire } from 'node:module';const require = needletailRequire(${JSON.stringify(path)});`;
  try {
    const { outputFiles } = await build({
      entryPoints: [path],
      absWorkingDir: cwd,
      outfile: name,
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'es2023',
      // Those of Node and Bun themselves; `module` would be for bundlers.
      conditions: [],
      jsx: 'automatic',
      charset: 'utf8',
      legalComments: 'none',
      logLevel: 'silent',
      sourcemap: 'external',
      sourcesContent: false,
      external: ['bun', 'bun:*'],
      define: { ...META_DEFINES },
      loader: Object.fromEntries(TEXT_FILES.map((extension) => [extension, 'text' as const])),
      banner: { js: require },
      plugins: [scriptImports(packages)],
    });
    const textOf = (extension: string): string =>
      outputFiles.find((file) => file.path.endsWith(extension))!.text;
    return { name, code: textOf('.mjs'), map: withAbsoluteSources(textOf('.mjs.map'), cwd) };
  } catch (error) {
    const { errors } = error as Partial<BuildFailure>;
    if (errors === undefined || errors.length === 0) throw error;
    throw bundleError(errors, cwd);
  }
}

/** The bundle will stand elsewhere than where its map supposes it. Modules that are no files keep their names. */
function withAbsoluteSources(map: string, cwd: string): string {
  const { sources, ...others } = JSON.parse(map) as { readonly sources: readonly string[] };
  const absolute = sources.map((source) =>
    /^needletail-\w+:/.test(source) ? source : resolve(cwd, source),
  );
  return JSON.stringify({ ...others, sources: absolute });
}

const MOST_SHOWN = 5;

function bundleError(errors: readonly Message[], cwd: string): ScriptLoadError {
  const shown = errors.slice(0, MOST_SHOWN).map((message) => faultOf(message, cwd));
  const more = errors.length - shown.length;
  const cause = { cause: new Error(errors.map(({ text }) => text).join('\n')) };
  return new ScriptLoadError(
    shown.map((fault) => [fault.fault, fault.position]),
    more > 0 ? `\n… and ${more} more.` : '',
    cause,
  );
}

function faultOf(
  { text, location, pluginName }: Message,
  cwd: string,
): {
  readonly fault: PlanFault;
  readonly position: FilePosition | null;
} {
  const position =
    location === null
      ? null
      : {
          file: location.file,
          line: location.line,
          column: columnOf(location.lineText, location.column) + 1,
          source: location.lineText,
        };
  const specifier = /^Could not resolve "(.*)"/.exec(text)?.[1];
  if (specifier !== undefined && location !== null) {
    return { fault: missingImport(specifier, location.file, cwd), position };
  }
  const noExport = /^No matching export in "(.*)" for import "(.*)"/.exec(text);
  if (noExport !== null) {
    const [, module, name] = noExport;
    const from = module.replace(/^needletail-own:/, '');
    const fault = {
      code: 'SCRIPT_IMPORT',
      problem: 'Export not found',
      cause: `${from} has no ${name}`,
      where: '',
      remedy: 'Check the name.',
    } as const;
    return { fault, position };
  }
  const isSyntax = location !== null && pluginName === '';
  const fault = {
    code: isSyntax ? 'SCRIPT_SYNTAX' : 'SCRIPT_FILE',
    problem: isSyntax ? 'Syntax error' : 'Scenario not loaded',
    cause: lowerFirst(text.replace(/\.$/, '')),
    where: position === null ? 'esbuild' : '',
    remedy: 'Mend it.',
  } as const;
  return { fault, position };
}

/** The bundler counts columns in bytes. */
function columnOf(lineText: string, columnBytes: number): number {
  return Buffer.from(lineText, 'utf8').subarray(0, columnBytes).toString('utf8').length;
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text[0].toLowerCase() + text.slice(1) : text;
}
