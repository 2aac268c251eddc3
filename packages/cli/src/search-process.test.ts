import { startFaultyServer, type FaultyServer } from '@needletail/testkit/faulty-server';
import type { StressSummary } from '@needletail/load/search';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needletail } from './process/needletail.fixture.ts';

let server: FaultyServer;
beforeAll(async () => {
  server = await startFaultyServer();
});
afterAll(() => server.close());

describe.concurrent('needletail stress, as a process', () => {
  it(
    'reports what it found and exits 130 when it is interrupted',
    { timeout: 20_000 },
    async () => {
      let interrupted = false;
      const argv = ['stress', `${server.url}/ok`, '--scenario', 'linear-overload'];
      const steps = ['--initial-users', '1', '--step-users', '1', '--step-interval', '1s'];
      const ended = await needletail(
        [...argv, ...steps, '--json', '-', '--threshold', 'p95 < 9s'],
        {
          meanwhile(stderr, child) {
            if (interrupted || !stderr.includes('level 2 ')) return;
            interrupted = true;
            child.kill('SIGINT');
          },
        },
      );
      expect(ended.status).toBe(130);
      const summary = JSON.parse(ended.stdout) as StressSummary;
      expect(summary).toMatchObject({ ended: 'interrupted', maxSustainable: 1, steps: 1 });
      expect(ended.stderr).toContain('The search was interrupted; what it found so far is shown.');
    },
  );

  it('exits 3 when nothing can be reached', { timeout: 20_000 }, async () => {
    const ended = await needletail(['stress', 'http://127.0.0.1:9/']);
    expect(ended.status).toBe(3);
    expect(ended.stderr).toMatch(/needletail: invalid: Nothing could be reached/);
  });

  it('shows its flags, and no flag of a load that it decides itself', async () => {
    const { stdout, status } = await needletail(['stress', '--help']);
    expect(status).toBe(0);
    expect(stdout).toContain('--max-rate');
    expect(stdout).not.toMatch(/--stage|--requests|-d, --duration/);
  });
});
