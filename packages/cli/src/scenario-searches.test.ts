import { fileURLToPath } from 'node:url';
import type { StressSummary, SweepSummary } from '@needletail/load/search';
import { beforeAll, describe, expect, it } from 'vitest';
import { needletail, type Ended } from './process/needletail.fixture.ts';
import { exitCodeOf, folder, shop, useShop } from './scenario-runs.fixture.ts';

// The searches of the built command on scenario files, short ones: their levels are in users, or in iterations per second.
useShop();
beforeAll(() => folder.write('load.ts', visit('')));

/** Two requests an iteration. */
const visit = (more: string): string => `import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  load: { users: 7, duration: '1m' },
  async user({ http, check, iteration }) {
    const cart = await http.post('/cart', { json: { iteration } });
    check(cart, { created: (r) => r.status === 201 });
    ${more}
    await http.get('/json');
  },
});`;

/** The words of a command line, and thresholds. */
async function search<Summary>(
  words: string,
  ...thresholds: readonly string[]
): Promise<Ended & { summary: Summary }> {
  const judged = thresholds.flatMap((threshold) => ['--threshold', threshold]);
  const ended = await needletail([...words.split(' '), ...judged, '--json', '-'], {
    cwd: folder.path,
  });
  if (!ended.stdout.startsWith('{')) throw new Error(`no summary:\n${ended.stderr}`);
  return { ...ended, summary: JSON.parse(ended.stdout) as Summary };
}

/** On a machine that keeps the generator from its processor, levels are not judged. */
const reached = ({ verdict, maxSustainable }: StressSummary, most: number): number | null =>
  verdict.status === 'invalid' ? maxSustainable : most;

const climb =
  '--scenario linear-overload --initial-users 1 --step-users 2 --max-users 5 --step-interval 1s --recovery-limit 0';

describe('needletail stress <scenario>', () => {
  it('adds users level by level, each of which runs iterations', { timeout: 60_000 }, async () => {
    const { summary, status } = await search<StressSummary>(
      `stress load.ts ${climb}`,
      'p95 < 9s',
      'checks > 99%',
    );
    expect(summary).toMatchObject({ schema: 'needletail.stress/1', unit: 'users', steps: 3 });
    expect(summary.levels.map(({ amount }) => amount)).toEqual([1, 3, 5]);
    expect(summary.maxSustainable).toBe(reached(summary, 5));
    const carts = shop.linesOf('POST /cart').length;
    // What is under way at the end of a level has no second request.
    expect(carts - shop.linesOf('GET /json').length).toBeLessThanOrEqual(1 + 3 + 5);
    expect(carts).toBeGreaterThan(3);
    expect(status).toBe(exitCodeOf[summary.verdict.status]);
  });

  it('searches the highest rate of iterations that holds', { timeout: 90_000 }, async () => {
    const { summary, status } = await search<StressSummary>(
      'stress load.ts --start-rate 10 --max-rate 40 --step-duration 2s --max-steps 6 --recovery-limit 0',
      'p95 < 9s',
    );
    expect(summary).toMatchObject({ unit: 'iterations/s', settings: { scenario: 'breakpoint' } });
    expect(summary.levels[0]!.amount).toBe(10);
    expect(summary.maxSustainable).toBe(reached(summary, 40));
    expect(status).toBe(exitCodeOf[summary.verdict.status]);
  });

  it(
    'breaks by the objectives of the file, and by errors of its code',
    { timeout: 60_000 },
    async () => {
      await folder.write(
        'broken.ts',
        visit("if (iteration % 2 === 0) throw new Error('no luck');"),
      );
      const { summary, status } = await search<StressSummary>(`stress broken.ts ${climb}`);
      const [first] = summary.levels;
      const broken = first!.broken.map(({ objective }) => objective);
      expect([first!.amount, broken]).toEqual([1, ['iteration error rate < 1%']]);
      expect(summary.maxSustainable).toBeNull();
      expect(status).toBe(exitCodeOf[summary.verdict.status]);
      expect(status).not.toBe(0);
    },
  );
});

describe('needletail stress <scenario>, what is sent', () => {
  // Its server, of which the scenario takes care itself, echoes every message.
  const echo = fileURLToPath(
    new URL('../../../examples/scenarios/servers/echo-server.ts', import.meta.url),
  );
  const mixed = `import { defineLoad } from 'needletail';
import { startEchoServer } from ${JSON.stringify(echo)};
let server: Awaited<ReturnType<typeof startEchoServer>> | null = null;
export default defineLoad({
  target: 'TARGET',
  thresholds: ['p95 < 9s', 'error rate < 1%'],
  async setup() {
    server = await startEchoServer();
    return { url: \`ws://127.0.0.1:\${server.port}/chat\` };
  },
  scenarios: {
    get: { weight: 2, user: ({ http }) => http.get('/json') },
    post: { weight: 1, user: ({ http, iteration }) => http.post('/cart', { json: { iteration } }) },
    chat: {
      weight: 1,
      async user({ http, shared, fail }) {
        const socket = await http.websocket(shared.url);
        if ((await socket.ask('hello')) !== 'hello') fail('no echo');
        await socket.close();
      },
    },
  },
  teardown: () => server?.close(),
});`;

  it('mixes GETs, POSTs and WebSockets by weight', { timeout: 60_000 }, async () => {
    await folder.write('mixed.ts', mixed);
    const { summary, status } = await search<StressSummary>(`stress mixed.ts ${climb}`);
    expect(summary.levels.map(({ amount }) => amount)).toEqual([1, 3, 5]);
    for (const { errorPercent } of summary.levels) expect(errorPercent).toBe(0);
    const gets = shop.linesOf('GET /json').length;
    const posts = shop.linesOf('POST /cart').length;
    const sent = summary.levels.reduce((sum, { ledger }) => sum + ledger.scheduled, 0);
    expect(gets).toBeGreaterThan(posts);
    expect(posts).toBeGreaterThan(0);
    // A handshake and a question each are requests of the ledger, and not of the shop.
    expect(sent).toBeGreaterThan(gets + posts);
    expect(status).toBe(exitCodeOf[summary.verdict.status]);
  });
});

describe('needletail sweep <scenario>', () => {
  it.each([
    ['users', '--users 1,4', 'users', [1, 4]],
    ['rates of iterations', '--rates 20,60', 'iterations/s', [20, 60]],
  ])('runs it at several %s', { timeout: 60_000 }, async (_, levels, unit, amounts) => {
    const { summary, status } = await search<SweepSummary>(
      `sweep load.ts ${levels} --step-duration 1s`,
    );
    expect(summary).toMatchObject({ schema: 'needletail.sweep/1', unit });
    expect(summary.points.map(({ amount }) => amount)).toEqual(amounts);
    expect(shop.linesOf('POST /cart').length).toBeGreaterThan(5);
    expect(status).toBe(exitCodeOf[summary.verdict.status]);
  });
});

const own = `import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  scenarios: {
    a: { load: { users: 1 }, user: ({ http }) => http.get('/a') },
    b: { load: { users: 1 }, user: ({ http }) => http.get('/b') },
  },
});`;
const faulty = `import { defineLoad } from 'needletail';
const users: number = 'many';
export default defineLoad({ target: 'TARGET', load: { users }, user: () => {} });`;

describe.concurrent.each(['stress', 'sweep'])('needletail %s <scenario>, bad input', (command) => {
  it.each([
    ['own.ts', own, [], /Not searchable: its scenarios have loads of their own.* \(own\.ts\)/],
    ['faulty.ts', faulty, [], /Type error: .*faulty\.ts:2:7\)/],
    ['empty.ts', 'export {};\n', [], /Not a scenario: there is no default export \(empty\.ts\)/],
    ['nowhere.ts', null, [], /Scenario not read: there is no such file \(nowhere\.ts\)/],
    ['load.ts', null, ['--threshold', 'p99 <> 1s'], /p99 <> 1s/],
    ['load.ts', null, ['-b', 'text'], /a script says the body of each request/],
    ['load.ts', null, ['--warmup', 'soon'], /soon/],
  ])('refuses %s', { timeout: 60_000 }, async (name, text, flags, message) => {
    const file = `${command}-${name}`;
    if (text !== null) await folder.write(file, text);
    const named = text === null ? name : file;
    const ended = await needletail([command, named, ...flags], { cwd: folder.path });
    expect(ended.stderr.replaceAll(file, name)).toMatch(message);
    expect([ended.status, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).not.toMatch(/Unexpected failure|\n\s+at /);
    expect(shop.seen).toEqual([]);
  });
});
