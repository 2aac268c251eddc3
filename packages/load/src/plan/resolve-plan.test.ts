import { describe, expect, it } from 'vitest';
import { parsePlanFile } from './parse-plan-file.ts';
import type { PlanFlags } from './plan-flags.ts';
import type { LoadSpec, Plan } from './plan.ts';
import { resolvePlan } from './resolve-plan.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n';
const files: Readonly<Record<string, string>> = {
  '/home/ann/plans/body.json': '{"a":"{{literal}}"}',
  '/home/ann/plans/users.csv': 'id,name\n1,ann\n2,bob\n',
  '/home/ann/users.csv': 'id,name\n7,cid\n',
  '/home/ann/bad.csv': 'id,name\n7,"a\nb"\n',
  '/home/ann/body.txt': 'from a flag',
  '/home/ann/ca.pem': PEM,
  '/home/ann/no.pem': 'nothing',
};

const context = {
  cwd: '/home/ann',
  readFile: async (path: string): Promise<Uint8Array> => {
    const content = files[path];
    if (content !== undefined) return Buffer.from(content);
    throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
  },
};

function quick(flags: PlanFlags = {}, url = 'http://h:1/'): Promise<Plan> {
  return resolvePlan({ url }, flags, context);
}

async function fromFile(text: string, flags: PlanFlags = {}): Promise<Plan> {
  return resolvePlan(parsePlanFile(text, 'plans/plan.yaml'), flags, context);
}

function withLoad(load: string, flags: PlanFlags = {}): Promise<Plan> {
  return fromFile(`target: http://h\nload: ${load}\n`, flags);
}

describe('resolvePlan, defaults', () => {
  it('is 50 users for 10 s with everything else as documented', async () => {
    expect(await quick()).toEqual({
      name: null,
      target: 'http://h:1/',
      requests: [
        { name: 'GET /', method: 'GET', url: 'http://h:1/', headers: [], body: null, weight: 1 },
      ],
      order: 'sequence',
      load: { kind: 'constant', users: 50, durationMs: 10_000 },
      maxRequests: null,
      maxIterations: null,
      connections: 50,
      preopen: 50,
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
      thresholds: ['error rate < 1%'],
      feed: null,
      watch: [],
      script: null,
    });
  });

  it('is frozen throughout', async () => {
    const plan = await fromFile(
      'target: http://h\nfeed: users.csv\nrequests: [{ bodyFile: body.json }]',
    );
    const parts = [
      plan,
      plan.load,
      plan.tls,
      plan.requests,
      plan.requests[0],
      plan.requests[0].headers[0],
      plan.feed!.rows[0],
    ];
    expect(parts.every(Object.isFrozen)).toBe(true);
  });
});

const even = { kind: 'rate', arrivals: 'even' } as const;

describe('resolvePlan, load of flags', () => {
  it.each<[PlanFlags, LoadSpec, Partial<Plan>]>([
    [{ connections: 10 }, { kind: 'constant', users: 10, durationMs: 10_000 }, { connections: 10 }],
    [{ users: 10, connections: 10 }, { kind: 'constant', users: 10, durationMs: 10_000 }, {}],
    [{ requests: 500 }, { kind: 'constant', users: 50, durationMs: null }, { maxRequests: 500 }],
    [
      { requests: 5, durationMs: 100 },
      { kind: 'constant', users: 5, durationMs: 100 },
      { maxRequests: 5 },
    ],
    [{ iterations: 7 }, { kind: 'constant', users: 7, durationMs: null }, { maxIterations: 7 }],
    [{ rampUpMs: 1000 }, { kind: 'gradual', users: 50, rampUpMs: 1000, durationMs: 10_000 }, {}],
    [
      { rampUpMs: 1000, requests: 9 },
      { kind: 'gradual', users: 9, rampUpMs: 1000, durationMs: null },
      {},
    ],
    [{ rate: 100 }, { ...even, rate: 100, durationMs: 10_000 }, { connections: 1000, preopen: 50 }],
    [
      { rate: 100, connections: 20 },
      { ...even, rate: 100, durationMs: 10_000 },
      { connections: 20, preopen: 20 },
    ],
    [{ rate: 0.5, requests: 3 }, { ...even, rate: 0.5, durationMs: null }, { maxRequests: 3 }],
    [
      { rate: 1, poisson: true },
      { kind: 'rate', arrivals: 'poisson', rate: 1, durationMs: 10_000 },
      {},
    ],
    [{ rate: 1, pipelining: 4 }, { ...even, rate: 1, durationMs: 10_000 }, { pipelining: 4 }],
    [
      { stages: ['30s:50', '1m:0'], thinkMs: 5 },
      {
        kind: 'stages',
        startUsers: 1,
        stages: [
          { durationMs: 30_000, users: 50 },
          { durationMs: 60_000, users: 0 },
        ],
      },
      { connections: 50, thinkMs: 5 },
    ],
    [
      { stages: ['30s:1k'], rate: 10 },
      {
        kind: 'rate-stages',
        startRate: 10,
        stages: [{ durationMs: 30_000, rate: 1000 }],
        arrivals: 'even',
      },
      { connections: 1000 },
    ],
  ])('%j', async (flags, load, rest) => {
    const plan = await quick(flags);
    expect(plan.load).toEqual(load);
    expect(plan).toMatchObject(rest);
  });

  it.each<[PlanFlags, string]>([
    [{ users: 5, rate: 5 }, '-u/--users and -R/--rate'],
    [{ users: 5, connections: 6 }, '-u/--users and -c/--connections'],
    [{ thinkMs: 5, rate: 5 }, '--think and -R/--rate'],
    [{ iterations: 5, rate: 5 }, '-i/--iterations and -R/--rate'],
    [{ rampUpMs: 5, rate: 5 }, '--ramp-up and -R/--rate'],
    [{ requests: 5, iterations: 5 }, '-n/--requests and -i/--iterations'],
    [{ stages: ['1s:5'], durationMs: 5 }, '-d/--duration and -s/--stage'],
    [{ stages: ['1s:5'], requests: 5 }, '-n/--requests and -s/--stage'],
    [{ stages: ['1s:5'], users: 5 }, '-u/--users and -s/--stage'],
    [{ stages: ['1s:5'], connections: 5 }, '-c/--connections and -s/--stage'],
    [{ stages: ['1s:5'], rate: 5, thinkMs: 5 }, '--think and -s/--stage'],
    [{ stages: ['1s:5'], poisson: true }, '--poisson and -s/--stage'],
    [{ users: 5, poisson: true }, '--poisson and -u/--users'],
    [{ poisson: true }, 'arrivals are random only where a rate drives'],
    [{ pipelining: 2, thinkMs: 5 }, '--pipelining and --think'],
    [{ pipelining: 2, keepAlive: false }, '--pipelining and --no-keepalive'],
    [{ workers: 8, connections: 4 }, '8 workers cannot share 4 connections'],
    [{ insecure: true, ca: 'ca.pem' }, '-k/--insecure and --ca'],
  ])('refuses the contradiction in %j', async (flags, named) => {
    await expect(quick(flags)).rejects.toThrow('Contradictory settings');
    await expect(quick(flags)).rejects.toThrow(named);
  });

  it.each<[PlanFlags, string]>([
    [{ connections: 0 }, '-c/--connections'],
    [{ connections: 100_001 }, 'from 1 to 100,000'],
    [{ users: 1.5 }, '-u/--users'],
    [{ workers: 65, connections: 100 }, 'from 1 to 64'],
    [{ rate: 0 }, 'more than 0 and at most 10,000,000'],
    [{ rate: 10_000_001 }, '-R/--rate'],
    [{ rate: Number.NaN }, '-R/--rate'],
    [{ requests: 0 }, '-n/--requests'],
    [{ requests: 3e9 }, 'from 1 to 2,000,000,000'],
    [{ durationMs: 0 }, '-d/--duration'],
    [{ durationMs: Infinity }, '-d/--duration'],
    [{ timeoutMs: 0 }, '--timeout'],
    [{ pipelining: 1025 }, 'from 1 to 1,024'],
    [{ seed: -1 }, '--seed'],
    [{ rampUpMs: 20_000 }, 'the ramp of 20s is longer than the run of 10s'],
    [{ stages: ['5s'] }, '"5s" is not a duration and a level'],
    [{ stages: [':5'] }, '":5" is not a duration and a level'],
    [{ stages: ['5x:5'] }, 'Not a duration'],
    [{ stages: ['5s:2.5'] }, 'is not a whole number'],
    [{ stages: ['0s:5'] }, 'there is never a user at work'],
    [{ stages: ['5s:0'], rate: 0 }, 'there is never a request to send'],
    [{ stages: ['5s:200k'] }, 'from 0 to 100,000'],
  ])('refuses %j', async (flags, cause) => {
    await expect(quick(flags)).rejects.toThrow(cause);
  });
});

describe('resolvePlan, load of a file', () => {
  const rates = (arrivals: 'even' | 'poisson') => ({
    kind: 'rate',
    rate: 100,
    durationMs: 5000,
    arrivals,
  });
  it.each([
    ['{ scenario: constant, users: 5 }', { kind: 'constant', users: 5, durationMs: 10_000 }],
    [
      '{ scenario: gradual, users: 100, rampUp: 10s, duration: 60s }',
      { kind: 'gradual', users: 100, rampUpMs: 10_000, durationMs: 60_000 },
    ],
    [
      '{ scenario: spike, users: 10, rampUp: 10s, duration: 60s, spikeUsers: 20, spikeDuration: 10s }',
      {
        kind: 'spike',
        users: 10,
        rampUpMs: 10_000,
        durationMs: 60_000,
        spikeUsers: 20,
        spikeDurationMs: 10_000,
      },
    ],
    ['{ scenario: rate, rate: 100, duration: 5s }', rates('even')],
    ['{ scenario: poisson, rate: 100/s, duration: 5 }', rates('poisson')],
    ['{ rate: 6k/m, duration: 5s, arrivals: poisson }', rates('poisson')],
    [
      '{ scenario: rate-ramp, start: 5, rate: 50, duration: 5s }',
      {
        kind: 'rate-stages',
        startRate: 5,
        stages: [{ durationMs: 5000, rate: 50 }],
        arrivals: 'even',
      },
    ],
    [
      '{ scenario: iterations, users: 5, iterations: 9 }',
      { kind: 'constant', users: 5, durationMs: null },
    ],
    [
      '{ stages: [{ duration: 5s, users: 3 }], start: 0 }',
      { kind: 'stages', startUsers: 0, stages: [{ durationMs: 5000, users: 3 }] },
    ],
    [
      '{ stages: [{ duration: 5s, rate: 0.5 }] }',
      {
        kind: 'rate-stages',
        startRate: 0,
        stages: [{ durationMs: 5000, rate: 0.5 }],
        arrivals: 'even',
      },
    ],
  ])('%s', async (load, expected) => {
    expect((await withLoad(load)).load).toEqual(expected);
  });

  it.each<[string, PlanFlags, object]>([
    [
      '{ users: 100, duration: 60s }',
      { durationMs: 1000 },
      { load: { users: 100, durationMs: 1000 } },
    ],
    ['{ users: 100, duration: 60s }', { connections: 100 }, { load: { users: 100 } }],
    [
      '{ users: 100, duration: 60s, think: 5s }',
      { rate: 9 },
      { load: { kind: 'rate', rate: 9, durationMs: 60_000 }, thinkMs: 0 },
    ],
    [
      '{ users: 100, iterations: 3 }',
      { requests: 5 },
      { maxRequests: 5, maxIterations: null, load: { durationMs: null } },
    ],
    ['{ users: 100, requests: 5 }', { iterations: 3 }, { maxRequests: null, maxIterations: 3 }],
    [
      '{ rate: 100, duration: 60s }',
      { users: 4 },
      { load: { kind: 'constant', users: 4, durationMs: 60_000 } },
    ],
    [
      '{ rate: 100, duration: 60s }',
      { connections: 4 },
      { load: { kind: 'rate' }, connections: 4 },
    ],
    ['{ rate: 100, duration: 60s }', { poisson: true }, { load: { arrivals: 'poisson' } }],
    [
      '{ stages: [{ duration: 5s, rate: 5 }] }',
      { rate: 9 },
      { load: { kind: 'rate', rate: 9, durationMs: 10_000 } },
    ],
    [
      '{ users: 100, duration: 60s }',
      { stages: ['5s:9'] },
      { load: { kind: 'stages', stages: [{ durationMs: 5000, users: 9 }] } },
    ],
  ])('%s overridden by %j', async (load, flags, expected) => {
    expect(await withLoad(load, flags)).toMatchObject(expected);
  });

  it.each<[string, PlanFlags, string]>([
    [
      '{ stages: [{ duration: 5s, users: 3 }] }',
      { durationMs: 5 },
      '-d/--duration and load.stages, plans/plan.yaml:2:17',
    ],
    ['{ stages: [{ duration: 5s, users: 3 }] }', { users: 5 }, '-u/--users and load.stages'],
    ['{ rate: 5 }', { thinkMs: 5 }, '--think and load.rate, plans/plan.yaml:2:15'],
    [
      '{ users: 5, iterations: 3, requests: 3 }',
      {},
      'load.requests, plans/plan.yaml:2:44 and load.iterations',
    ],
    [
      '{ users: 5 }\nconnections: 6',
      {},
      'load.users, plans/plan.yaml:2:16 and connections, plans/plan.yaml:3:14',
    ],
    ['{ users: 5 }', { connections: 6 }, 'and -c/--connections'],
    ['{ stages: [{ duration: 5s }] }', {}, 'a stage has users or a rate'],
    [
      '{ stages: [{ duration: 5s, users: 3 }, { duration: 5s, rate: 3 }] }',
      {},
      'the same in all of them',
    ],
    ['{ users: fast }', {}, '"fast" is not a number (load.users, plans/plan.yaml:2:16)'],
    ['{ users: -5 }', {}, '"-5" is negative'],
    ['{ duration: 30x }', {}, 'Not a duration'],
    [
      '{ scenario: spike, users: 5, rampUp: 50s, duration: 60s, spikeUsers: 5, spikeDuration: 20s }',
      {},
      'the spike would go from 1m to 1m20s, the run ends at 1m (load.spikeDuration, plans/plan.yaml:2:94)',
    ],
  ])('refuses %s with %j', async (load, flags, cause) => {
    await expect(withLoad(load, flags)).rejects.toThrow(cause);
  });
});

describe('resolvePlan, requests', () => {
  it('joins paths, merges headers and gives names', async () => {
    const plan = await fromFile(`
target: http://user:pw@h/api/
headers: { Accept: a, X-All: '1' }
requests:
  - { path: /cart?full=1, headers: { accept: b } }
  - { path: items, method: delete }
  - { path: /cart, weight: 3 }
  - { name: buy, url: 'http://h/buy', json: { id: '{{iteration}}', n: 1 } }
`);
    const auth = ['Authorization', `Basic ${Buffer.from('user:pw').toString('base64')}`];
    expect(plan.target).toBe('http://h/api/');
    expect(plan.order).toBe('weighted');
    expect(plan.requests).toEqual([
      {
        name: 'GET /api/cart',
        method: 'GET',
        url: 'http://h/api/cart?full=1',
        headers: [auth, ['X-All', '1'], ['accept', 'b']],
        body: null,
        weight: 1,
      },
      {
        name: 'delete /api/items',
        method: 'delete',
        url: 'http://h/api/items',
        headers: [auth, ['Accept', 'a'], ['X-All', '1']],
        body: null,
        weight: 1,
      },
      {
        name: 'GET /api/cart #2',
        method: 'GET',
        url: 'http://h/api/cart',
        headers: [auth, ['Accept', 'a'], ['X-All', '1']],
        body: null,
        weight: 3,
      },
      {
        name: 'buy',
        method: 'POST',
        url: 'http://h/buy',
        headers: [auth, ['Content-Type', 'application/json'], ['Accept', 'a'], ['X-All', '1']],
        body: '{"id":"{{iteration|json}}","n":1}',
        weight: 1,
      },
    ]);
  });

  it('takes a lone request at the top, overridden by flags', async () => {
    const plan = await fromFile("url: http://h/a\nmethod: PUT\nbody: x\nheaders: ['A: 1']", {
      method: 'PATCH',
      headers: ['a: 2', 'B: 3'],
      body: '@body.txt',
      name: 'mine',
    });
    expect(plan.name).toBe('mine');
    expect(plan.requests[0]).toMatchObject({
      name: 'PATCH /a',
      headers: [
        ['a', '2'],
        ['B', '3'],
      ],
      body: Buffer.from('from a flag'),
    });
  });

  it('sends a file of a plan as it is, from beside the plan', async () => {
    const { requests } = await fromFile('target: http://h\nbodyFile: body.json');
    expect(requests[0]).toMatchObject({
      method: 'POST',
      headers: [['Content-Type', 'application/json']],
    });
    expect(Buffer.from(requests[0].body as Uint8Array).toString()).toBe('{"a":"{{literal}}"}');
  });

  it('lets an Authorization header win over credentials in the address', async () => {
    const { requests, target } = await quick(
      { headers: ['authorization: Bearer x'] },
      'http://a:b@h/',
    );
    expect(requests[0].headers).toEqual([['authorization', 'Bearer x']]);
    expect(target).toBe('http://h/');
  });

  it.each<[string, PlanFlags, string]>([
    ['{}', {}, 'there is no target and no url'],
    ['path: /a', {}, 'there is no target and no url'],
    [
      'target: http://h\nrequests: [{ path: /a }]\nbody: x',
      {},
      'there is a list of requests and body besides',
    ],
    ['target: http://h\nrequests: [{ path: /a, url: http://h }]', {}, 'there is a url and a path'],
    ['target: http://h\nbody: x\njson: 1', {}, 'there is body and json'],
    ['target: http://h\npath: http://h/a', {}, 'is a whole address'],
    ['target: http://h/?a=1\npath: /b', {}, 'the target has a query'],
    [
      'requests: [{ url: http://h/a }, { url: http://g/a }]',
      {},
      'http://g is not http://h (requests[1].url, plans/plan.yaml:1:40)',
    ],
    ['requests: [{ url: http://h/a }, { url: https://h/a }]', {}, 'More than one target'],
    ['target: http://h\nrequests: [{ name: a }, { name: a }]', {}, '"a" is empty or taken'],
    ['target: http://h\nrequests: [{ weight: 0 }]', {}, 'Weight not usable'],
    ['target: http://h\nrequests: [{}, {}]', { method: 'PUT' }, 'it would change all 2 requests'],
    [
      'target: http://h\nmethod: "GE T"',
      {},
      '"GE T" is no method name (method, plans/plan.yaml:2:9)',
    ],
    ['target: http://h', { method: 'CONNECT' }, 'CONNECT opens a tunnel'],
    ['target: http://h\nheaders: { Content-Length: 5 }', {}, 'counted from the body'],
    ['target: http://h', { headers: ['Connection: close'] }, '(-H/--header)'],
    [
      'target: http://h\nbodyFile: none.json',
      {},
      'none.json: there is no such file (bodyFile, plans/plan.yaml:2:11)',
    ],
    ['target: http://h', { body: '@none' }, 'none: there is no such file (-b/--body)'],
    ['target: ftp://h', {}, 'ftp is not spoken (target, plans/plan.yaml:1:9)'],
    [
      'target: http://h\nrequests: [{ path: "/{{idd}}" }]\nfeed: users.csv',
      {},
      'nothing is called "idd" (address of GET /{{idd}}, plans/plan.yaml:2:12). Did you mean "id"?',
    ],
    [
      'target: http://h\nheaders: { X: "{{name}}" }',
      { feed: 'bad.csv' },
      'column name of data row 1 holds a control character',
    ],
  ])('refuses %j with %j', async (text, flags, cause) => {
    await expect(fromFile(text, flags)).rejects.toThrow(cause);
  });
});

describe('resolvePlan, variables', () => {
  it('fills both forms from vars and -e, which wins, and leaves slots alone', async () => {
    const plan = await fromFile(
      `
target: "{{base}}/v\${version}"
vars: { base: 'http://h', version: 1, both: '\${version}-x', time: 3s }
path: /{{both}}/{{id}}?price=$\${5}
headers: { X: '{{ both }}' }
load: { users: "\${n}", duration: '{{time}}' }
feed: users.csv
`,
      { env: ['version=2', 'n=7'] },
    );
    expect(plan.requests[0]).toMatchObject({
      url: 'http://h/v2/2-x/{{id}}?price=${5}',
      headers: [['X', '2-x']],
    });
    expect(plan.load).toEqual({ kind: 'constant', users: 7, durationMs: 3000 });
    expect(plan.feed).toEqual({
      file: 'users.csv',
      columns: ['id', 'name'],
      rows: [
        ['1', 'ann'],
        ['2', 'bob'],
      ],
    });
  });

  it('fills the address and flags of a quick run', async () => {
    const flags = {
      env: ['id=5', 'key = k '],
      headers: ['X: ${key}'],
      body: '{{id}} {{iteration}}',
    };
    const { requests } = await quick(flags, 'http://h/{{id}}');
    expect(requests[0]).toMatchObject({
      url: 'http://h/5',
      headers: [['X', 'k']],
      body: '5 {{iteration}}',
    });
  });

  it.each<[string, PlanFlags, string]>([
    [
      'target: http://h/${bas}\nvars: { base: x }',
      {},
      'nothing is called "bas" (target, plans/plan.yaml:1:9). Did you mean "base"?',
    ],
    ['target: http://h\ntimeout: "{{t}}"', {}, 'Slots work in requests only.'],
    ['target: http://h', { env: ['nothing'] }, '"nothing" has no ='],
    ['target: http://h', { env: ['=x'] }, 'has no usable name before ='],
    [
      'target: http://h/{{a}}\nvars: { a: 1 }',
      { env: ['A=2'] },
      'neither {{A}} nor ${A} occurs (-e "A")',
    ],
  ])('refuses %j with %j', async (text, flags, cause) => {
    await expect(fromFile(text, flags)).rejects.toThrow(cause);
  });
});

describe('resolvePlan, the rest', () => {
  it('adds the error rate unless one is given or none is wanted', async () => {
    const of = async (thresholds: readonly string[]) => (await quick({ thresholds })).thresholds;
    expect(await of([' p99 < 50ms'])).toEqual(['p99 < 50ms', 'error rate < 1%']);
    expect(await of(['error rate <= 5%'])).toEqual(['error rate <= 5%']);
    expect(await of(['[GET /] error rate < 5%'])).toEqual([
      '[GET /] error rate < 5%',
      'error rate < 1%',
    ]);
    expect(await of(['none'])).toEqual([]);
    expect(await of(['None', 'p99 < 50ms'])).toEqual(['p99 < 50ms']);
  });

  it('lets thresholds of flags replace those of the plan', async () => {
    const text = 'target: http://h\nthresholds: ["rps > 5", none]';
    expect((await fromFile(text)).thresholds).toEqual(['rps > 5']);
    expect((await fromFile(text, { thresholds: ['rps > 9'] })).thresholds).toEqual([
      'rps > 9',
      'error rate < 1%',
    ]);
  });

  it('takes the other settings of a plan, overridden by flags', async () => {
    const text = `
target: https://h
workers: 2
timeout: 500ms
warmup: 3s
keepAlive: false
insecure: true
servername: s
success: ['200-299', 404]
onlyOk: true
seed: 9
apdex: 100ms
`;
    expect(await fromFile(text)).toMatchObject({
      workers: 2,
      timeoutMs: 500,
      warmupMs: 3000,
      keepAlive: false,
      tls: { insecure: true, servername: 's', ca: null },
      success: [
        { from: 200, to: 299 },
        { from: 404, to: 404 },
      ],
      onlyOk: true,
      seed: 9,
      apdexMs: 100,
    });
    const flags = {
      workers: 1,
      timeoutMs: 1,
      warmupMs: 0,
      keepAlive: true,
      onlyOk: false,
      seed: 0,
      insecure: false,
      servername: 't',
    };
    expect(await fromFile(text, flags)).toMatchObject({
      workers: 1,
      timeoutMs: 1,
      warmupMs: 0,
      keepAlive: true,
      onlyOk: false,
      seed: 0,
      tls: { insecure: false, servername: 't' },
    });
  });

  it('reads authorities and feeds from beside the plan or the working directory', async () => {
    expect((await quick({ ca: 'ca.pem' })).tls.ca).toBe(PEM);
    expect(
      (await fromFile(`target: http://h\nca: |\n  ${PEM.replaceAll('\n', '\n  ')}`)).tls.ca,
    ).toBe(PEM);
    expect((await quick({ feed: 'users.csv' })).feed!.rows).toEqual([['7', 'cid']]);
    const text = 'target: http://h\nfeed: { file: users.csv, format: csv }';
    expect((await fromFile(text)).feed!.rows).toHaveLength(2);
  });

  it.each<[string, PlanFlags, string]>([
    ['thresholds: ["p99 < 5"]', {}, 'threshold "p99 < 5", character 8, plans/plan.yaml:2:14)'],
    ['thresholds: ["[GET /cart] p99 < 5ms"]', {}, 'no request is called "GET /cart"'],
    ['', { thresholds: ['[get /] p99 < 5ms'] }, 'Did you mean "GET /"?'],
    ['thresholds: ["checks > 99%"]', {}, 'only scenarios have checks'],
    ['success: [99]', {}, '"99" is neither a status'],
    ['success: ["300-200"]', {}, '"300-200" is neither a status'],
    ['workers: 65', {}, '(workers, plans/plan.yaml:2:10)'],
    ['workers: "{{n}}"', {}, 'Unknown variable'],
    ['apdex: 500', {}, 'it is 8m20s (apdex'],
    ['feed: none.csv', {}, 'there is no such file (feed, plans/plan.yaml:2:7)'],
    ['ca: none.pem', {}, 'there is no such file'],
    ['', { ca: 'no.pem' }, 'there is no BEGIN CERTIFICATE line (--ca)'],
  ])('refuses %j with %j', async (setting, flags, cause) => {
    await expect(fromFile(`target: http://h\n${setting}\n`, flags)).rejects.toThrow(cause);
  });
});
