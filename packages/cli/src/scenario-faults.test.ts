import type { RunSummary } from '@needletail/load/summary';
import { describe, expect, it } from 'vitest';
import { needletail } from './process/needletail.fixture.ts';
import { exitCodeOf, expectBalance, folder, shop, useShop } from './scenario-runs.fixture.ts';

// Whole runs of the built command on scenario files, against a shop that keeps its own books: what the report says is held
// against them.
useShop();

describe('needletail run <scenario>: what goes wrong while it runs', () => {
  it('fails the iteration that throws, and shows its stack once with its count', async () => {
    const { summary, status, stderr } = await folder.run(
      `import { defineLoad } from 'needletail';

function pick(iteration: number): number {
  if (iteration % 2 === 1) throw new Error('no luck today');
  return iteration;
}

export default defineLoad({
  target: 'TARGET',
  load: { users: 2, iterations: 10 },
  user: async ({ http, iteration }) => {
    await http.get('/json');
    pick(iteration);
  },
});`,
    );
    expectBalance(summary);
    expect(summary.iterations).toMatchObject({ scheduled: 10, ok: 5, failed: 5 });
    expect(summary.ledger).toMatchObject({ scheduled: 10, ok: 10 });
    const [error] = summary.scriptErrors;
    expect(error).toMatchObject({ count: 5, unhandled: false });
    expect(error!.message).toContain('no luck today');
    expect(error!.stack[0]).toMatch(/pick .*load\.ts:4:/);
    expect(stderr.match(/at pick \(/g)).toHaveLength(1);
    expect(status).toBe(exitCodeOf[summary.verdict.status]);
    expect(summary.verdict.status).not.toBe('pass');
  });

  it('turns a request whose check failed from ok to failed, once', async () => {
    const { summary } = await folder.run(`import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  load: { users: 1, iterations: 4 },
  async user({ http, check, iteration }) {
    const answer = await http.get('/json');
    const held = check(answer, {
      'is even': () => iteration % 2 === 0,
      'is never': () => false,
    });
    check(answer, { 'is never again': () => false });
    if (held) throw new Error('check gave true');
  },
});`);
    expectBalance(summary);
    expect(summary.ledger).toMatchObject({ scheduled: 4, ok: 0, failed: 4 });
    expect(summary.checks).toEqual([
      { name: 'is even', passed: 2, failed: 2 },
      { name: 'is never', passed: 0, failed: 4 },
      { name: 'is never again', passed: 0, failed: 4 },
    ]);
    const checks = summary.failures.filter(({ kind }) => kind === 'check');
    expect(checks.reduce((sum, { count }) => sum + count, 0)).toBe(4);
    expect(summary.iterations).toMatchObject({ ok: 4 });
  });

  it('ends the run at stop(), and fails an iteration at fail()', async () => {
    const { summary } = await folder.run(`import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  load: { users: 1, duration: '20s' },
  async user({ http, fail, stop, iteration }) {
    await http.get('/json');
    if (iteration === 2) fail('not this one');
    if (iteration === 5) stop('enough');
  },
});`);
    expectBalance(summary);
    expect(summary.durationMs).toBeLessThan(5000);
    expect(summary.iterations!.failed).toBe(1);
    expect(JSON.stringify(summary)).toContain('not this one');
    expect(JSON.stringify(summary.verdict.reasons)).toContain('enough');
  });

  it(
    'names the scenario that hangs, and keeps what was measured',
    { timeout: 60_000 },
    async () => {
      const { summary, status } = await folder.run(
        `import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  load: { users: 1, duration: '2s' },
  scenarios: {
    spinner: {
      user: async ({ http, iteration }) => {
        await http.get('/json');
        if (iteration === 3) for (;;);
      },
    },
  },
});`,
      );
      expect(summary.ledger.ok).toBe(4);
      expect(JSON.stringify(summary.verdict.reasons)).toContain('spinner');
      expect(status).toBe(1);
    },
  );

  it('fails a run with an unhandled rejection', async () => {
    const { summary, status } = await folder.run(`import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  load: { users: 1, iterations: 3 },
  async user({ http, iteration }) {
    if (iteration === 1) void Promise.reject(new Error('nobody awaited this'));
    await http.get('/json');
  },
});`);
    expect(summary.ledger).toMatchObject({ scheduled: 3, ok: 3 });
    expect(summary.scriptErrors).toMatchObject([{ count: 1, unhandled: true }]);
    expect(summary.verdict.status).not.toBe('pass');
    expect(status).toBe(exitCodeOf[summary.verdict.status]);
  });

  it('says which feed ran out', async () => {
    await folder.write('few.csv', 'name\nann\nbob\n');
    const { summary, stderr } = await folder.run(`import { defineLoad, feed } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  load: { users: 1, iterations: 5 },
  data: feed<{ name: string }>('few.csv', { pick: 'unique' }),
  user: ({ http, data }) => http.get(\`/hello?name=\${data.name}\`),
});`);
    expect(shop.seen.map(({ line }) => line)).toEqual([
      'GET /hello?name=ann',
      'GET /hello?name=bob',
    ]);
    expect(JSON.stringify(summary.verdict.reasons) + stderr).toMatch(/few\.csv.*ran out/i);
  });

  it('fails the iteration that asks for a column its feed does not have', async () => {
    await folder.write('few.csv', 'name\nann\n');
    const { summary, stderr } = await folder.run(`import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  load: { users: 1, iterations: 1 },
  data: 'few.csv',
  user: ({ http, data }) => http.get(\`/hello?name=\${data.nmae}\`),
});`);
    expect(summary.iterations).toMatchObject({ failed: 1 });
    expect(summary.scriptErrors[0]!.message).toMatch(/^Unknown column: "nmae".*name/);
    expect(stderr).toMatch(/Unknown column: "nmae" .* \(load\.ts:6:\d+\)/);
    expect(shop.seen).toHaveLength(0);
  });

  it('reports what was measured when interrupted', async () => {
    await folder.write(
      'long.ts',
      `import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  load: { users: 2, duration: '60s' },
  user: async ({ http, think }) => { await http.get('/json'); await think('20ms'); },
});`,
    );
    let isSent = false;
    const ended = await needletail(['run', 'long.ts', '--json', '-'], {
      cwd: folder.path,
      meanwhile: (stderr, child) => {
        if (isSent || !/^\s*1s /m.test(stderr)) return;
        isSent = true;
        child.kill('SIGINT');
      },
    });
    expect(ended.status).toBe(130);
    const summary = JSON.parse(ended.stdout) as RunSummary;
    expectBalance(summary);
    expect(summary.ended).toBe('interrupted');
    expect(summary.ledger.ok + summary.ledger.inFlight).toBe(shop.seen.length);
  });
});
