import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RunSummary } from '@needletail/load/summary';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { needletail, type Ended } from './process/needletail.fixture.ts';

// Whole runs of the built command on scenario files, against a shop that keeps its own books: what the report says is held
// against them. A busy machine may make a run invalid, so exit codes are compared with the verdict.
const exitCodeOf = { pass: 0, fail: 1, invalid: 3 };

/** What the shop saw of one request. */
interface Seen {
  readonly line: string;
  readonly cookie: string;
  readonly port: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

class Shop {
  readonly seen: Seen[] = [];
  readonly #server: Server;
  #carts = 0;

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.keepAliveTimeout = 60_000;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  linesOf(start: string): readonly string[] {
    return this.seen.map(({ line }) => line).filter((line) => line.startsWith(start));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const path = request.url ?? '';
    this.seen.push({
      line: `${request.method} ${path}`,
      cookie: request.headers.cookie ?? '',
      port: request.socket.remotePort ?? 0,
      headers: request.headers,
      body,
    });
    const json = (status: number, value: unknown): void => {
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(value));
    };
    if (path === '/login') {
      response.setHeader('Set-Cookie', `session=${request.socket.remotePort}; Path=/`);
      json(200, { ok: true });
    } else if (path === '/cart') json(201, { id: (this.#carts += 1) });
    else if (path.startsWith('/cart/')) json(200, { id: Number(path.slice(6)) });
    else if (path === '/moved') response.writeHead(302, { Location: '/json' }).end();
    else if (path === '/fails') json(500, { error: 'broken' });
    else if (path === '/slow') setTimeout(() => json(200, {}), 300);
    else json(200, { path });
  }
}

let shop: Shop;
let folder: string;
beforeAll(async () => {
  shop = new Shop();
  await shop.listen();
  folder = await mkdtemp(join(tmpdir(), 'needletail-scenario-'));
});
afterEach(() => void shop.seen.splice(0));
afterAll(async () => {
  shop.close();
  await rm(folder, { recursive: true, force: true });
});

async function write(name: string, text: string): Promise<void> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text.replaceAll('TARGET', shop.url));
}

interface Run extends Ended {
  readonly summary: RunSummary;
}

/** Writes a scenario and runs it; fails with the output when there is no summary. */
async function run(text: string, flags: readonly string[] = [], name = 'load.ts'): Promise<Run> {
  await write(name, text);
  const ended = await needletail(['run', name, '--json', '-', ...flags], { cwd: folder });
  if (!ended.stdout.startsWith('{')) throw new Error(`no summary:\n${ended.stdout}${ended.stderr}`);
  return { ...ended, summary: JSON.parse(ended.stdout) as RunSummary };
}

/** Runs what must be refused before anything is sent. */
async function refused(text: string, flags: readonly string[] = []): Promise<string> {
  await write('bad.ts', text);
  const ended = await needletail(['run', 'bad.ts', ...flags], { cwd: folder });
  expect({ status: ended.status, sent: shop.seen.length, output: ended.stdout }).toEqual({
    status: 2,
    sent: 0,
    output: '',
  });
  return ended.stderr;
}

function balance({ ledger, iterations }: RunSummary): void {
  expect(ledger.scheduled).toBe(
    ledger.ok + ledger.failed + ledger.timedOut + ledger.dropped + ledger.inFlight,
  );
  const { scheduled, ok, failed, dropped, inFlight } = iterations!;
  expect(scheduled).toBe(ok + failed + dropped + inFlight);
}

describe('needletail run <scenario>: what a user writes', () => {
  it('runs the scenario of the manual and agrees with the books of the target', async () => {
    await write('skus.csv', 'sku,price\nA-1,10\nB-2,20\nC-3,30\n');
    const { summary, status } = await run(
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
    balance(summary);
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
    const { summary } = await run(`import { defineLoad } from 'needletail';
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
    const { summary } = await run(`import { defineLoad } from 'needletail';
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
    await run(`import { defineLoad } from 'needletail';
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
});`).then(({ summary }) => expect(summary.iterations).toMatchObject({ ok: 3, failed: 0 }));
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
    const plain = await run(scenario(''));
    expect(plain.summary.ledger).toMatchObject({ scheduled: 2, ok: 2 });
    expect(shop.linesOf('GET /json')).toHaveLength(0);
    const following = await run(scenario('followRedirects: true,'));
    expect(following.summary.ledger).toMatchObject({ scheduled: 4, ok: 4 });
    expect(shop.linesOf('GET /json')).toHaveLength(2);
    expect(following.summary.checks).toEqual([{ name: 'is 200', passed: 2, failed: 0 }]);
  });

  it('runs setup once, hands its result to every thread, and tears down after the run', async () => {
    const { summary } = await run(
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

  it('draws scenarios by weight, the same ones with any number of workers', async () => {
    const scenario = `import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  seed: 7,
  load: { users: 4, iterations: 200 },
  scenarios: {
    browse: { weight: 3, user: ({ http, iteration, random }) => http.get(\`/browse/\${iteration}?r=\${random()}\`) },
    buy: { weight: 1, user: ({ http, iteration, random }) => http.get(\`/buy/\${iteration}?r=\${random()}\`) },
  },
});`;
    const one = await run(scenario);
    const first = shop.seen.splice(0).map(({ line }) => line);
    const two = await run(scenario, ['-w', '2']);
    const second = shop.seen.map(({ line }) => line);
    expect(first.toSorted()).toEqual(second.toSorted());
    expect(new Set(first).size).toBe(200);
    const bought = first.filter((line) => line.startsWith('GET /buy')).length;
    expect(bought).toBeGreaterThan(25);
    expect(bought).toBeLessThan(75);
    for (const { summary } of [one, two]) {
      balance(summary);
      const [browse, buy] = summary.iterations!.scenarios;
      expect([browse!.name, browse!.ok, buy!.name, buy!.ok]).toEqual([
        'browse',
        200 - bought,
        'buy',
        bought,
      ]);
    }
  });

  it('runs scenarios with loads of their own side by side', async () => {
    const { summary } = await run(`import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  scenarios: {
    steady: { load: { rate: 50, duration: '2s' }, user: ({ http }) => http.get('/steady') },
    few: { load: { users: 2, iterations: 5 }, user: ({ http }) => http.get('/few') },
  },
});`);
    balance(summary);
    expect(shop.linesOf('GET /steady')).toHaveLength(100);
    expect(shop.linesOf('GET /few')).toHaveLength(5);
    expect(summary.plan.model).toBe('open');
  });

  it('counts the first request of an iteration from when the iteration was due', async () => {
    const { summary } = await run(`import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  load: { rate: 20, duration: '2s', maxUsers: 1 },
  timeout: '20s',
  user: async ({ http }) => { await http.get('/slow'); },
});`);
    balance(summary);
    // One user, 300 ms an answer, one due each 50 ms: the queue grows by 250 ms an iteration, and that is latency.
    expect(summary.latencyMs.max).toBeGreaterThan(1000);
    expect(summary.serviceTimeMs.p50).toBeLessThan(600);
  });
});

describe('needletail run <scenario>: what goes wrong while it runs', () => {
  it('fails the iteration that throws, and shows its stack once with its count', async () => {
    const { summary, status, stderr } = await run(
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
    balance(summary);
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
    const { summary } = await run(`import { defineLoad } from 'needletail';
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
    balance(summary);
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
    const { summary } = await run(`import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  load: { users: 1, duration: '20s' },
  async user({ http, fail, stop, iteration }) {
    await http.get('/json');
    if (iteration === 2) fail('not this one');
    if (iteration === 5) stop('enough');
  },
});`);
    balance(summary);
    expect(summary.durationMs).toBeLessThan(5000);
    expect(summary.iterations!.failed).toBe(1);
    expect(JSON.stringify(summary)).toContain('not this one');
    expect(JSON.stringify(summary.verdict.reasons)).toContain('enough');
  });

  it(
    'names the scenario that hangs, and keeps what was measured',
    { timeout: 60_000 },
    async () => {
      const { summary, status } = await run(
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
    const { summary, status } = await run(`import { defineLoad } from 'needletail';
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
    await write('few.csv', 'name\nann\nbob\n');
    const { summary, stderr } = await run(`import { defineLoad, feed } from 'needletail';
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
    await write('few.csv', 'name\nann\n');
    const { summary } = await run(`import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  load: { users: 1, iterations: 1 },
  data: 'few.csv',
  user: ({ http, data }) => http.get(\`/hello?name=\${data.nmae}\`),
});`);
    expect(summary.iterations).toMatchObject({ failed: 1 });
    expect(summary.scriptErrors[0]!.message).toMatch(/nmae.*name/);
    expect(shop.seen).toHaveLength(0);
  });

  it('reports what was measured when interrupted', async () => {
    await write(
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
      cwd: folder,
      meanwhile: (stderr, child) => {
        if (isSent || !/^\s*1s /m.test(stderr)) return;
        isSent = true;
        child.kill('SIGINT');
      },
    });
    expect(ended.status).toBe(130);
    const summary = JSON.parse(ended.stdout) as RunSummary;
    balance(summary);
    expect(summary.ended).toBe('interrupted');
    expect(summary.ledger.ok + summary.ledger.inFlight).toBe(shop.seen.length);
  });
});

const valid = `import { defineLoad } from 'needletail';\n`;

describe('needletail run <scenario>: what is refused before the run', () => {
  it.each([
    [
      'a syntax error',
      `${valid}export default defineLoad({\n  target: 'TARGET',\n  user: async ( => {},\n});`,
      [/bad\.ts:4:\d+/, /user: async \( =>/],
    ],
    [
      'a type error',
      `${valid}const users: number = 'many';\nexport default defineLoad({\n  target: 'TARGET',\n  load: { users },\n  user: () => {},\n});`,
      [/bad\.ts:2:\d+/, /const users: number = 'many'/, /TS2322/],
    ],
    [
      'a missing export',
      `${valid}export const load = defineLoad({ target: 'TARGET', user: () => {} });`,
      [/default export/i],
    ],
    ['a default export that is none', `export default 42;`, [/42|number/]],
    [
      'a wrong option',
      `export default { target: 'TARGET', treshold: ['p99 < 1s'], user: () => {} };`,
      [/treshold/, /thresholds/],
    ],
    [
      'an import that is not there',
      `${valid}import { x } from './nowhere.ts';\nexport default defineLoad({ target: 'TARGET', user: () => x });`,
      [/nowhere/, /bad\.ts:2:/],
    ],
    [
      'a package that is not there',
      `${valid}import x from 'no-such-package-at-all';\nexport default defineLoad({ target: 'TARGET', user: () => x });`,
      [/no-such-package-at-all/, /bad\.ts:2:/],
    ],
    [
      'a module that throws',
      `${valid}throw new Error('not today');\nexport default defineLoad({ target: 'TARGET', user: () => {} });`,
      [/not today/, /bad\.ts:2:/],
    ],
    [
      'neither user nor scenarios',
      `${valid}export default defineLoad({ target: 'TARGET' });`,
      [/user/, /scenarios/],
    ],
    [
      'a feed that is not there',
      `${valid}export default defineLoad({ target: 'TARGET', data: 'nowhere.csv', user: () => {} });`,
      [/nowhere\.csv/],
    ],
    [
      'a bad threshold',
      `${valid}export default defineLoad({ target: 'TARGET', thresholds: ['p99 <> 1s'], user: () => {} });`,
      [/p99 <> 1s/],
    ],
    [
      'a bad load',
      `${valid}export default defineLoad({ target: 'TARGET', load: { users: -1 }, user: () => {} });`,
      [/load\.users/],
    ],
    [
      'a setup that throws',
      `${valid}export default defineLoad({ target: 'TARGET', setup: () => { throw new Error('no database'); }, user: () => {} });`,
      [/setup/i, /no database/],
    ],
  ])('refuses %s', async (_, text, patterns) => {
    const message = await refused(text);
    for (const pattern of patterns) expect(message).toMatch(pattern);
    expect(message).not.toMatch(/node_modules|\bat file:|dist\//);
  });
});
