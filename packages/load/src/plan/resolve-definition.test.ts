import { describe, expect, it } from 'vitest';
import { openSharedRows } from '../source/shared-rows.ts';
import type { PlanFlags } from './plan-flags.ts';
import type { Plan } from './plan.ts';
import { resolveDefinition } from './resolve-definition.ts';
import type { ScriptPlan } from './script-plan.ts';

const user = (): void => undefined;
const FILES: Readonly<Record<string, string>> = {
  '/work-dir/load/skus.csv': 'sku,price\na,1\nb,2\n',
  '/work-dir/load/users.json': '[{"id":1,"tags":["x"]}]',
  '/work-dir/other.csv': 'sku,price\nz,9\n',
  '/work-dir/load/ragged.csv': 'sku,price\na\n',
  '/work-dir/load/twice.csv': 'sku,sku\na,b\n',
  '/work-dir/load/empty.csv': 'sku\n',
};
const context = {
  cwd: '/work-dir',
  readFile: (path: string) =>
    path in FILES
      ? Promise.resolve(Buffer.from(FILES[path]))
      : Promise.reject(Object.assign(new Error('none'), { code: 'ENOENT' })),
};

function resolve(definition: object, flags: PlanFlags = {}): Promise<Plan> {
  const source = { file: 'load/load.ts', moduleUrl: 'file:///bundle.mjs' };
  return resolveDefinition({ target: 'http://h', ...definition }, flags, context, source);
}

async function scriptOf(definition: object, flags: PlanFlags = {}): Promise<ScriptPlan> {
  const { script } = await resolve(definition, flags);
  return script!;
}

describe('resolveDefinition, defaults', () => {
  it('is 50 users for 10 s, with everything else as documented', async () => {
    expect(await resolve({ user })).toEqual({
      name: null,
      target: 'http://h/',
      requests: [],
      order: 'sequence',
      load: { kind: 'constant', users: 50, durationMs: 10_000 },
      maxRequests: null,
      maxIterations: null,
      connections: 50,
      preopen: 0,
      thinkMs: 0,
      workers: 1,
      timeoutMs: 10_000,
      warmupMs: 0,
      keepAlive: true,
      pipelining: 1,
      success: [{ from: 200, to: 399 }],
      onlyOk: false,
      apdexMs: 500,
      seed: 1,
      tls: { insecure: false, servername: null, ca: null },
      thresholds: ['error rate < 1%', 'iteration error rate < 1%'],
      feed: null,
      watch: [],
      script: {
        file: 'load/load.ts',
        moduleUrl: 'file:///bundle.mjs',
        scenarios: [{ name: 'user', weight: 1 }],
        streams: [
          {
            load: { kind: 'constant', users: 50, durationMs: 10_000 },
            maxIterations: null,
            maxUsers: 50,
            scenarios: [0],
            thinkMs: 0,
          },
        ],
        feeds: [],
        vars: {},
        connections: 'own',
        maxConnections: Infinity,
        session: 'user',
        headers: [],
        http2: false,
        followRedirects: false,
        hasSetup: false,
        hasTeardown: false,
        trace: false,
      },
    });
  });

  it('takes an application in place of an address', async () => {
    const target = { fetch: () => new Response('ok') };
    expect((await resolve({ user, target })).target).toBe('http://localhost/');
    expect((await resolve({ user, target: () => new Response('ok') })).target).toBe(
      'http://localhost/',
    );
  });

  it('keeps the path of the target and makes a header of its credentials', async () => {
    const plan = await resolve({ user, target: 'https://ann:secret@h:8443/api' });
    expect(plan.target).toBe('https://h:8443/api');
    expect(plan.script!.headers).toEqual([['Authorization', 'Basic YW5uOnNlY3JldA==']]);
  });
});

describe('resolveDefinition, loads', () => {
  it.each([
    [{ users: 5, duration: '30s' }, { kind: 'constant', users: 5, durationMs: 30_000 }, null, 5],
    [{ iterations: 3 }, { kind: 'constant', users: 3, durationMs: null }, 3, 3],
    [
      { scenario: 'iterations', iterations: '1k', users: 2 },
      { kind: 'constant', users: 2, durationMs: null },
      1000,
      2,
    ],
    [
      { rate: 100, iterations: 10 },
      { kind: 'rate', rate: 100, durationMs: null, arrivals: 'even' },
      10,
      1000,
    ],
    [
      { scenario: 'poisson', rate: '600/m', maxUsers: 20 },
      { kind: 'rate', rate: 10, durationMs: 10_000, arrivals: 'poisson' },
      null,
      20,
    ],
    [
      { stages: [{ duration: '1s', users: 7 }], start: 2 },
      { kind: 'stages', startUsers: 2, stages: [{ durationMs: 1000, users: 7 }] },
      null,
      7,
    ],
  ])('%j', async (load, spec, maxIterations, maxUsers) => {
    const plan = await resolve({ user, load });
    expect(plan.script!.streams).toMatchObject([{ load: spec, maxIterations, maxUsers }]);
    expect(plan.load).toEqual(spec);
  });

  it('shares the load at the top by weight, and gives others their own', async () => {
    const { streams, scenarios } = await scriptOf({
      load: { rate: 100, duration: 1 },
      scenarios: {
        browse: { weight: 9, user },
        admin: { load: { users: 2, think: '1s' }, user },
        buy: { user },
      },
    });
    expect(scenarios).toEqual([
      { name: 'browse', weight: 9 },
      { name: 'admin', weight: 1 },
      { name: 'buy', weight: 1 },
    ]);
    expect(streams.map((stream) => stream.scenarios)).toEqual([[0, 2], [1]]);
    expect(streams[1]).toMatchObject({ load: { kind: 'constant', users: 2 }, thinkMs: 1000 });
  });

  it.each<[PlanFlags, object]>([
    [{ users: 3 }, { load: { kind: 'constant', users: 3, durationMs: 5000 }, maxUsers: 3 }],
    [{ durationMs: 100 }, { load: { kind: 'rate', rate: 9, durationMs: 100 } }],
    [{ rate: 70 }, { load: { kind: 'rate', rate: 70, durationMs: 5000 }, maxUsers: 40 }],
    [{ connections: 4 }, { load: { kind: 'rate', rate: 9 }, maxUsers: 4 }],
    [{ iterations: 2 }, { load: { kind: 'rate', durationMs: 5000 }, maxIterations: 2 }],
    [{ stages: ['2s:6'] }, { load: { kind: 'stages' }, maxUsers: 6 }],
  ])('is overridden by %j', async (flags, stream) => {
    const load = { rate: 9, duration: '5s', maxUsers: 40 };
    expect((await scriptOf({ user, load }, flags)).streams).toMatchObject([stream]);
  });

  it('lengthens or shortens every load with -d', async () => {
    const scenarios = { a: { load: { users: 1 }, user }, b: { load: { rate: 1 }, user } };
    const { streams } = await scriptOf({ scenarios }, { durationMs: 50 });
    expect(streams).toMatchObject([{ load: { durationMs: 50 } }, { load: { durationMs: 50 } }]);
  });
});

describe('resolveDefinition, settings', () => {
  it('takes what a plan file takes, and flags over it', async () => {
    const definition = {
      user,
      name: 'shop',
      workers: 2,
      timeout: '2s',
      warmup: 1,
      seed: 7,
      success: [200, '300-301'],
      onlyOk: true,
      apdex: '50ms',
      insecure: true,
      servername: 'api',
      thresholds: ['p99 < 1s', 'checks > 99%', '[GET /new] p95 < 1s'],
      headers: { Accept: 'text/html', 'X-A': 1 },
      http2: 'prior-knowledge',
      followRedirects: true,
      session: 'iteration',
      connections: { shared: 7 },
      setup: user,
      teardown: user,
    };
    expect(await resolve(definition)).toMatchObject({
      name: 'shop',
      workers: 2,
      timeoutMs: 2000,
      warmupMs: 1000,
      seed: 7,
      success: [
        { from: 200, to: 200 },
        { from: 300, to: 301 },
      ],
      onlyOk: true,
      apdexMs: 50,
      tls: { insecure: true, servername: 'api' },
      thresholds: [
        'p99 < 1s',
        'checks > 99%',
        '[GET /new] p95 < 1s',
        'error rate < 1%',
        'iteration error rate < 1%',
      ],
      script: {
        headers: [
          ['Accept', 'text/html'],
          ['X-A', '1'],
        ],
        http2: 'prior-knowledge',
        followRedirects: true,
        session: 'iteration',
        connections: 'shared',
        maxConnections: 7,
        hasSetup: true,
        hasTeardown: true,
      },
    });
    const flags = {
      name: 'other',
      workers: 3,
      timeoutMs: 1,
      headers: ['accept: */*'],
      thresholds: ['error rate < 5%', 'iteration error rate < 5%'],
    };
    const plan = await resolve(definition, flags);
    expect(plan).toMatchObject({ name: 'other', workers: 3, timeoutMs: 1 });
    expect(plan.thresholds).toEqual(flags.thresholds);
    expect(plan.script!.headers).toEqual([
      ['X-A', '1'],
      ['accept', '*/*'],
    ]);
  });

  it.each([
    ['http://h', undefined, true, 'prior-knowledge'],
    ['https://h', undefined, true, true],
    ['http://h', true, true, true],
    ['https://h', undefined, undefined, false],
  ])('speaks at %s, with http2 %s and the flag %s: %s', async (target, http2, flag, expected) => {
    const definition = { target, user, ...(http2 === undefined ? {} : { http2 }) };
    expect(await scriptOf(definition, { http2: flag })).toMatchObject({ http2: expected });
  });

  it('drops the thresholds that apply by default with none', async () => {
    expect((await resolve({ user, thresholds: ['none', 'p99 < 1s'] })).thresholds).toEqual([
      'p99 < 1s',
    ]);
    expect((await resolve({ user }, { thresholds: ['none'] })).thresholds).toEqual([]);
  });

  it('gives -e the type of what it overrides, in the code and in the texts', async () => {
    const vars = { base: 'http://a', users: 4, fast: false };
    const definition = { user, vars, target: '{{base}}/api', load: { users: '${users}' } };
    const env = ['base=http://b', 'users=9', 'fast=true'];
    const plan = await resolve(definition, { env });
    expect(plan.script!.vars).toEqual({ base: 'http://b', users: 9, fast: true });
    expect(plan).toMatchObject({ target: 'http://b/api', connections: 9 });
    expect((await resolve(definition)).target).toBe('http://a/api');
  });

  it('reads feeds beside the scenario into memory that threads share', async () => {
    const rows = [{ sku: 'x', stock: 3, nested: { deep: [true] } }];
    const { feeds } = await scriptOf({
      user,
      data: { skus: 'skus.csv', users: { file: 'users.json', pick: 'unique' }, own: { rows } },
    });
    expect(feeds.map(({ name, file, pick, columns }) => [name, file, pick, columns])).toEqual([
      ['skus', 'skus.csv', 'sequential', ['sku', 'price']],
      ['users', 'users.json', 'unique', ['id', 'tags']],
      ['own', 'data.own', 'sequential', ['sku', 'stock', 'nested']],
    ]);
    expect(openSharedRows(feeds[0]).row(1)).toEqual({ sku: 'b', price: '2' });
    expect(openSharedRows(feeds[1]).row(0)).toEqual({ id: 1, tags: ['x'] });
    expect(openSharedRows(feeds[2]).row(0)).toEqual(rows[0]);
  });

  it('takes the rows of --feed, from the working directory, for the only feed', async () => {
    const data = { file: 'skus.csv', pick: 'random' };
    const { feeds } = await scriptOf({ user, data }, { feed: 'other.csv' });
    expect(feeds).toMatchObject([{ name: null, file: 'other.csv', pick: 'random', rowCount: 1 }]);
  });
});

describe('resolveDefinition, bad input', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'the default export is undefined (load.ts). Write export default'],
    ['a function', user, 'the default export is a function that is not called (load.ts).'],
    ['a promise', Promise.resolve({}), 'the default export is a promise (load.ts).'],
    ['a list', [], 'the default export is an empty list (load.ts).'],
    ['text', 'http://h', 'the default export is "http://h" (load.ts).'],
  ])('refuses %s for a definition', async (_, definition, message) => {
    const source = { file: 'load.ts', moduleUrl: '' };
    await expect(resolveDefinition(definition, {}, context, source)).rejects.toMatchObject({
      code: 'PLAN_SHAPE',
      message: expect.stringContaining(`Not a load definition: ${message}`) as unknown,
    });
  });

  const own = { load: { users: 1 }, user };
  it.each<[object, string]>([
    [
      { usr: user },
      'Unknown key: "usr" is no setting of a definition (usr). Did you mean "user"? Known are name, target,',
    ],
    [
      {},
      'Missing key: there is no user (user). Give user: async ({ http }) => { … }, or several scenarios.',
    ],
    [
      { user, scenarios: { a: own } },
      'Contradictory settings: a definition has one user or several scenarios (user and scenarios). Make the user one of the scenarios.',
    ],
    [
      { user, target: undefined },
      'Missing key: there is no target (target). Give a base URL, or in a test an application.',
    ],
    [
      { user, target: 5 },
      'Wrong value: target is number 5 (target). Give a base URL, or in a test an application.',
    ],
    [{ user, target: 'ftp://h' }, 'Not an address: ftp is not spoken (target). Use http or https.'],
    [{ user: 'x' }, 'Wrong value: user is "x" (user). Give a function.'],
    [{ user: class Shop {} }, 'Wrong value: user is a class (user). Give a function.'],
    [{ scenarios: {} }, 'Wrong value: scenarios is a map (scenarios). Give at least one scenario.'],
    [
      { scenarios: { buy: {} } },
      'Missing key: there is no scenarios.buy.user (scenarios.buy.user). Give a function.',
    ],
    [
      { scenarios: { buy: { user, wieght: 2 } } },
      '"wieght" is no setting of scenarios.buy (scenarios.buy.wieght). Did you mean "weight"? Known are load, weight, user.',
    ],
    [
      { scenarios: { buy: { user, load: { user: 2 } } } },
      '"user" is no setting of a load with users (scenarios.buy.load.user). Did you mean "users"? Known are scenario, iterations, users, think, duration, rampUp.',
    ],
    [
      { scenarios: { buy: { user, load: { users: 'many' } } } },
      'Not a count: "many" is not a number (scenarios.buy.load.users).',
    ],
    [
      { scenarios: { buy: { ...own, weight: 2 } } },
      'Contradictory settings: a weight is a share of the load at the top (scenarios.buy.weight and scenarios.buy.load). Give one of them.',
    ],
    [
      { scenarios: { buy: { user, weight: 0 } } },
      'Out of bounds: it is 0 (scenarios.buy.weight). Give more than 0',
    ],
    [
      { scenarios: { buy: own, browse: { user } } },
      'Scenario without a load: other scenarios have loads of their own, and there is none at the top to share (scenarios.browse). Give it a load, or one at the top of the definition.',
    ],
    [
      { load: { users: 1 }, scenarios: { buy: own } },
      'each scenario has a load of its own, the one at the top starts nothing (load and scenarios.buy.load).',
    ],
    [
      { user, load: { requests: 5 } },
      '"requests" is no setting of a load with users (load.requests). A script counts iterations: give iterations.',
    ],
    [
      { user, requests: [] },
      '"requests" is no setting of a definition (requests). A script sends its requests in user',
    ],
    [
      { user, load: { scenario: 'spkie' } },
      'Wrong value: load.scenario is "spkie" (load.scenario). Did you mean "spike"? Give one of constant,',
    ],
    [
      { user, load: { rate: 5, users: 2 } },
      '"users" is no setting of a load with a rate (load.users)',
    ],
    [
      { user, load: { users: 5, rampUp: '20s' } },
      'the ramp of 20s is longer than the run of 10s (load.rampUp)',
    ],
    [
      { user, load: { stages: [{ duration: 1, users: 2 }], maxUsers: 5 } },
      'the stages say how many users there are; maxUsers caps those that a rate starts (load.maxUsers and load.stages)',
    ],
    [{ user, thresholds: ['p99 <'] }, 'Not a threshold: expected a number, found the end'],
    [
      { user, thresholds: 'p99 < 1s' },
      'Wrong value: thresholds is "p99 < 1s" (thresholds). Give a list such as [\'p99 < 50ms\'].',
    ],
    [
      { user, vars: { a: {} } },
      'Wrong value: vars.a is a map (vars.a). Give text, a number, true or false.',
    ],
    [
      { user, headers: { 'Content-Length': 5 } },
      'Content-Length cannot be given, it is counted from the body (headers.Content-Length)',
    ],
    [{ user, connections: { shared: 0 } }, 'Out of bounds: it is 0 (connections.shared).'],
    [
      { user, session: 'run' },
      "Wrong value: session is \"run\" (session). Give 'user' or 'iteration'.",
    ],
    [
      { user, ca: 'none.pem' },
      'File not usable: none.pem: there is no such file (ca). Looked for /work-dir/load/none.pem',
    ],
    [{ user, workers: 65 }, 'Out of bounds: it is 65 (workers).'],
    [
      { user, workers: 3, load: { users: 2 } },
      '3 workers cannot share 2 users (-w/--workers and -u/--users)',
    ],
    [
      { user, data: 'none.csv' },
      'none.csv: there is no such file (data). Looked for /work-dir/load/none.csv',
    ],
    [{ user, data: { a: 'none.csv' } }, 'none.csv: there is no such file (data.a).'],
    [
      { user, data: 'ragged.csv' },
      'Malformed feed: the row has 1 field, the header 2 (ragged.csv:2',
    ],
    [{ user, data: 'twice.csv' }, 'Two columns of one name: "sku" is column 1 and 2 (twice.csv)'],
    [{ user, data: 'empty.csv' }, 'Empty feed: there is no row of data (empty.csv)'],
    [{ user, data: { rows: [] } }, 'Empty feed: there is no row of data (data)'],
    [
      { user, data: { rows: [{ a: 1 }, { b: 2 }] } },
      'the row has no "a", the first row has (data, row 2)',
    ],
    [{ user, data: { rows: [{ a: new Date() }] } }, '"a" holds more than plain data (data, row 1)'],
    [{ user, data: { rows: [{ a: user }] } }, '"a" holds more than plain data (data, row 1)'],
    [
      { user, data: { file: 'skus.csv', rows: [{}] } },
      'Feed not usable: it has file and rows (data). Give a file name, or the rows themselves.',
    ],
    [
      { user, data: { file: 'skus.csv', pcik: 'random' } },
      '"pcik" is no setting of a feed (data.pcik). Did you mean "pick"?',
    ],
    [
      { user, data: { a: { file: 'skus.csv', pick: 'all' } } },
      "data.a.pick is \"all\" (data.a.pick). Give 'sequential', 'random' or 'unique'.",
    ],
    [
      { user, data: { a: { pick: 'random' } } },
      'Feed not usable: it has neither file nor rows (data.a).',
    ],
    [
      { user, data: 5 },
      'Wrong value: data is number 5 (data). Give a file name, or { file, pick }.',
    ],
    [{ user, data: {} }, 'Wrong value: data is a map (data). Give a feed, or leave it out.'],
  ])('refuses %j', async (definition, message) => {
    await expect(resolve(definition)).rejects.toThrow(message);
  });

  it('lists every fault of shape at once', async () => {
    const error: unknown = await resolve({ usr: user, load: { usres: 1 } }).catch(
      (cause: unknown) => cause,
    );
    expect(error).toMatchObject({ name: 'DefinitionError', code: 'PLAN_SHAPE', where: 'usr' });
    expect((error as Error).message.split('\n')).toHaveLength(3);
  });

  const two = { scenarios: { a: own, b: own } };
  it.each<[PlanFlags, string, object?]>([
    [{ requests: 5 }, 'a script counts iterations (-n/--requests). Use -i <n>'],
    [
      { method: 'GET' },
      'a script says the method of each request (-m/--method). Change it in the script.',
    ],
    [{ body: 'x' }, 'a script says the body of each request (-b/--body).'],
    [{ pipelining: 2 }, 'a user waits for each answer before it goes on (--pipelining).'],
    [{ keepAlive: false }, "(--no-keepalive). Set session: 'iteration' in the script"],
    [{ feed: 'a.csv' }, 'Flag without effect: the scenario has no data to replace (--feed).'],
    [
      { feed: 'a.csv' },
      'the scenario has several feeds (--feed)',
      { user, data: { a: 'skus.csv' } },
    ],
    [
      { env: ['usres=5'] },
      'the vars of the scenario have no "usres" (-e/--env). Did you mean "users"? There are users.',
      { user, vars: { users: 1 } },
    ],
    [{ env: ['a=5'] }, "There are none. Declare it with its default: vars: { a: '' }."],
    [
      { env: ['users=x'] },
      'users is "x" (-e/--env). vars.users is a number: give a number.',
      { user, vars: { users: 1 } },
    ],
    [{ env: ['on=1'] }, 'vars.on is a boolean: give true or false.', { user, vars: { on: true } }],
    [
      { rate: 5 },
      'Flag with several meanings: the scenarios have loads of their own, and it would have to change one of them (-R/--rate).',
      two,
    ],
    [{ users: 5, rate: 5 }, '-u/--users and -R/--rate'],
    [
      { durationMs: 5 },
      '(-d/--duration and load.stages)',
      { user, load: { stages: [{ duration: 1, users: 1 }] } },
    ],
    [{ thresholds: ['p99'] }, 'Not a threshold'],
    [{ headers: ['Accept'] }, '"Accept" has no name and colon (-H/--header).'],
  ])('refuses %j', async (flags, message, definition = { user }) => {
    await expect(resolve(definition, flags)).rejects.toThrow(message);
  });
});
