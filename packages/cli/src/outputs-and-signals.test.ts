import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaultyServer, startFaultyServer } from '@needletail/testkit/faulty-server';
import type { RunSummary } from '@needletail/load/summary';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  expectRefusal,
  needletail,
  Scratch,
  shell,
  type Surroundings,
  summaryOf,
} from './process/needletail.fixture.ts';

const scratch = new Scratch();
let server: FaultyServer;
beforeAll(async () => {
  server = await startFaultyServer();
});
afterAll(async () => {
  await server.close();
  scratch.remove();
});

const short = ['-n', '20', '-c', '2', '--no-live'];

describe.concurrent('needletail with a report that cannot be written', () => {
  it.for([
    ['missing/run.json', /its directory does not exist .* Choose another file\./],
    ['.', /it is a directory/],
    ['file/run.json', /a part of its path is not a directory/],
    [`${'x'.repeat(300)}.json`, /the name is too long/],
  ] as const)('refuses %s before it sends anything', async ([path, reason]) => {
    scratch.write('file', '');
    const argv = [`${server.url}/ok?before`, ...short, '--json', path];
    expectRefusal(
      await needletail(argv, { cwd: scratch.path }),
      new RegExp(`Cannot write the report: ${reason.source}`),
    );
    expect(server.arrivals.some((arrival) => arrival.path === '/ok?before')).toBe(false);
  });

  it.runIf(process.platform === 'linux')('refuses a directory it may not write to', async () => {
    const argv = [`${server.url}/ok`, ...short, '--csv', 'run.csv'];
    expectRefusal(
      await needletail(argv, { cwd: scratch.path, unprivileged: true }),
      /Cannot write the report: permission denied \(.*run\.csv\)/,
    );
  });

  it.runIf(process.platform === 'linux')(
    'prints the summary all the same when the disk is full',
    async () => {
      const ended = await needletail([`${server.url}/ok`, ...short, '--json', '/dev/full']);
      expect(ended.stdout).toContain('20 scheduled = 20 ok');
      expect(ended.stderr).toMatch(/Cannot write the report: the disk is full \(\/dev\/full\)/);
      expect(ended.status).toBe(2);
    },
  );
});

describe.concurrent('needletail and its two outputs', () => {
  it('leaves nothing but the JSON on standard output with --json -', async () => {
    const ended = await needletail([`${server.url}/ok`, '-d', '1200ms', '-c', '2', '--json', '-']);
    expect(ended.stdout).toMatch(/^\{[\s\S]*\}\n$/);
    expect(summaryOf(ended).ledger.ok).toBeGreaterThan(0);
    expect(ended.stderr).toMatch(/^ {3}1s /m);
    expect(ended.stderr).toContain('Verdict');
  });

  it('says one line with --quiet, and writes the files', async () => {
    const argv = [`${server.url}/ok`, ...short, '--quiet', '--json', 'quiet.json'];
    const ended = await needletail(argv, { cwd: scratch.path });
    expect([ended.status, ended.stdout]).toEqual([0, '']);
    expect(ended.stderr).toMatch(/^needletail: pass: [\d,]+ requests\/s, p99 .+\n$/);
    summaryOf({ stdout: readFileSync(join(scratch.path, 'quiet.json'), 'utf8') });
    expect(readdirSync(scratch.path).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('colours what it is told to, and nothing with NO_COLOR', async () => {
    const argv = [`${server.url}/status/500`, ...short];
    const coloured = await needletail(argv, { env: { NO_COLOR: '', FORCE_COLOR: '1' } });
    expect(coloured.stdout).toContain('\u001b[');
    const plain = await needletail(argv, { env: { NO_COLOR: '1', FORCE_COLOR: '1' } });
    expect(plain.stdout).toContain('Verdict');
    expect(plain.stdout + plain.stderr).not.toContain('\u001b');
  });

  it.for(['--no-live', '--json -'])('does not mind a reader that leaves (%s)', async (flag) => {
    const url = `${server.url}/ok`;
    const script = `set -o pipefail; $needletail ${url} -n 20 -c 2 ${flag} | head -c 1 | wc -c`;
    const ended = await shell(script);
    expect([ended.status, ended.stdout.trim()]).toEqual([0, '1']);
    expect(ended.stderr).not.toMatch(/EPIPE|Unexpected/);
  });
});

/** Acts once, when the first line of progress has been printed. */
function afterFirstSecond(
  act: (child: ChildProcess) => unknown,
): NonNullable<Surroundings['meanwhile']> {
  let acted = false;
  return (stderr, child) => {
    if (acted || !/^ {3}1s /m.test(stderr)) return;
    acted = true;
    act(child);
  };
}

describe.concurrent('needletail when it is interrupted', () => {
  const endless = ['-c', '2', '-d', '60s', '--timeout', '60s', '--no-live'];

  it.for([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('drains at %s, reports what ran, and exits %i', async ([signal, code]) => {
    const file = `${signal}.json`;
    const ended = await needletail([`${server.url}/delay/20`, ...endless, '--json', file], {
      cwd: scratch.path,
      meanwhile: afterFirstSecond((child) => child.kill(signal)),
    });
    expect(ended.status).toBe(code);
    expect(ended.stdout).toMatch(/interrupted after .*: the figures cover what was run/);
    const summary = summaryOf({ stdout: readFileSync(join(scratch.path, file), 'utf8') });
    expect(summary).toMatchObject({ ended: 'interrupted', ledger: { failed: 0, inFlight: 0 } });
    expect(summary.ledger.ok).toBeGreaterThan(10);
  });

  it('counts as in flight what is not answered while it drains', async () => {
    const ended = await needletail([`${server.url}/hang`, ...endless, '--json', '-'], {
      meanwhile: afterFirstSecond((child) => child.kill('SIGINT')),
    });
    expect(ended.status).toBe(130);
    const { ledger } = JSON.parse(ended.stdout) as RunSummary;
    expect(ledger).toMatchObject({ scheduled: 2, ok: 0, inFlight: 2 });
    expect(ended.tookMs).toBeLessThan(10_000);
  });

  it('ends at once at the second Ctrl-C', async () => {
    let secondAt = Infinity;
    const ended = await needletail([`${server.url}/hang`, ...endless], {
      meanwhile: afterFirstSecond((child) => {
        child.kill('SIGINT');
        setTimeout(() => {
          secondAt = performance.now();
          child.kill('SIGINT');
        }, 100);
      }),
    });
    expect(ended.status).toBe(130);
    expect(ended.stdout).toBe('');
    expect(performance.now() - secondAt).toBeLessThan(1000);
  });
});
