import { describe, expect, it } from 'vitest';
import { expectBalance, type ScenarioRun, folder, shop, useShop } from './scenario-runs.fixture.ts';

// Whole runs of the built command on scenarios that wear their thread out: the run ends, says why, and keeps what it measured.
useShop();

const reasonsOf = ({ summary }: ScenarioRun): string => summary.verdict.reasons.join('\n');

/** What the shop answered is in the report, and what it did not answer was left open. */
function expectKept({ summary }: ScenarioRun): void {
  expectBalance(summary);
  expect(summary.ended).toBe('aborted');
  expect(summary.ledger.ok).toBeGreaterThan(0);
  expect(summary.ledger.scheduled).toBeGreaterThanOrEqual(shop.seen.length);
  expect(summary.ledger.ok).toBeLessThanOrEqual(shop.seen.length);
  expect(summary.verdict.status).not.toBe('pass');
}

const leaking = (
  what: string,
  duration: string,
): string => `import { defineLoad } from 'needletail';
const kept: unknown[] = [];
export default defineLoad({
  target: 'TARGET',
  load: { users: 2, duration: '${duration}' },
  async user({ http, think }) {
    kept.push(${what});
    await http.get('/json');
    await think('5ms');
  },
});`;

describe('needletail run <scenario>, memory', () => {
  it.each([
    ['objects', 'new Array<number>(100_000).fill(0.5)'],
    ['buffers, which are outside of the heap', 'Buffer.alloc(1_000_000, 1)'],
  ])('tells of a leak of %s', { timeout: 60_000 }, async (_, what) => {
    const ran = await folder.run(leaking(what, '3s'));
    expectBalance(ran.summary);
    expect(reasonsOf(ran)).toMatch(/The scripts leaked: they held \d+ MB more at the end/);
  });

  it('says nothing of one that gives back what it takes', { timeout: 60_000 }, async () => {
    const tidy = leaking('Buffer.alloc(1_000_000, 1)', '3s').replace('kept.push(', 'kept.fill(');
    const ran = await folder.run(tidy);
    expect(reasonsOf(ran)).not.toContain('leaked');
  });

  it('keeps what was measured when memory runs out', { timeout: 60_000 }, async () => {
    const ran = await folder.run(
      leaking('new Array<number>(100_000).fill(0.5)', '30s'),
      ['--no-typecheck'],
      { NODE_OPTIONS: '--max-old-space-size=100' },
    );
    expectKept(ran);
    expect(reasonsOf(ran)).toMatch(/Scenario "user" ran out of memory: .* Look for lists and maps/);
  });
});

describe('needletail run <scenario>, a thread that is gone or hangs', () => {
  it('keeps what was measured when a scenario ends its process', async () => {
    const ran = await folder.run(`import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  load: { users: 2, duration: '20s' },
  scenarios: {
    quitter: {
      async user({ http, iteration }) {
        await http.get('/json');
        if (iteration === 20) process.exit(0);
      },
    },
  },
});`);
    expectKept(ran);
    expect(reasonsOf(ran)).toMatch(/Scenario "quitter" ended its thread: .* Use stop\(\)/);
  });

  // Elsewhere the command waits for the process that its scenario waits for.
  it.skipIf(process.platform !== 'linux')(
    'ends with a scenario that waits for a process',
    { timeout: 100_000 },
    async () => {
      const ran = await folder.run(`import { execSync } from 'node:child_process';
import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  load: { users: 2, duration: '20s' },
  scenarios: {
    sleeper: {
      async user({ http, iteration }) {
        await http.get('/json');
        if (iteration === 20) execSync('sleep 600; true');
      },
    },
  },
});`);
      expectKept(ran);
      expect(reasonsOf(ran)).toMatch(/Scenario "sleeper" hung: .*a call that blocks \(execSync\)/);
    },
  );

  it.each([
    ['a loop of calls', 'for (let n = 0; n >= 0; n = Math.abs(Math.sin(n))) used(n);'],
    ['an empty loop', 'for (;;);'],
    ['an expression that backtracks', "/^(a+)+$/.exec('a'.repeat(200) + 'b');"],
  ])('tells the line of %s', { timeout: 60_000 }, async (_, loop) => {
    await folder.write(
      'busy/stock.ts',
      `let seen = 0;
function used(n: number): void {
  seen += n;
}

export function count(): void {
  used(1);
  ${loop}
}
`,
    );
    const ran = await folder.run(`import { defineLoad } from 'needletail';
import { count } from './busy/stock.ts';
export default defineLoad({
  target: 'TARGET',
  load: { users: 1, duration: '20s' },
  scenarios: {
    harmless: { weight: 1, user: ({ http }) => http.get('/json') },
    spinner: {
      weight: 1,
      async user({ http, iteration }) {
        await http.get('/json');
        if (iteration > 3) count();
      },
    },
  },
});`);
    expectKept(ran);
    const [, line] = /Scenario "spinner" hung: .*busy\/stock\.ts:(\d+)/.exec(reasonsOf(ran)) ?? [];
    expect(['3', '8'], reasonsOf(ran)).toContain(line);
  });
});
