import { describe, expect, it, vi } from 'vitest';
import { stream } from '../reply/reply.ts';
import type { AnyContext } from '../app/middleware.ts';
import { get, statuses } from '../listen/raw-client.fixture.ts';
import { AppUnderTest } from './app-under-test.fixture.ts';

const server = new AppUnderTest();
const LAST = get('/ok', 'Connection: close\r\n');

/** Starts an application with this handler at `/`, asks for it and then for another on the same connection. */
async function ask(handler: (c: AnyContext) => unknown): Promise<string> {
  await server.start((app) => app.get('/', (c) => handler(c as never)).get('/ok', () => 'ok'));
  return server.exchange(get('/') + LAST);
}

function reported(): unknown[] {
  return server.errors.splice(0);
}

class Odd {
  toJSON(): never {
    throw new Error('no JSON of this');
  }
}

const UNSENDABLE: readonly (readonly [what: string, value: unknown])[] = [
  ['a function', () => 1],
  ['a symbol', Symbol('x')],
  ['a big integer', 1n],
  ['an object with a big integer', { a: 1n }],
  ['an object whose toJSON throws', new Odd()],
  [
    'an object whose getter throws',
    {
      get a() {
        throw new Error('secret');
      },
    },
  ],
];

describe('handlers that fail', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('secret');
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret'))],
    [
      'throws a string',
      () => {
        throw 'secret';
      },
    ],
    [
      'throws undefined',
      () => {
        throw undefined;
      },
    ],
    ['rejects with null', () => Promise.reject(null)],
    [
      'throws what claims to be a success',
      () => {
        throw Object.assign(new Error('secret'), { status: 200 });
      },
    ],
  ])(
    'one that %s is answered 500, reported once, and the connection goes on',
    async (_, handler) => {
      const text = await ask(handler);
      expect(statuses(text)).toEqual([500, 200]);
      expect(text).not.toContain('secret');
      expect(text).toContain('"title":"Internal Server Error"');
      expect(reported()).toHaveLength(1);
    },
  );

  it.each(UNSENDABLE)('one that returns %s is answered 500, reported once', async (_, value) => {
    const text = await ask(() => value);
    expect(statuses(text)).toEqual([500, 200]);
    expect(text).not.toContain('secret');
    expect(reported()).toHaveLength(1);
  });

  it('one that never answers is answered 503 in time; its signal aborts, and what it gives later goes nowhere', async () => {
    const seen: AbortSignal[] = [];
    let answerLate: (text: string) => void = () => {};
    await server.start(
      (app) =>
        app.get('/', (c) => {
          seen.push(c.signal);
          return new Promise<string>((resolve) => (answerLate = resolve));
        }),
      { clock: server.clock, timeouts: { requestMs: 2_000 } },
    );
    const client = server.client();
    client.send(get('/'));
    await server.until(() => seen.length === 1);
    server.clock.advance(1_500);
    expect(seen[0]!.aborted).toBe(false);
    server.clock.advance(1_000);
    answerLate('late');
    const text = await client.ended();
    expect(statuses(text)).toEqual([503]);
    expect(text).not.toContain('late');
    expect(seen[0]!.aborted).toBe(true);
    expect(reported()).toMatchObject([{ name: 'RequestRefusedError', status: 503 }]);
  });

  it('one in a middleware that calls next twice is answered 500', async () => {
    let runs = 0;
    await server.start((app) => {
      app.use(async (_, next) => {
        await next();
        return next();
      });
      app.get('/', () => (runs += 1)).get('/ok', () => 'ok');
    });
    expect(statuses(await server.exchange(get('/') + LAST))).toEqual([500, 500]);
    expect(runs).toBe(1);
    expect(reported()).toMatchObject([{ code: 'HANDLER' }, { code: 'HANDLER' }]);
  });

  it('a middleware that answers after its handler did has the last word, and the only one', async () => {
    await server.start((app) => {
      app.use(async (_, next) => {
        await next();
        return 'outer';
      });
      app.get('/ok', () => 'inner');
    });
    const text = await server.exchange(LAST);
    expect(statuses(text)).toEqual([200]);
    expect(text.split('\r\n\r\n')[1]).toBe('outer');
  });

  it('one that keeps its context cannot write into the next answer', async () => {
    const kept: AnyContext[] = [];
    await server.start((app) =>
      app
        .get('/', (c) => {
          kept.push(c as never);
          return 'first';
        })
        .get('/ok', () => {
          kept[0]!.set('X-Late', 'yes').status = 418;
          return 'ok';
        }),
    );
    const text = await server.exchange(get('/') + LAST);
    expect(statuses(text)).toEqual([200, 200]);
    expect(text).not.toContain('X-Late');
  });

  it('a producer that throws after its answer began breaks the connection, reported once', async () => {
    const text = await ask(() =>
      stream(
        (async function* () {
          yield 'begun';
          await Promise.resolve();
          throw new Error('secret');
        })(),
      ),
    );
    expect(statuses(text)).toEqual([200]);
    expect(text).not.toMatch(/0\r\n\r\n$/);
    expect(reported()).toHaveLength(1);
  });

  it.each([
    ['less', 10],
    ['more', 2],
  ])(
    'a producer that gives %s than the length it announced breaks the connection',
    async (_, length) => {
      const text = await ask(() =>
        stream(
          (async function* () {
            yield 'begun';
          })(),
          { length },
        ),
      );
      expect(statuses(text)).toEqual([200]);
      expect(text).not.toContain('ok');
      expect(reported()).toHaveLength(1);
    },
  );

  it('a hook that fails while an error is answered leaves a 500', async () => {
    await server.start((app) => {
      app.on('error', () => {
        throw new Error('secret of the hook');
      });
      app.get('/', () => {
        throw new Error('secret');
      });
      app.get('/ok', () => 'ok');
    });
    const text = await server.exchange(get('/') + LAST);
    expect(statuses(text)).toEqual([500, 200]);
    expect(text).not.toContain('secret');
    expect(reported()).toHaveLength(1);
  });

  it('a hook that fails after the answer is reported, and harms nothing', async () => {
    await server.start((app) => {
      app.on('response', () => {
        throw new Error('of the hook');
      });
      app.get('/ok', () => 'ok');
    });
    expect(statuses(await server.exchange(get('/ok') + LAST))).toEqual([200, 200]);
    expect(reported()).toHaveLength(2);
  });

  it('a request hook that fails is answered 500', async () => {
    await server.start((app) => {
      app.on('request', () => Promise.reject(new Error('of the hook')));
      app.get('/ok', () => 'ok');
    });
    expect(statuses(await server.exchange(LAST))).toEqual([500]);
    expect(reported()).toHaveLength(1);
  });

  it('a reporter that throws harms neither the answer nor the process', async () => {
    let calls = 0;
    const printed = vi.spyOn(console, 'error').mockReturnValue(undefined);
    await server.start(
      (app) =>
        app
          .get('/', () => {
            throw new Error('secret');
          })
          .get('/later', () => Promise.reject(new Error('secret')))
          .get('/ok', () => 'ok'),
      {},
      {
        onError() {
          calls += 1;
          throw new Error('of the reporter');
        },
      },
    );
    expect(statuses(await server.exchange(get('/') + get('/later') + LAST))).toEqual([
      500, 500, 200,
    ]);
    expect(calls).toBe(2);
    expect(printed).toHaveBeenCalledTimes(2);
    printed.mockRestore();
  });
});
