import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Arrival, FaultyServerOptions } from './faulty-server.ts';
import type { FaultOutcome } from './misbehaviour.ts';

/** A faulty server in a process of its own: `process.kill(pid, 'SIGSTOP')` freezes it as nothing in-process can. */
export interface FaultyServerProcess {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  arrivals(): Promise<readonly Arrival[]>;
  counts(): Promise<Record<FaultOutcome, number>>;
  clear(): Promise<void>;
  freeze(durationMs: number): Promise<void>;
  /** Ends the process; also when it is stopped. */
  close(): Promise<void>;
}

/** Starts the program beside this file: the source through tsx, or what it was compiled to. */
export async function spawnFaultyServer(
  options: FaultyServerOptions = {},
): Promise<FaultyServerProcess> {
  const isSource = import.meta.url.endsWith('.ts');
  const program = new URL(`faulty-server-main.${isSource ? 'ts' : 'js'}`, import.meta.url);
  const loader = isSource && process.versions.bun === undefined ? ['--import', 'tsx'] : [];
  const child = spawn(
    process.execPath,
    [...loader, fileURLToPath(program), JSON.stringify(options)],
    // Its own folder, where tsx can be found from, and no flags that a test runner put in the environment.
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  );
  const nextAnswer = createAnswerReader(child);
  const ask = (command: string): Promise<unknown> => {
    child.stdin.write(`${command}\n`);
    return nextAnswer();
  };
  const { port } = (await nextAnswer()) as { port: number };
  return {
    pid: child.pid!,
    port,
    url: `http://127.0.0.1:${port}`,
    arrivals: async () => (await ask('log')) as Arrival[],
    counts: async () => (await ask('counts')) as Record<FaultOutcome, number>,
    clear: async () => void (await ask('clear')),
    freeze: async (durationMs) => void (await ask(`freeze ${durationMs}`)),
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Answers come in the order of the questions; the end of the process answers all that are open. */
function createAnswerReader(child: ChildProcess): () => Promise<unknown> {
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return async () => {
    const next = await lines.next();
    if (next.done === true)
      throw new Error('Faulty server ended before it answered (child process).');
    return JSON.parse(next.value) as unknown;
  };
}
