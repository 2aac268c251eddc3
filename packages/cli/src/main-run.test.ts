import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunSummary } from '@needletail/load/summary';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDemoTarget, type DemoTarget } from './demo-target/demo-target.ts';

// Whole runs of the built command against a target in this process, which counts what reaches it. A busy machine may
// make a run invalid, so these tests compare the exit code with the verdict instead of asking for a pass.
const bin = fileURLToPath(new URL('../bin/needletail.js', import.meta.url));
const exitCodeOf = { pass: 0, fail: 1, invalid: 3 };
let target: DemoTarget;
let directory: string;

beforeAll(async () => {
  target = await startDemoTarget();
  directory = await mkdtemp(join(tmpdir(), 'needletail-'));
});
afterAll(async () => {
  await target.close({ graceMs: 0 });
  await rm(directory, { recursive: true });
});

async function schemaProblems(summary: RunSummary): Promise<string> {
  const file = new URL('../../report/schema/needletail.run-1.schema.json', import.meta.url);
  const ajv = new Ajv2020({ allowUnionTypes: true });
  const validate = ajv.compile(JSON.parse(await readFile(file, 'utf8')) as object);
  validate(summary);
  return ajv.errorsText(validate.errors);
}

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command; `meanwhile` sees standard error as it comes and may send signals. */
function needletail(
  argv: readonly string[],
  meanwhile?: (stderr: string, kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Ended> {
  const child = spawn(process.execPath, [bin, ...argv], { cwd: directory });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    meanwhile?.(stderr, (signal) => child.kill(signal));
  });
  return new Promise((resolve) => {
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
}

describe('needletail <url>', () => {
  it('sends exactly the requests it reports, and leaves only JSON on standard output', async () => {
    const before = target.counts().requests;
    const run = await needletail([`${target.url}/json`, '-n', '200', '-c', '4', '--json', '-']);
    const summary = JSON.parse(run.stdout) as RunSummary;
    expect(summary.ledger).toMatchObject({ scheduled: 200, ok: 200, inFlight: 0 });
    expect(target.counts().requests - before).toBe(200);
    expect(await schemaProblems(summary)).toBe('No errors');
    expect(run.status).toBe(exitCodeOf[summary.verdict.status]);
    expect(run.stderr).toContain('200 scheduled = 200 ok');
  });

  it('fails a target that answers 500, and says so on standard error', async () => {
    const run = await needletail([`${target.url}/status/500`, '-n', '50', '-c', '2']);
    expect([1, 3]).toContain(run.status);
    expect(run.stdout).toMatch(/✗ {2}error rate < 1% {2}100%/);
    expect(run.stderr).toMatch(/^needletail: (fail|invalid): .*"error rate < 1%" was not met/m);
  });

  it('exits 3 when nothing could be reached', async () => {
    const closed = await startDemoTarget();
    await closed.close();
    const run = await needletail([closed.url, '-d', '2s', '-c', '2', '--quiet']);
    expect([run.status, run.stdout]).toEqual([3, '']);
    expect(run.stderr).toMatch(/^needletail: invalid: Nothing could be reached.*\n$/);
  });

  it('writes every report it was asked for', async () => {
    const files = ['--json', 'run.json', '--csv', 'run.csv', '--hgrm', 'run.hgrm'];
    await needletail([`${target.url}/json`, '-R', '100', '-d', '1s', ...files]);
    const read = (name: string) => readFile(join(directory, name), 'utf8');
    const { ledger, latencyMs } = JSON.parse(await read('run.json')) as RunSummary;
    expect(ledger.scheduled).toBe(100);
    expect((await read('run.csv')).split('\n')[1]).toMatch(/^1[.\d]*,\d+,\d+,0,/);
    expect(await read('run.hgrm')).toMatch(new RegExp(`Total count\\s*=\\s*${latencyMs.count}`));
  });

  it('drains at the first Ctrl-C, reports, and exits 130', async () => {
    const run = await needletail([`${target.url}/json`, '-c', '2', '-d', '30s'], (stderr, kill) => {
      if (stderr.includes('ok ')) kill('SIGINT');
    });
    expect(run.status).toBe(130);
    expect(run.stdout).toContain('interrupted after');
  });

  it('exits at once at the second', async () => {
    const slow = [`${target.url}/broken/hang`, '-c', '2', '-d', '30s', '--timeout', '30s'];
    let signals = 0;
    const run = await needletail(slow, (stderr, kill) => {
      if (!stderr.includes('ok ') || signals > 0) return;
      signals = 1;
      kill('SIGTERM');
      setTimeout(() => kill('SIGTERM'), 200);
    });
    expect([run.status, run.stdout]).toEqual([143, '']);
  });

  it('starts a target, loads it and stops it', async () => {
    const other = await startDemoTarget();
    await other.close();
    const argv = ['--on-port', String(other.port), '-n', '50', '-c', '2', '--json', '-'];
    const run = await needletail([
      ...argv,
      '--',
      process.execPath,
      bin,
      'serve',
      '--port',
      String(other.port),
    ]);
    expect((JSON.parse(run.stdout) as RunSummary).ledger.ok).toBe(50);
    await expect(fetch(other.url)).rejects.toThrow('fetch failed');
  });
});

describe('needletail run', () => {
  it('runs a plan, its flags overriding it', async () => {
    const plan = `
target: ${target.url}
requests:
  - { path: /json, weight: 3 }
  - { path: '/users/{{id}}' }
load: { users: 2, requests: 1000 }
vars: { id: 1 }
`;
    await writeFile(join(directory, 'plan.yaml'), plan);
    const run = await needletail(['run', 'plan.yaml', '-n', '80', '-e', 'id=7', '--json', '-']);
    const summary = JSON.parse(run.stdout) as RunSummary;
    expect(summary.ledger.scheduled).toBe(80);
    expect(summary.endpoints.map(({ name }) => name)).toEqual(['GET /json', 'GET /users/7']);
  });

  it('points at what is wrong in a plan and exits 2', async () => {
    await writeFile(join(directory, 'bad.yaml'), `target: ${target.url}\nlaod: { users: 2 }\n`);
    const run = await needletail(['run', 'bad.yaml']);
    expect([run.status, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toMatch(/bad\.yaml:2:1/);
    expect(run.stderr).toContain('load');
  });

  it('says which file it could not read', async () => {
    const run = await needletail(['run', 'missing.yaml']);
    expect(run.status).toBe(2);
    expect(run.stderr).toBe(
      'needletail: Cannot read the plan: no such file (missing.yaml). Check the path.\n',
    );
  });
});

describe('needletail demo', () => {
  it('loads a target of its own and says where the reports are', async () => {
    const run = await needletail(['demo']);
    const summary = JSON.parse(
      await readFile(join(directory, 'needletail-demo.json'), 'utf8'),
    ) as RunSummary;
    expect(run.status).toBe(exitCodeOf[summary.verdict.status]);
    expect(summary.ledger).toMatchObject({ scheduled: 3200, failed: 0, timedOut: 0 });
    expect(run.stderr).toContain('needletail-demo.hgrm');
    expect(run.stdout).toContain('Endpoints');
  });
});
