import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { requireCommand } from '../compare/nginx.ts';

/** Where the two sides of a measurement run, so that the scheduler does not put both on one core while another is idle. */
export const GENERATOR_CORE = 0;
export const ORACLE_CORE = 1;

/** Linux counts processor time in ticks of this length for programs to read. */
const TICK_MS = 10;
const QUIET_SHARE = 0.03;
const QUIET_FOR_LOOKS = 4;
const LOOK_EVERY_MS = 500;
const LONGEST_WAIT_MS = 120_000;

/** Confines all threads of a process, and those they start later, to one core (taskset, Linux). */
export function pin(pid: number, core: number): void {
  requireCommand('taskset');
  const args = ['-a', '-c', '-p', String(core), String(pid)];
  const ran = spawnSync('taskset', args, { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`taskset could not pin ${pid} to ${core}: ${ran.stderr}`);
}

/** Processes that run only when nothing else wants to. */
export interface Wakefulness {
  readonly pids: readonly number[];
  stop(): void;
}

/**
 * Keeps every core from falling asleep with loops that run only when nothing else wants to (SCHED_IDLE). A virtual
 * processor that sleeps takes a tenth of a millisecond or more to come back, which neither side can tell from latency.
 */
export function keepCoresAwake(): Wakefulness {
  requireCommand('chrt');
  const loops = cpus().map((_, core) =>
    spawn('taskset', ['-c', String(core), 'chrt', '-i', '0', 'sh', '-c', 'while :; do :; done'], {
      stdio: 'ignore',
    }),
  );
  const stop = (): void => {
    for (const loop of loops) loop.kill('SIGKILL');
    process.off('exit', stop);
  };
  process.on('exit', stop);
  return { pids: loops.map((loop) => loop.pid!), stop };
}

/** Milliseconds for which programs of any kind have had a processor, all cores together, since the system started. */
export function machineBusyMs(): number {
  const [user, nice, system] = readFileSync('/proc/stat', 'latin1')
    .split(/\s+/)
    .slice(1, 4)
    .map(Number);
  return (user! + nice! + system!) * TICK_MS;
}

/** Milliseconds for which the living threads of a process have had a processor (schedstat, Linux). */
export function processBusyMs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0])
    .reduce((sum, ranNs) => sum + Number(ranNs) / 1e6, 0);
}

/** Waits, not for ever, until nothing much has run for two seconds. */
export async function untilQuiet(): Promise<void> {
  const givesUpAt = performance.now() + LONGEST_WAIT_MS;
  let quietLooks = 0;
  while (quietLooks < QUIET_FOR_LOOKS && performance.now() < givesUpAt) {
    const before = machineBusyMs();
    await sleep(LOOK_EVERY_MS);
    const share = (machineBusyMs() - before) / LOOK_EVERY_MS;
    quietLooks = share <= QUIET_SHARE ? quietLooks + 1 : 0;
  }
}
