import { describe, expect, it } from 'vitest';
import { exitCodeOf, expectBalance, folder, shop, useShop } from './scenario-runs.fixture.ts';

// Whole runs of the built command on scenario files, against a shop that keeps its own books: what the report says is held
// against them.
useShop();

describe('needletail run <scenario>: what a user writes', () => {
  it('runs the scenario of the manual and agrees with the books of the target', async () => {
    await folder.write('skus.csv', 'sku,price\nA-1,10\nB-2,20\nC-3,30\n');
    const { summary, status } = await folder.run(
      `import { defineLoad } from 'needletail';

export default defineLoad({
  target: 'TARGET',
  load: { users: 3, iterations: 12 },
  data: 'skus.csv',
  thresholds: ['p99 < 5s', 'error rate < 1%', 'checks > 99%'],
  async user({ http, check, think, data, iteration }) {
    const cart = await http.post('/cart', { json: { sku: data.sku, iteration } });
    check(cart, { 'cart created': (r) => r.status === 201 });
    await think('5ms');
    const { id } = cart.json<{ id: number }>();
    await http.get(\`/cart/\${id}\`, { name: 'GET /cart/:id' });
  },
});
`,
    );
    expectBalance(summary);
    expect(summary.ledger).toMatchObject({ scheduled: 24, ok: 24 });
    expect(summary.iterations).toMatchObject({ scheduled: 12, ok: 12, failed: 0 });
    expect(shop.seen).toHaveLength(24);
    const skus = shop.seen.filter(({ line }) => line === 'POST /cart').map(({ body }) => body);
    const sent = skus.map((body) => JSON.parse(body) as { sku: string; iteration: number });
    expect(sent.map(({ iteration }) => iteration).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, index) => index),
    );
    for (const { sku, iteration } of sent) expect(sku).toBe(['A-1', 'B-2', 'C-3'][iteration % 3]);
    expect(summary.endpoints.map(({ name }) => name).toSorted()).toEqual([
      'GET /cart/:id',
      'POST /cart',
    ]);
    expect(summary.checks).toEqual([{ name: 'cart created', passed: 12, failed: 0 }]);
    expect(summary.thresholds.map(({ expression }) => expression)).toContain('checks > 99%');
    expect(status).toBe(exitCodeOf[summary.verdict.status]);
  });

  it('groups URLs that nobody named by their pattern', async () => {
    const { summary } = await folder.run(`import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  load: { users: 1, iterations: 3 },
  async user({ http, iteration }) {
    await http.get(\`/cart/\${iteration + 1}?page=\${iteration}\`);
    await http.get('/a/3f2504e0-4f89-11d3-9a0c-0305e82c3301/b');
  },
});`);
    expect(summary.endpoints.map(({ name, ledger }) => [name, ledger.ok])).toEqual([
      ['GET /cart/:id', 3],
      ['GET /a/:id/b', 3],
    ]);
  });

  it('gives each user cookies and connections of its own', async () => {
    const { summary } = await folder.run(`import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  load: { users: 4, iterations: 12 },
  async user({ http, session }) {
    if (session.in !== true) {
      await http.post('/login');
      session.in = true;
    }
    await http.get('/json');
  },
});`);
    const logins = shop.seen.filter(({ line }) => line === 'POST /login');
    expect(logins.length).toBeGreaterThan(0);
    expect(new Set(logins.map(({ port }) => port)).size).toBe(logins.length);
    for (const { line, cookie, port } of shop.seen) {
      if (line === 'GET /json') expect(cookie).toBe(`session=${port}`);
    }
    expect(summary.iterations).toMatchObject({ ok: 12 });
  });

  it('begins anew with each iteration where the session is one iteration', async () => {
    await folder
      .run(`import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  session: 'iteration',
  load: { users: 1, iterations: 3 },
  async user({ http, session, fail }) {
    if (session.in === true) fail('the session was kept');
    session.in = true;
    await http.post('/login');
    await http.get('/json');
  },
});`)
      .then(({ summary }) => expect(summary.iterations).toMatchObject({ ok: 3, failed: 0 }));
    const logins = shop.seen.filter(({ line }) => line === 'POST /login');
    expect(logins.map(({ cookie }) => cookie)).toEqual(['', '', '']);
    expect(new Set(logins.map(({ port }) => port)).size).toBe(3);
  });

  it('counts each hop of a redirect, and follows none unless asked to', async () => {
    const scenario = (extra: string): string => `import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET', ${extra}
  load: { users: 1, iterations: 2 },
  async user({ http, check }) {
    const answer = await http.get('/moved');
    check(answer.status, { 'is ${extra === '' ? 302 : 200}': (status) => status === ${extra === '' ? 302 : 200} });
  },
});`;
    const plain = await folder.run(scenario(''));
    expect(plain.summary.ledger).toMatchObject({ scheduled: 2, ok: 2 });
    expect(shop.linesOf('GET /json')).toHaveLength(0);
    const following = await folder.run(scenario('followRedirects: true,'));
    expect(following.summary.ledger).toMatchObject({ scheduled: 4, ok: 4 });
    expect(shop.linesOf('GET /json')).toHaveLength(2);
    expect(following.summary.checks).toEqual([{ name: 'is 200', passed: 2, failed: 0 }]);
  });

  it('runs setup once, hands its result to every thread, and tears down after the run', async () => {
    const { summary } = await folder.run(
      `import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  vars: { greeting: 'hello' },
  load: { users: 4, iterations: 20 },
  async setup({ http, vars }) {
    await http.get('/setup');
    return { token: \`\${vars.greeting}-token\` };
  },
  async user({ http, shared }) {
    await http.get('/json', { headers: { 'X-Token': shared.token } });
  },
  async teardown({ http, shared }) {
    await http.get(\`/teardown?token=\${shared.token}\`);
  },
});`,
      ['-w', '2', '-e', 'greeting=hi'],
    );
    expect(summary.ledger).toMatchObject({ scheduled: 20, ok: 20 });
    expect(shop.linesOf('GET /setup')).toHaveLength(1);
    expect(shop.seen[0]!.line).toBe('GET /setup');
    expect(shop.seen.at(-1)!.line).toBe('GET /teardown?token=hi-token');
    const tokens = shop.seen.filter(({ line }) => line === 'GET /json');
    expect(new Set(tokens.map(({ headers }) => headers['x-token']))).toEqual(new Set(['hi-token']));
  });

  it(
    'draws scenarios by weight, the same ones with any number of workers',
    { timeout: 60_000 },
    async () => {
      const weights = { browse: 5, search: 3, buy: 2 };
      const count = 1000;
      const scenarios = Object.entries(weights).map(
        ([name, weight]) =>
          `${name}: { weight: ${weight}, user: ({ http, iteration, random }) => http.get(\`/${name}/\${iteration}?r=\${random()}\`) },`,
      );
      const scenario = `import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  seed: 7,
  load: { users: 4, iterations: ${count} },
  scenarios: { ${scenarios.join('\n')} },
});`;
      const one = await folder.run(scenario);
      const first = shop.seen.splice(0).map(({ line }) => line);
      const two = await folder.run(scenario, ['-w', '2']);
      const second = shop.seen.map(({ line }) => line);
      expect(first.toSorted()).toEqual(second.toSorted());
      expect(new Set(first.map((line) => line.split(/[/?]/)[2])).size).toBe(count);
      const seen = Object.keys(weights).map(
        (name) => first.filter((line) => line.startsWith(`GET /${name}/`)).length,
      );
      const chiSquare = Object.values(weights).reduce((sum, weight, index) => {
        const expected = (count * weight) / 10;
        return sum + (seen[index]! - expected) ** 2 / expected;
      }, 0);
      // Two degrees of freedom: fair draws exceed it once in a thousand seeds.
      expect(chiSquare).toBeLessThan(13.8);
      // Weights that are followed to the letter would be a pattern, and no draw.
      expect(chiSquare).toBeGreaterThan(0);
      for (const { summary } of [one, two]) {
        expectBalance(summary);
        const told = summary.iterations!.scenarios.map(({ name, ok }) => [name, ok]);
        expect(told).toEqual(Object.keys(weights).map((name, index) => [name, seen[index]]));
      }
    },
  );

  it('shows figures of the target that it watches', async () => {
    const { summary } = await folder.run(`import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  vars: { pid: ${process.pid} },
  watch: [{ pid: '{{pid}}' }, { metrics: 'TARGET/figures', only: ['carts_open'] }],
  load: { rate: 20, duration: '3s' },
  user: ({ http }) => http.get('/json'),
});`);
    expectBalance(summary);
    const told = summary.target!.series.map(({ source, name }) => `${source}: ${name}`);
    expect(told).toContain(`pid ${process.pid}: memory`);
    expect(told).toContain(`${shop.url}/figures: carts_open`);
    // Reading figures is no part of the load.
    expect(summary.ledger.ok).toBe(shop.linesOf('GET /json').length);
  });

  it('runs scenarios with loads of their own side by side', async () => {
    const { summary } = await folder.run(`import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  scenarios: {
    steady: { load: { rate: 50, duration: '2s' }, user: ({ http }) => http.get('/steady') },
    few: { load: { users: 2, iterations: 5 }, user: ({ http }) => http.get('/few') },
  },
});`);
    expectBalance(summary);
    expect(shop.linesOf('GET /steady')).toHaveLength(100);
    expect(shop.linesOf('GET /few')).toHaveLength(5);
    expect(summary.plan.model).toBe('open');
  });

  it('shares a load by weight among some scenarios while others keep theirs', async () => {
    const { summary } = await folder.run(`import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  load: { rate: 100, duration: '2s' },
  scenarios: {
    browse: { weight: 9, user: ({ http }) => http.get('/browse') },
    buy: { user: ({ http }) => http.get('/buy') },
    few: { load: { users: 2, iterations: 30 }, user: ({ http }) => http.get('/few') },
    once: { load: { stages: [{ duration: '1s', rate: 20 }] }, user: ({ http }) => http.get('/once') },
  },
});`);
    expectBalance(summary);
    const seen = ['browse', 'buy', 'few', 'once'].map(
      (name) => shop.linesOf(`GET /${name}`).length,
    );
    const [browse, buy, few, once] = seen as [number, number, number, number];
    expect([browse + buy, few, once]).toEqual([200, 30, 10]);
    // A draw of 200 with a tenth for the one: five deviations are 21.
    expect(Math.abs(buy - 20)).toBeLessThan(21);
    const told = summary.iterations!.scenarios.map(({ name, ok }) => [name, ok]);
    expect(told).toEqual(['browse', 'buy', 'few', 'once'].map((name, at) => [name, seen[at]]));
  });

  it('counts the first request of an iteration from when the iteration was due', async () => {
    const { summary } = await folder.run(`import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  load: { rate: 20, duration: '2s', maxUsers: 1 },
  timeout: '20s',
  user: async ({ http }) => { await http.get('/slow'); },
});`);
    expectBalance(summary);
    // One user, 300 ms an answer, one due each 50 ms: the queue grows by 250 ms an iteration, and that is latency.
    expect(summary.latencyMs.max).toBeGreaterThan(1000);
    expect(summary.serviceTimeMs.p50).toBeLessThan(600);
  });
});
