import type { FetchApp, NodeListener } from '@needletail/client';
import { processContext } from '../plan/plan-files.ts';
import type { PlanFlags } from '../plan/plan-flags.ts';
import type { Plan } from '../plan/plan.ts';
import { resolveDefinition } from '../plan/resolve-definition.ts';
import { runWith, type RunOptions, type RunResult } from '../run-load.ts';
import type { StartRunner } from '../workers/crew.ts';
import { Fleet } from '../workers/fleet.ts';
import type { DataDefinition, LoadDefinition, Vars } from './definition.ts';
import { ScriptRunner } from './script-runner.ts';
import type { TargetLines } from './script-thread.ts';
import { openLocalLines } from './target-lines.ts';

export interface DefinitionRunOptions extends RunOptions {
  /** Over what the definition says, as flags of the command are: `{ users: 5, durationMs: 2000 }`. */
  readonly overrides?: PlanFlags;
}

/**
 * Runs a definition within this thread: what its functions close over stays within reach, and its target may be an
 * application that never listens. For measuring an application over the network, a script in threads of its own
 * (`needletail run`) disturbs less. Rejects with a PlanError for a definition that cannot be run.
 */
export async function runDefinition<
  const Data extends DataDefinition = string,
  Variables extends Vars = Vars,
  Shared = unknown,
>(
  definition: LoadDefinition<Data, Variables, Shared>,
  options: DefinitionRunOptions = {},
): Promise<RunResult> {
  const { overrides = {}, ...run } = options;
  const resolved = await resolveDefinition(
    definition,
    { ...overrides, workers: 1 },
    processContext(),
  );
  const isTraced = run.onExchange !== undefined || run.onMessage !== undefined;
  const plan = isTraced ? tracedPlan(resolved) : resolved;
  const localLines = localLinesOf(definition.target);
  const startRunner: StartRunner = (start, handlers) => {
    const runner = new ScriptRunner({
      start,
      // As between threads: whoever hears of it does so later, with a copy of its own.
      post: (message) => queueMicrotask(() => handlers.onMessage(message)),
      loadDefinition: () => Promise.resolve(definition as unknown as LoadDefinition),
      ...(localLines === null ? {} : { localLines }),
    });
    runner.load().catch(handlers.onError);
    return {
      post: (message) => void runner.receive(message).catch(handlers.onError),
      terminate: () => Promise.resolve(runner.close()),
    };
  };
  return runWith(plan, run, (addresses) => Fleet.startHere(plan, addresses, startRunner));
}

function tracedPlan(plan: Plan): Plan {
  return { ...plan, script: { ...plan.script!, trace: true } };
}

function localLinesOf(target: string | FetchApp | NodeListener): (() => TargetLines) | null {
  if (typeof target === 'string') return null;
  return () => openLocalLines(target, isListener(target));
}

/** A node listener takes the request and the response; a fetch handler the request alone. */
function isListener(target: FetchApp | NodeListener): boolean {
  return typeof target === 'function' ? target.length >= 2 : !('fetch' in target);
}
