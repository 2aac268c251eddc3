import { readFile } from 'node:fs/promises';
import { resolvePlan } from '@needletail/load/plan';
import { UsageError } from '../errors.ts';
import type { LoadFlagValues } from '../flags/load-flags.ts';
import { toPlanFlags } from '../flags/to-plan-flags.ts';
import type { Shell } from '../process/shell.ts';
import { executePlan } from '../run/execute-plan.ts';
import type { RunLoad } from '../run/execute-run.ts';
import { toRunSettings } from '../run/run-settings.ts';

/** `needletail <url>`: one request over and over; with `--on-port` the address is the port's own unless given. */
export async function quickRun(
  url: string | undefined,
  values: LoadFlagValues,
  command: readonly string[],
  shell: Shell,
  runLoad: RunLoad,
): Promise<number> {
  const settings = await toRunSettings(values, command);
  const address = url ?? addressOf(settings.targetCommand?.port);
  const context = { cwd: shell.cwd, readFile };
  const plan = await resolvePlan({ url: address }, toPlanFlags(values), context);
  return executePlan(plan, settings, shell, runLoad);
}

function addressOf(port: number | undefined): string {
  if (port !== undefined) return `http://localhost:${port}/`;
  throw new UsageError(
    'NO_TARGET',
    'Nothing to test: no address given. Write one, as in needletail http://localhost:3000.',
  );
}
