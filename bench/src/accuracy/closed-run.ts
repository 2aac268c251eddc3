import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireCommand } from '../compare/nginx.ts';
import { runCommand } from './command.ts';
import { rankOf } from './sample-statistics.ts';

/** What a closed run of 50 connections came to. */
export interface ClosedRun {
  readonly requestsPerSecond: number;
  readonly p90Ms: number;
}

export type ClosedRunner = (url: string, seconds: number) => Promise<ClosedRun>;

const CONNECTIONS = '50';

export const runNeedletail: ClosedRunner = async (url, seconds) => {
  const args = [url, '-c', CONNECTIONS, '-d', `${seconds}s`, '--threshold', 'none'];
  const { summary } = await runCommand(args);
  return {
    requestsPerSecond: summary.throughput.requestsPerSecond,
    p90Ms: summary.latencyMs.p90,
  };
};

export const runWrk: ClosedRunner = (url, seconds) => {
  const output = outputOf('wrk', ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--latency', url]);
  const [, p90, unit] = /90%\s+([\d.]+)(us|ms|s)\b/.exec(output)!;
  return Promise.resolve({
    requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)![1]),
    p90Ms: Number(p90) * { us: 0.001, ms: 1, s: 1000 }[unit as 'us' | 'ms' | 's'],
  });
};

/** Prints no percentiles in the version that distributions carry, but can write every request to a file. */
export const runH2load: ClosedRunner = (url, seconds) => {
  const folder = mkdtempSync(join(tmpdir(), 'needletail-h2load-'));
  try {
    const log = join(folder, 'requests.tsv');
    const args = [
      '--h1',
      '-t1',
      '-c',
      CONNECTIONS,
      '-D',
      String(seconds),
      `--log-file=${log}`,
      url,
    ];
    const output = outputOf('h2load', args);
    const micros = readFileSync(log, 'latin1')
      .trimEnd()
      .split('\n')
      .map((line) => Number(line.split('\t')[2]));
    return Promise.resolve({
      requestsPerSecond: Number(/([\d.]+) req\/s/.exec(output)![1]),
      p90Ms: rankOf(Float64Array.from(micros).toSorted(), 0.9) / 1000,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

function outputOf(program: string, args: readonly string[]): string {
  requireCommand(program);
  const ran = spawnSync(program, args, { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`${program} ended with ${ran.status}:\n${ran.stderr}`);
  return ran.stdout;
}
