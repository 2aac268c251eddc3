// Over real sockets, within this thread: what the report says against what the server saw.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startFaultyServer, type FaultyServer } from '@needletail/testkit/faulty-server';
import { misbehaviours, type FaultOutcome } from '@needletail/testkit/misbehaviour';
import { WebSocketServer } from 'ws';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { imbalanceOf } from '../collect/ledger.ts';
import type { RunSummary } from '../collect/run-summary.ts';
import type { LoadDefinition, UserFunction } from './definition.ts';
import { runDefinition } from './run-definition.ts';

/** Runs a definition and checks what must hold of any run whatever: both ledgers add up. */
async function run(definition: LoadDefinition<string>): Promise<RunSummary> {
  const { summary } = await runDefinition(definition);
  expect(imbalanceOf(summary.ledger)).toBe(0);
  for (const { ledger } of summary.endpoints) expect(imbalanceOf(ledger)).toBe(0);
  const { scheduled, ok, failed, dropped, inFlight } = summary.iterations!;
  expect(scheduled).toBe(ok + failed + dropped + inFlight);
  return summary;
}

const PATHS: readonly string[] = [...misbehaviours.keys()].map((name) => {
  const argument = { status: '/503', size: '/70000', delay: '/5' }[name] ?? '';
  return `/${name}${argument}`;
});

describe('runDefinition, against a server that misbehaves', () => {
  let server: FaultyServer;
  beforeEach(async () => {
    server = await startFaultyServer();
  });
  afterEach(() => server.close());

  it.each(PATHS)(
    'accounts for %s as the server does, and as requests without a script',
    async (path) => {
      const isAnswered = misbehaviours.get(path.split('/')[1]!)!.outcome !== 'timeout';
      const count = isAnswered ? 6 : 2;
      const summary = await run({
        target: server.url,
        load: { users: 2, iterations: count },
        timeout: isAnswered ? '20s' : '1s',
        user: ({ http }) => http.get(path),
      });
      expect(summary.ledger.scheduled).toBe(count);
      expect(server.arrivals).toHaveLength(count);
      const failed = (kind: FaultOutcome): number =>
        summary.failures
          .filter((one) => one.kind === kind)
          .reduce((sum, { count }) => sum + count, 0);
      expect({
        ok: summary.ledger.ok,
        status: failed('status'),
        reset: failed('reset'),
        truncated: failed('truncated'),
        protocol: failed('protocol'),
        timeout: summary.ledger.timedOut,
      }).toEqual(server.counts());
      // What the ledger has is no error of the script's.
      expect(summary.scriptErrors).toEqual([]);
    },
  );

  it('keeps the schedule of the open model, and drops what never got a user', async () => {
    const summary = await run({
      target: server.url,
      load: { rate: 100, duration: '400ms', maxUsers: 4 },
      timeout: '60s',
      user: ({ http }) => http.get('/hang'),
    });
    expect(summary.ledger).toMatchObject({ scheduled: 4, inFlight: 4 });
    expect(summary.iterations).toMatchObject({ scheduled: 40, inFlight: 4, dropped: 36 });
    expect(server.arrivals).toHaveLength(4);
  });
});

describe('runDefinition', () => {
  let server: Server;
  let url: string;
  const seen: string[] = [];

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    seen.push(`${request.method} ${request.url} ${request.headers.cookie ?? '-'}`);
    if (request.url === '/events') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write('data: 1\n\ndata: 2\n\ndata: 3\n\n');
      return;
    }
    if (request.url === '/login') response.setHeader('Set-Cookie', `user=${seen.length}`);
    response.end('{"id":1}');
  };

  beforeAll(async () => {
    server = createServer(answer);
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) =>
      socket.on('message', (data) => socket.send(`echo ${String(data as Buffer)}`)),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => void seen.splice(0));
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  const once = (user: UserFunction, iterations = 1): Promise<RunSummary> =>
    run({ target: url, load: { users: 1, iterations }, user: user as never });

  it('measures groups, nested ones by their path, and times and counters of the script', async () => {
    const { timings, counters } = await once(async ({ http, group, count, timing }) => {
      await group('checkout', async () => {
        await http.get('/a');
        await Promise.all([
          group('pay', () => http.get('/b')),
          group('mail', () => http.get('/c')),
        ]);
      });
      count('orders', 3);
      timing('render', 12);
    });
    expect(timings.map(({ name }) => name).toSorted()).toEqual([
      'checkout',
      'checkout / mail',
      'checkout / pay',
      'render',
    ]);
    expect(timings.find(({ name }) => name === 'render')!.timeMs.max).toBeCloseTo(12, 0);
    expect(counters).toMatchObject([{ name: 'orders', total: 3 }]);
  });

  it('counts an event stream as a request that is ok when the iteration leaves it', async () => {
    const summary = await once(async ({ http }) => {
      let read = 0;
      for await (const event of http.events('/events')) {
        expect(event.data).toBe(String((read += 1)));
        if (read === 3) break;
      }
    });
    expect(summary.scriptErrors).toEqual([]);
    expect(summary.ledger).toMatchObject({ scheduled: 1, ok: 1 });
    expect(summary.counters).toMatchObject([{ name: 'events received', total: 3 }]);
  });

  it('counts the handshake and the asked messages of a WebSocket as requests, the others by counters', async () => {
    const summary = await once(async ({ http, check }) => {
      const socket = await http.websocket(`${url.replace('http', 'ws')}/chat/17`);
      const reply = await socket.ask('one');
      check(reply, { 'is an echo': (message) => message === 'echo one' });
      socket.send('two');
      for await (const message of socket) {
        expect(message).toBe('echo two');
        break;
      }
      await socket.close();
    });
    expect(summary.scriptErrors).toEqual([]);
    expect(summary.endpoints.map(({ name, ledger }) => [name, ledger.ok])).toEqual([
      ['WS /chat/:id', 1],
      ['WS /chat/:id message', 1],
    ]);
    expect(summary.counters.map(({ name, total }) => [name, total])).toEqual([
      ['websocket messages sent', 1],
      ['websocket messages received', 1],
    ]);
    expect(summary.checks).toEqual([{ name: 'is an echo', passed: 1, failed: 0 }]);
  });

  it('fails the iteration for a check of what is no answer', async () => {
    const summary = await once(({ check }) => check(1, { 'is two': (value) => value === 2 }));
    expect(summary.iterations).toMatchObject({ failed: 1 });
    expect(summary.scriptErrors).toEqual([]);
  });

  it('refuses a check that gives a promise, which would always hold', async () => {
    const summary = await once(async ({ http, check }) => {
      check(await http.get('/a'), { later: () => Promise.resolve(false) });
    });
    expect(summary.checks).toEqual([{ name: 'later', passed: 0, failed: 1 }]);
    expect(summary.scriptErrors[0]!.message).toContain('promise');
  });

  it('draws the same random numbers and pauses whenever the seed is the same', async () => {
    const draw = async (seed: number): Promise<readonly number[]> => {
      const drawn: number[] = [];
      await run({
        target: url,
        seed,
        load: { users: 2, iterations: 10 },
        user: ({ iteration, random }) => {
          drawn[iteration] = random() + random();
        },
      });
      return drawn;
    };
    const first = await draw(5);
    expect(await draw(5)).toEqual(first);
    expect(await draw(6)).not.toEqual(first);
    expect(new Set(first).size).toBe(10);
  });

  it('lets a script that never waits go round without starving the run', async () => {
    const summary = await run({
      target: url,
      load: { users: 2, duration: '200ms' },
      thresholds: ['none'],
      user: () => undefined,
    });
    expect(summary.durationMs).toBeLessThan(2000);
    expect(summary.iterations!.ok).toBeGreaterThan(10);
  });

  it('leaves the warm-up out of requests, iterations, checks and errors', async () => {
    const summary = await run({
      target: url,
      warmup: '200ms',
      load: { rate: 100, duration: '300ms' },
      async user({ http, check }) {
        check(await http.get('/a'), { any: () => true });
      },
    });
    expect(seen).toHaveLength(50);
    expect(summary.ledger.scheduled).toBe(30);
    expect(summary.iterations!.scheduled).toBe(30);
    expect(summary.checks).toEqual([{ name: 'any', passed: 30, failed: 0 }]);
  });

  it('sends nothing after the end: what an iteration asks for then waits for ever', async () => {
    const summary = await run({
      target: url,
      load: { users: 3, duration: '200ms' },
      async user({ http, think }) {
        for (;;) {
          await http.get('/a');
          await think(5);
        }
      },
    });
    const after = seen.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen).toHaveLength(after);
    expect(summary.ledger.scheduled).toBe(after);
    expect(summary.iterations).toMatchObject({ scheduled: 3, inFlight: 3 });
  });

  it('reaches an application that never listens', async () => {
    for (const target of [
      (request: Request) => new Response(new URL(request.url).pathname),
      (_: IncomingMessage, response: ServerResponse) => void response.end('ok'),
    ]) {
      const summary = await run({
        target,
        load: { users: 2, iterations: 20 },
        user: async ({ http, check }) => {
          check(await http.get('/path'), { 'is ok': (response) => response.ok });
        },
      });
      expect(summary.ledger).toMatchObject({ scheduled: 20, ok: 20 });
      expect(summary.ended).toBe('complete');
      expect(summary.checks).toEqual([{ name: 'is ok', passed: 20, failed: 0 }]);
    }
  });

  it('hands what setup gave to users and teardown, and tells of a teardown that fails', async () => {
    const { summary } = await runDefinition({
      target: url,
      load: { users: 1, iterations: 2 },
      setup: () => ({ token: 'abc' }),
      user: ({ http, shared }) => http.get(`/${shared.token}`),
      teardown: ({ shared }) => {
        throw new Error(`cannot give back ${shared.token}`);
      },
    });
    expect(seen).toEqual(['GET /abc -', 'GET /abc -']);
    expect(summary.verdict.reasons.join()).toContain('cannot give back abc');
  });

  it('rejects when setup fails, before anything is sent', async () => {
    const broken = runDefinition({
      target: url,
      load: { users: 1, iterations: 1 },
      setup: () => {
        throw new Error('no database');
      },
      user: ({ http }) => http.get('/a'),
    });
    await expect(broken).rejects.toMatchObject({
      code: 'SCRIPT_SETUP',
      message: expect.stringContaining('no database') as string,
    });
    expect(seen).toEqual([]);
  });
});
