import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunSummary } from '@needletail/load/summary';
import { expect } from 'vitest';

/** The command as people run it: the built files, in a process of its own. */
const bin = fileURLToPath(new URL('../../bin/needletail.js', import.meta.url));

/** How a process ended and what it wrote. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
}

export interface Surroundings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs as a user for whom permissions count, also when the tests run as root. */
  readonly unprivileged?: boolean;
  /** Sees standard error as it comes, and may send signals. */
  readonly meanwhile?: (stderr: string, child: ChildProcess) => void;
}

/** More at a time would measure each other on a small machine. */
const mostAtOnce = 3;
const nobody = 65_534;
const waiting: (() => void)[] = [];
let running = 0;

export function needletail(argv: readonly string[], around: Surroundings = {}): Promise<Ended> {
  return execute([process.execPath, bin, ...argv], around);
}

/** Runs a script of bash in which `$needletail` is the command. */
export function shell(script: string, around: Surroundings = {}): Promise<Ended> {
  return execute(['bash', '-c', script], {
    ...around,
    env: { ...around.env, needletail: `${process.execPath} ${bin}` },
  });
}

async function execute(command: readonly string[], around: Surroundings): Promise<Ended> {
  if (running >= mostAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await finished(command, around);
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

function finished(
  [program, ...argv]: readonly string[],
  { cwd, env, unprivileged, meanwhile }: Surroundings,
): Promise<Ended> {
  const startedAt = performance.now();
  const child = spawn(program, argv, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(unprivileged === true && isRoot() ? { uid: nobody, gid: nobody } : {}),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    meanwhile?.(stderr, child);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) =>
      resolve({ status, stdout, stderr, tookMs: performance.now() - startedAt }),
    );
  });
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** A directory for one test file, readable by everybody. */
export class Scratch {
  readonly path: string = mkdtempSync(join(tmpdir(), 'needletail-'));

  constructor() {
    chmodSync(this.path, 0o755);
  }

  write(name: string, content: string | Uint8Array, mode = 0o644): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The command refused: exit code 2, nothing on standard output, and one sentence with its remedy. */
export function expectRefusal(ended: Ended, message: RegExp): void {
  expect(ended.stderr).toMatch(message);
  expect(ended.stderr).toMatch(/^needletail: [A-Z][^:]*: .+[.?]\n/);
  expect(ended.stderr).not.toMatch(/Unexpected failure|\n\s+at /);
  expect([ended.status, ended.stdout]).toEqual([2, '']);
}

/** The summary of a run with `--json -`, its ledger checked. */
export function summaryOf({ stdout }: Pick<Ended, 'stdout'>): RunSummary {
  const summary = JSON.parse(stdout) as RunSummary;
  const { scheduled, ok, failed, timedOut, dropped, inFlight } = summary.ledger;
  expect(ok + failed + timedOut + dropped + inFlight).toBe(scheduled);
  const told = summary.failures.reduce((total, { count }) => total + count, 0);
  expect(told).toBe(failed + timedOut);
  return summary;
}
