import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { runLoad } from '@needletail/load';
import type { DelayDistribution } from '@needletail/testkit/delay-distribution';
import { plainPlan, withUsers } from './plain-plan.ts';
import { ORACLE_CORE, pin } from './quiet-machine.ts';

/** A delay of one of two kinds, drawn anew for each request. */
export interface DelayMixture {
  readonly kind: 'mixture';
  readonly usual: DelayDistribution;
  readonly rare: DelayDistribution;
  readonly rareShare: number;
}

/** How an oracle answers; plain data, handed to its process. */
export interface OracleOptions {
  /** Null answers at once. */
  readonly delay: DelayDistribution | DelayMixture | null;
  /** One server that takes the drawn time for each request, first come first served; else all are served at once. */
  readonly isQueue: boolean;
  readonly seed: number;
  /** Requests it can keep a log of. */
  readonly capacity: number;
}

/** What the oracle saw, in order of arrival; milliseconds on the machine's monotonic clock, 0 where there was no answer. */
export interface OracleLog {
  readonly arrivedMs: Float64Array;
  readonly answeredMs: Float64Array;
  readonly drawnMs: Float64Array;
}

/** A server in a process and on a core of its own that knows the truth: what was asked when, and when it answered. */
export interface Oracle {
  readonly url: string;
  readonly pid: number;
  log(): Promise<OracleLog>;
  /** Forgets the log and draws the same delays again from the first. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('oracle-server.ts', import.meta.url));

/** Short collections on the thread that answers: a long one, or a core taken by threads that help, would pass for latency. */
const CALM = ['--single-threaded-gc', '--min-semi-space-size=4', '--max-semi-space-size=4'];

export async function startOracle(options: Partial<OracleOptions> = {}): Promise<Oracle> {
  const whole: OracleOptions = {
    delay: null,
    isQueue: false,
    seed: 1,
    capacity: 2 ** 21,
    ...options,
  };
  const child = fork(PROGRAM, [JSON.stringify(whole)], {
    serialization: 'advanced',
    execArgv: [...process.execArgv, ...CALM],
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error('The oracle ended before it answered.');
  });
  const nextMessage = async (): Promise<unknown> => {
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [unknown];
    return message;
  };
  const { port } = (await nextMessage()) as { port: number };
  pin(child.pid!, ORACLE_CORE);
  const ask = (message: 'log' | 'clear'): Promise<unknown> => {
    child.send(message);
    return nextMessage();
  };
  return {
    url: `http://127.0.0.1:${port}/`,
    pid: child.pid!,
    log: async () => (await ask('log')) as OracleLog,
    clear: async () => void (await ask('clear')),
    stop: async () => {
      if (child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** How long each answered request was with the server, ascending, the first `skipped` to arrive left out. */
export function serviceTimesMs(log: OracleLog, skipped = 0): Float64Array {
  return log.answeredMs
    .map((at, index) => at - log.arrivedMs[index]!)
    .subarray(skipped)
    .toSorted();
}

/** Keeps a fresh oracle busy until its code is compiled, and forgets that it did; ours stays as cold as a user finds it. */
export async function prime(oracle: Oracle): Promise<void> {
  await runLoad(plainPlan(oracle.url, withUsers(50, 1.5)));
  await oracle.clear();
}
