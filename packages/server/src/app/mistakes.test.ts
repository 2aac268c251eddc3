import { describe, expect, it, vi } from 'vitest';
import { App, HttpError, json, type AppOptions, type MiddlewareInput } from '../index.ts';
import { listenOn } from '../listen/listen-on.ts';

interface Told {
  readonly app: App;
  readonly errors: unknown[];
}

function appThatTells(): Told {
  const errors: unknown[] = [];
  return { app: new App({ onError: (error) => errors.push(error) }), errors };
}

/** As JavaScript would write it. */
function wrongly<T>(value: unknown): T {
  return value as T;
}

describe('middleware that forgets', () => {
  const forgetful: Readonly<Record<string, MiddlewareInput>> = {
    'to return': async (_, next) => {
      await next();
    },
    'to wait and to return': (_, next) => {
      void next();
    },
    'to wait and to return, and is asynchronous': async (_, next) => {
      await Promise.resolve();
      void next();
    },
  };

  it.each(Object.entries(forgetful))('%s leaves the answer as it is', async (_, handle) => {
    const app = new App().use(handle).get('/', async () => Promise.resolve('whole'));
    expect((await app.inject('/')).text()).toBe('whole');
  });

  it('to wait, and answers itself: what fails behind it is reported, and ends no process', async () => {
    const { app, errors } = appThatTells();
    app
      .use((_, next) => {
        void next();
        return 'early';
      })
      .get('/', async () => {
        await Promise.resolve();
        throw new Error('late');
      });
    expect((await app.inject('/')).text()).toBe('early');
    await vi.waitFor(() => expect(errors).toEqual([new Error('late')]));
  });

  it('nothing: an error that it caught is not reported', async () => {
    const { app, errors } = appThatTells();
    app
      .use(async (_, next) => {
        try {
          return await next();
        } catch {
          return 'instead';
        }
      })
      .get('/', async () => Promise.reject(new Error('caught')));
    expect((await app.inject('/')).text()).toBe('instead');
    expect(errors).toEqual([]);
  });
});

describe('hooks of the moment response', () => {
  it('reports what an asynchronous hook rejects with', async () => {
    const { app, errors } = appThatTells();
    app.on('response', async () => Promise.reject(new Error('log is full'))).get('/', () => 'x');
    expect((await app.inject('/')).status).toBe(200);
    await vi.waitFor(() => expect(errors).toEqual([new Error('log is full')]));
  });
});

describe('a handler that returns an error', () => {
  it('is answered as if it had thrown it, without a word of what it holds', async () => {
    const { app, errors } = appThatTells();
    app
      .get('/gone', () => new HttpError(410, 'Gone.', { headers: { 'X-Why': 'age' } }))
      .get('/odd', async () => Promise.resolve(new TypeError('secret')));
    expect((await app.inject('/gone')).json()).toMatchObject({ status: 410, detail: 'Gone.' });
    const odd = await app.inject('/odd');
    expect([odd.status, odd.text().includes('secret')]).toEqual([500, false]);
    expect(errors).toEqual([new TypeError('secret')]);
  });

  it('is told why JSON was not possible', async () => {
    const { app, errors } = appThatTells();
    app.get('/', () => ({ big: 1n }));
    expect((await app.inject('/')).status).toBe(500);
    expect(String(errors[0])).toMatch(/cannot be made JSON: .*BigInt/);
  });
});

describe('a handler that returns what iterates', () => {
  it('gives a generator that is not asynchronous piece by piece, and ends it', async () => {
    let hasEnded = false;
    const app = new App().get('/', function* () {
      try {
        yield 'one ';
        yield new Uint8Array([50]);
      } finally {
        hasEnded = true;
      }
    });
    expect((await app.inject('/')).text()).toBe('one 2');
    expect(hasEnded).toBe(true);
  });

  it.each([
    ['Map', new Map([['a', 1]])],
    ['Set', new Set([1])],
    ['URLSearchParams', new URLSearchParams('a=1')],
    ['Generator', json((function* () {})())],
    ['AsyncGenerator', json((async function* () {})())],
    ['DataView', new DataView(new ArrayBuffer(1))],
  ])('is told that JSON would lose what is in a %s', async (kind, value) => {
    const { app, errors } = appThatTells();
    app.get('/', () => value);
    expect((await app.inject('/')).status).toBe(500);
    expect(String(errors[0])).toMatch(new RegExp(`would make {} of the ${kind} .*ndjson\\(it\\)`));
  });

  it('is made JSON where its class says how', async () => {
    class Page extends Map<string, number> {
      toJSON(): unknown {
        return [...this];
      }
    }
    const app = new App().get('/', () => new Page([['a', 1]]));
    expect((await app.inject('/')).json()).toEqual([['a', 1]]);
  });

  it('is told that the pieces of a stream are text or bytes', async () => {
    const app = new App().get('/', async function* () {
      yield { id: 1 };
    });
    await expect(app.inject('/')).rejects.toThrow(/a piece of its stream is an object/);
  });
});

describe('a stream that somebody else reads', () => {
  it('is a 500, in the same process too', async () => {
    const { app, errors } = appThatTells();
    app.get('/', () => {
      const locked = new ReadableStream();
      locked.getReader();
      return locked;
    });
    expect((await app.inject('/')).status).toBe(500);
    expect(errors).toHaveLength(1);
  });
});

describe('App.close', () => {
  it('runs the close hooks once, however often it is called', async () => {
    const onClose = vi.fn();
    const app = new App().on('close', onClose);
    const listening = await app.listen();
    await Promise.all([app.close(), app.close(), listening.close()]);
    await app.close();
    expect(onClose).toHaveBeenCalledOnce();
  });

  it('is the end: listening again is refused', async () => {
    const app = new App();
    await app.close();
    await expect(app.listen()).rejects.toMatchObject({ code: 'APP_CLOSED' });
  });
});

describe('App.listen', () => {
  it('rejects with what a listen hook threw, and leaves the port', async () => {
    let port = 0;
    const app = new App().on('listen', (address) => {
      ({ port } = address);
      throw new Error('no registry');
    });
    await expect(app.listen()).rejects.toThrow('no registry');
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    await app.close();
  });

  it('says where, and on which backend', async () => {
    const app = new App();
    const { url, port, backend } = await app.listen({ server: 'node' });
    expect([url, backend]).toEqual([`http://127.0.0.1:${port}`, 'node']);
    await app.close();
  });
});

describe('options that are none', () => {
  it.each([
    [3000, /it was given 3000 \(listen\)\. Write listen\({ port: 3000 }\)/],
    [{ port: 99_999 }, /port is 99999 \(listen\)/],
    [{ port: '80' }, /port is "80" \(listen\)/],
    [{ port: Number.NaN }, /port is NaN/],
    [{ maxConnections: -1 }, /maxConnections is -1/],
    [{ limits: { headBytes: -1 } }, /headBytes is -1 \(limits\)/],
    [{ limits: { bodyBytes: '1mb' } }, /bodyBytes is "1mb" \(limits\)/],
    [{ limits: { headSize: 5 } }, /there is no headSize \(limits\)\. There are .*headBytes/],
    [{ timeouts: { headMs: Number.NaN } }, /headMs is NaN \(timeouts\)/],
    [{ hostname: '::1' }, /no option hostname \(listen\)\. .*There are .*host/],
    [{ maxConnection: 5 }, /no option maxConnection .*Did you mean maxConnections\?/],
    [{ tls: { certfile: 'x', keyFile: 'y' } }, /no option certfile \(tls\).*mean certFile\?/],
    [{ tls: {} }, /the certificate or its key is missing/],
  ])('listen(%j) is refused', async (options, message) => {
    await expect(new App().listen(wrongly(options))).rejects.toThrow(message);
  });

  it('holds on the node backend too', async () => {
    const refused = listenOn('node', () => undefined, { limits: { headBytes: -1 } });
    await expect(refused).rejects.toMatchObject({ code: 'OPTION' });
  });

  it('a limit that is undefined is the default', async () => {
    const app = new App().get('/', () => 'x');
    const { port } = await app.listen(wrongly({ limits: { fields: undefined } }));
    const headers = Object.fromEntries(Array.from({ length: 120 }, (_, at) => [`x-${at}`, '']));
    expect((await fetch(`http://127.0.0.1:${port}/`, { headers })).status).toBe(431);
    await app.close();
  });

  it.each([
    [{ bodyLimit: 1 }, /no option bodyLimit \(new App\)\. Did you mean bodyLimitBytes\?/],
    ['app', /it was given "app" \(new App\)/],
    [{ bodyLimitBytes: '1mb' }, /bodyLimitBytes is "1mb" \(new App\)/],
    [{ trailingSlash: 'ignor' }, /trailingSlash is "ignor"/],
    [{ notFound: 'nothing here' }, /notFound is "nothing here"/],
  ])('new App(%j) is refused', (options, message) => {
    expect(() => new App(wrongly<AppOptions<object>>(options))).toThrow(message);
  });
});
