import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { dirname } from 'node:path';
import { freePort } from '@needletail/testkit/listening';
import { findProgram } from '@needletail/testkit/programs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EntryPlan } from './cluster-entry.fixture.ts';
import { bundleEntry, ClusterProgram } from './cluster-program.fixture.ts';

const bun = findProgram('bun');
const RUNTIMES: ['wire' | 'node', string][] = [
  ['wire', process.execPath],
  ['node', process.execPath],
  ...(bun === null ? [] : [['wire', bun] as ['wire', string]]),
];
const running: ClusterProgram[] = [];
let entry: string;

beforeAll(async () => {
  entry = await bundleEntry();
});

afterAll(() => rmSync(dirname(entry), { recursive: true }));

afterEach(async () => {
  for (const program of running.splice(0)) {
    if (program.child.exitCode !== null || program.child.signalCode !== null) continue;
    program.kill('SIGKILL');
    await program.exited();
  }
});

function run(plan: EntryPlan, runtime?: string): ClusterProgram {
  const program = new ClusterProgram(entry, plan, runtime);
  running.push(program);
  return program;
}

async function start(plan: EntryPlan, runtime?: string): Promise<ClusterProgram> {
  const program = run(plan, runtime);
  await program.listening();
  return program;
}

describe('listenOn with workers', () => {
  it.each(RUNTIMES)(
    'serves in as many processes, and ends in good order at SIGTERM (%s)',
    async (server, runtime) => {
      const program = await start({ server, options: { workers: 2 } }, runtime);
      const pids = await program.pids(2);
      expect(pids.has(`${program.child.pid}`)).toBe(false);
      const slow = program.ask('/slow');
      // Answered by the other worker, after the slow one has arrived.
      await program.pids(2);
      program.kill('SIGTERM');
      expect(pids).toContain(await slow);
      expect(await program.exited()).toEqual([0, null]);
      expect(program.errors).toBe('');
    },
  );

  it('replaces a worker that ended', async () => {
    const program = await start({ options: { workers: 2, restarts: { minDelayMs: 10 } } });
    const before = await program.pids(2);
    await program.ask('/crash').catch(() => undefined);
    const [fresh] = await program.pids(1, before);
    expect(before.has(fresh!)).toBe(false);
    expect(program.errors).toMatch(/Worker lost: it ended with code 3 \(worker \d\)/);
  });

  it('gives up when workers keep ending, with exit code 1, and says why', async () => {
    const restarts = { minDelayMs: 10, mostEnds: 2 };
    const program = run({ crashes: true, options: { workers: 1, restarts } });
    expect(await program.exited()).toEqual([1, null]);
    expect(program.errors).toContain('workers ended more than 2 times within 60 s');
  });

  it('leaves no worker behind when the first process is killed, and no answer undone', async () => {
    const program = await start({ options: { workers: 2 } });
    const pids = await program.pids(2);
    const slow = program.ask('/slow');
    await program.pids(2);
    program.kill('SIGKILL');
    expect(pids).toContain(await slow);
    for (const pid of pids) while (isAlive(Number(pid))) await new Promise(setImmediate);
  });

  it('rejects when a worker cannot listen, with its reason', async () => {
    const port = await freePort();
    const program = run({ takesPort: true, options: { workers: 2, port } });
    expect(await program.exited()).toEqual([2, null]);
    expect(program.errors).toMatch(
      /Workers not running: .*another program listens there .*\(worker \d\)/,
    );
  });

  it.each(RUNTIMES)(
    'restarts one worker after the other at SIGHUP, and no request is lost (%s)',
    async (server, runtime) => {
      const program = await start({ server, options: { workers: 2 } }, runtime);
      const before = await program.pids(2);
      const agent = new Agent({ keepAlive: true, maxSockets: 4 });
      let isOver = false;
      let count = 0;
      const failures: unknown[] = [];
      const users = Array.from({ length: 8 }, async (_, index) => {
        while (!isOver) {
          // Half of them keep their connections.
          await program
            .ask('/', index % 2 === 0 ? agent : undefined)
            .catch((error) => failures.push(error));
          count += 1;
        }
      });
      program.kill('SIGHUP');
      const gone = await Promise.race([
        program.pids(2, before),
        once(program.child, 'exit').then(() => null),
      ]);
      expect(gone?.size).toBe(2);
      for (const pid of before) while (isAlive(Number(pid))) await program.ask('/');
      isOver = true;
      await Promise.all(users);
      agent.destroy();
      expect(failures).toEqual([]);
      expect(count).toBeGreaterThan(20);
      expect(program.errors).toBe('');
    },
    40_000,
  );
});

describe('listenOn with signals', () => {
  it('does not wait longer than graceMs', async () => {
    const program = await start({ options: { signals: true, graceMs: 50 } });
    const never = program.ask('/never').catch((error: Error) => error.message);
    await program.ask('/');
    program.kill('SIGINT');
    expect(await never).toMatch(/hang up|ECONNRESET/);
    expect(await program.exited()).toEqual([0, null]);
  });

  it('ends at once at the second', async () => {
    const program = await start({ options: { signals: true } });
    const never = program.ask('/never').catch((error: Error) => error.message);
    await program.ask('/');
    program.kill('SIGTERM');
    while (
      await program.ask('/').then(
        () => true,
        () => false,
      )
    )
      continue;
    program.kill('SIGTERM');
    expect(await program.exited()).toEqual([143, null]);
    await never;
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
