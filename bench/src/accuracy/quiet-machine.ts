import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { requireCommand } from '../compare/nginx.ts';

/** Where the two sides of a measurement run, so that the scheduler does not put both on one core while another is idle. */
export const GENERATOR_CORE = 0;
export const ORACLE_CORE = 1;

/** Confines all threads of a process, and those they start later, to one core (taskset, Linux). */
export function pin(pid: number, core: number): void {
  requireCommand('taskset');
  const ran = spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], {
    encoding: 'utf8',
  });
  if (ran.status !== 0)
    throw new Error(`taskset could not pin ${pid} to core ${core}: ${ran.stderr}`);
}

/**
 * Keeps every core from falling asleep with loops that run only when nothing else wants to (SCHED_IDLE). A virtual
 * processor that sleeps takes a tenth of a millisecond or more to come back, which neither side can tell from latency.
 */
export function keepCoresAwake(): { stop(): void } {
  requireCommand('chrt');
  const loops = cpus().map((_, core) =>
    spawn('taskset', ['-c', String(core), 'chrt', '-i', '0', 'sh', '-c', 'while :; do :; done'], {
      stdio: 'ignore',
    }),
  );
  const stop = (): void => {
    for (const loop of loops) loop.kill('SIGKILL');
  };
  process.once('exit', stop);
  return { stop };
}

/** Milliseconds that the threads of a process were ready to run but had no processor, since each began (schedstat, Linux). */
export function runQueueWaitMs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[1])
    .reduce((sum, waitNs) => sum + Number(waitNs) / 1e6, 0);
}
