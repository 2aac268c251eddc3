import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PlanError } from '../plan/errors.ts';
import { processContext, type PlanContext } from '../plan/plan-files.ts';
import type { PlanFlags } from '../plan/plan-flags.ts';
import type { Plan } from '../plan/plan.ts';
import { bundleScript } from './bundle-script.ts';
import { checkTypes } from './check-types.ts';
import { evaluateModule, type Evaluation } from './evaluate-module.ts';
import { mapStack, type StackSource } from './map-stack.ts';
import { ScriptFolder } from './script-folder.ts';
import { ScriptLoadError } from './script-load-error.ts';
import type { ScriptPackages } from './script-packages.ts';

/** A module gets this long to load; one that is busy with it half as long again. */
const LONGEST_LOAD_MS = 10_000;

/** What `loadScript` needs beside the file and the flags. */
export interface ScriptContext extends PlanContext {
  /** Packages of this tool that scenarios import by name. */
  readonly packages: ScriptPackages;
  /** False skips the check of types. */
  readonly typecheck: boolean;
  /** `LONGEST_LOAD_MS` unless set. */
  readonly loadTimeoutMs?: number;
}

/**
 * Loads a scenario file (.ts, .mts, .cts, .tsx, .js, .mjs, .cjs, .jsx) and makes the plan that is run of its default
 * export and the flags. Whatever is wrong with it is a ScriptLoadError or a PlanError, with place and line where there is
 * one. What was bundled stays in a folder of this process until it ends: threads import it.
 */
export async function loadScript(
  file: string,
  flags: PlanFlags = {},
  context: ScriptContext = { ...processContext(), packages: new Map(), typecheck: true },
): Promise<Plan> {
  const path = resolve(context.cwd, file);
  await refuseMissing(path, file);
  const folder = new ScriptFolder();
  try {
    const bundling = bundleAndCheck(path, folder, context);
    // Loaded while other processes bundle and check: the library that knows shapes has many modules.
    const [bundle, { resolveDefinition }] = await Promise.all([
      bundling,
      import('../plan/resolve-definition.ts'),
    ]);
    const modulePath = folder.write(bundle.name, bundle.code);
    folder.write(`${bundle.name}.map`, bundle.map);
    const moduleUrl = pathToFileURL(modulePath).href;
    const source = { moduleUrl, map: bundle.map, cwd: context.cwd };
    const definition = await defaultExport(source, file, context.loadTimeoutMs ?? LONGEST_LOAD_MS);
    refuseApplication(definition, file);
    return await resolveDefinition(definition, flags, context, { file, moduleUrl });
  } catch (error) {
    folder.remove();
    throw error;
  }
}

/** Both at once; a fault of syntax is told before those of types, which it would cause. */
async function bundleAndCheck(
  path: string,
  folder: ScriptFolder,
  { cwd, packages, typecheck }: ScriptContext,
): ReturnType<typeof bundleScript> {
  const end = new AbortController();
  const check = { file: path, cwd, folder, packages, signal: end.signal };
  const checked = typecheck ? checkTypes(check) : Promise.resolve();
  // Awaited below; until then a fault of types is not an unhandled one.
  checked.catch(() => undefined);
  try {
    const bundle = await bundleScript(path, cwd, packages);
    await checked;
    return bundle;
  } finally {
    end.abort();
  }
}

async function refuseMissing(path: string, file: string): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (!(found instanceof Error) && found.isFile()) return;
  const code = found instanceof Error ? found.code : 'EISDIR';
  const cause =
    code === 'ENOENT' || code === 'ENOTDIR'
      ? 'there is no such file'
      : found instanceof Error
        ? found.message
        : 'it is not a file';
  throw scriptFault('SCRIPT_FILE', 'Scenario not read', cause, file, 'Check the path.', found);
}

async function defaultExport(source: StackSource, file: string, limitMs: number): Promise<unknown> {
  const show = (stack: string): string | null => framesOf(stack, source)[0]?.trim() ?? null;
  const evaluation = await evaluateModule(source.moduleUrl, limitMs, show);
  if (evaluation.outcome !== 'done') throw notEvaluated(evaluation, source, file, limitMs);
  if (evaluation.hasDefault) return evaluation.exported;
  throw scriptFault(
    'PLAN_SHAPE',
    'Not a scenario',
    'there is no default export',
    file,
    'Write export default defineLoad({ target: …, user: … }).',
  );
}

const AT_TOP_LEVEL = 'What stands at the top level of a module runs when it is loaded.';

function notEvaluated(
  evaluation: Exclude<Evaluation, { readonly outcome: 'done' }>,
  source: StackSource,
  file: string,
  limitMs: number,
): PlanError {
  switch (evaluation.outcome) {
    case 'waits': {
      const cause = `it is not done after ${limitMs / 1000} s`;
      const remedy = 'Wait in setup, or in user, and for something that happens.';
      return scriptFault('SCRIPT_HUNG', 'Top-level await without an end', cause, file, remedy);
    }
    case 'loops': {
      const place = evaluation.line === null ? '' : `, ${evaluation.line}`;
      const cause = `it kept its thread busy for ${(evaluation.afterMs / 1000).toFixed(0)} s without giving way${place}`;
      const remedy = `Look for a loop without an end. ${AT_TOP_LEVEL}`;
      return scriptFault('SCRIPT_HUNG', 'Scenario hung while it was loaded', cause, file, remedy);
    }
    case 'exited': {
      const cause = 'it ended its process, as process.exit() does';
      return scriptFault('SCRIPT_EXIT', 'Scenario not loaded', cause, file, AT_TOP_LEVEL);
    }
    case 'threw': {
      const { name, message, stack } = evaluation;
      const frames = framesOf(stack === '' ? message : stack, source);
      const cause = `it threw ${name ?? 'a value'}: ${message.replace(/\.$/, '')}`;
      const fault = {
        code: 'SCRIPT_THREW',
        problem: 'Scenario not loaded',
        cause,
        where: file,
        remedy: AT_TOP_LEVEL,
      } as const;
      const detail = frames.map((line) => `\n${line}`).join('');
      const thrown = Object.assign(new Error(message), { stack });
      return new ScriptLoadError([[fault, null]], detail, { cause: thrown });
    }
  }
}

/** The lines of a stack that are the user's. */
function framesOf(stack: string, source: StackSource): readonly string[] {
  return mapStack(stack, source)
    .split('\n')
    .filter((line) => /^\s+(?:at|…) /.test(line));
}

/** Threads cannot be given an application; only a run within one thread can. */
function refuseApplication(definition: unknown, file: string): void {
  const target = (definition as { readonly target?: unknown } | null | undefined)?.target;
  if (typeof target !== 'function' && (typeof target !== 'object' || target === null)) return;
  throw scriptFault(
    'SCRIPT_TARGET',
    'Target without an address',
    'target is an application, which only a run in its own process can reach',
    file,
    'Start it and give its URL, or call runLoad(defineLoad({ target: app, … })) in a test.',
  );
}

function scriptFault(
  code: 'SCRIPT_FILE' | 'SCRIPT_HUNG' | 'SCRIPT_EXIT' | 'SCRIPT_TARGET' | 'PLAN_SHAPE',
  problem: string,
  cause: string,
  where: string,
  remedy: string,
  error?: unknown,
): PlanError {
  return new ScriptLoadError([[{ code, problem, cause, where, remedy }, null]], '', {
    cause: error,
  });
}
