import { describe, expect, it } from 'vitest';
import { Container } from './container.ts';
import { InjectError, InjectFailures } from './inject-error.ts';
import { RequestToken, token } from './token.ts';

const Url = token<string>('url');
const Db = token<{ readonly url: string }>('db');
const Session = token<{ readonly user: unknown }>('session');

function thrownBy(action: () => unknown): InjectError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(InjectError);
    return error as InjectError;
  }
  throw new Error('nothing was thrown');
}

describe('provide', () => {
  it('refuses a second provider for a token', () => {
    const container = new Container().provide(Url, { value: 'a' });
    const error = thrownBy(() => container.provide(Url, { value: 'b' }));
    expect(error.code).toBe('DUPLICATE_PROVIDER');
    expect(error.message).toBe(
      'Provider refused: "url" is provided already (url). Provide it once; tests use `with` or `override`.',
    );
  });

  it('refuses to provide the request, which is what a scope is opened with', () => {
    const container = new Container();
    expect(
      thrownBy(() =>
        container.provide(RequestToken, { scope: 'request', create: () => null as never }),
      ).code,
    ).toBe('DUPLICATE_PROVIDER');
  });

  it('takes two tokens of one name as two', () => {
    const other = token<string>('url');
    const container = new Container().provide(Url, { value: 'a' }).provide(other, { value: 'b' });
    const plan = container.compile({ first: Url, second: other }, 'test');
    expect(plan.resolve(plan.open(null))).toEqual({ first: 'a', second: 'b' });
  });

  it('is refused after the start', async () => {
    const container = new Container();
    await container.start();
    expect(thrownBy(() => container.provide(Url, { value: 'a' })).code).toBe('CONTAINER_STARTED');
  });
});

describe('compile', () => {
  it('names the whole path to a provider that is missing', () => {
    const container = new Container()
      .provide(Db, { scope: 'singleton', needs: { url: Url }, create: ({ url }) => ({ url }) })
      .provide(Session, { scope: 'request', needs: { db: Db }, create: () => ({ user: 1 }) });
    const error = thrownBy(() =>
      container.compile({ session: Session }, 'GET /users at app.ts:12'),
    );
    expect(error.code).toBe('MISSING_PROVIDER');
    expect(error.path).toEqual(['GET /users at app.ts:12', 'session', 'db', 'url']);
    expect(error.message).toContain(
      'Injection refused: nothing provides "url" (GET /users at app.ts:12 → session → db → url). ',
    );
  });

  it('finds what was missing once it is provided', () => {
    const container = new Container();
    expect(thrownBy(() => container.compile({ url: Url }, 'test')).code).toBe('MISSING_PROVIDER');
    container.provide(Url, { value: 'a' });
    const plan = container.compile({ url: Url }, 'test');
    expect(plan.resolve(plan.open(null))).toEqual({ url: 'a' });
  });

  it('names the whole circle', () => {
    const A = token<number>('a');
    const B = token<number>('b');
    const C = token<number>('c');
    const container = new Container()
      .provide(A, { scope: 'transient', needs: { b: B }, create: ({ b }) => b })
      .provide(B, { scope: 'request', needs: { c: C }, create: ({ c }) => c })
      .provide(C, { scope: 'transient', needs: { b: B }, create: ({ b }) => b });
    const error = thrownBy(() => container.compile({ a: A }, 'GET /'));
    expect(error.code).toBe('PROVIDER_CYCLE');
    expect(error.path).toEqual(['GET /', 'a', 'b', 'c', 'b']);
  });

  it('refuses a provider that needs itself', () => {
    const A = token<number>('a');
    const container = new Container().provide(A, {
      scope: 'singleton',
      needs: { a: A },
      create: ({ a }) => a,
    });
    expect(thrownBy(() => container.compile({ a: A }, 'GET /')).path).toEqual(['GET /', 'a', 'a']);
  });

  it('refuses a singleton that would keep what belongs to a request, however far below', () => {
    const Format = token<string>('format');
    const Cache = token<string>('cache');
    const container = new Container()
      .provide(Session, { scope: 'request', create: () => ({ user: 1 }) })
      .provide(Format, { scope: 'transient', needs: { session: Session }, create: () => '' })
      .provide(Cache, { scope: 'singleton', needs: { format: Format }, create: () => '' });
    const error = thrownBy(() => container.compile({ cache: Cache }, 'GET /'));
    expect(error.code).toBe('SHORT_LIVED_NEED');
    expect(error.path).toEqual(['GET /', 'cache', 'format', 'session']);
  });

  it('refuses a singleton that needs the request itself', () => {
    const container = new Container().provide(Db, {
      scope: 'singleton',
      needs: { request: RequestToken },
      create: () => ({ url: '' }),
    });
    expect(thrownBy(() => container.compile({ db: Db }, 'GET /')).code).toBe('SHORT_LIVED_NEED');
  });

  it('accepts what two need in common', () => {
    const container = new Container()
      .provide(Url, { value: 'u' })
      .provide(Db, { scope: 'singleton', needs: { url: Url }, create: ({ url }) => ({ url }) });
    const plan = container.compile({ db: Db, url: Url }, 'GET /');
    expect(plan.resolve(plan.open(null))).toEqual({ db: { url: 'u' }, url: 'u' });
  });
});

describe('check', () => {
  it('looks at providers that no route asks for', () => {
    const container = new Container().provide(Db, {
      scope: 'singleton',
      needs: { url: Url },
      create: ({ url }) => ({ url }),
    });
    expect(thrownBy(() => container.check()).path).toEqual(['db', 'url']);
  });
});

describe('with', () => {
  const original = new Container()
    .provide(Url, { value: 'real' })
    .provide(Db, { scope: 'singleton', needs: { url: Url }, create: ({ url }) => ({ url }) });

  it('gives a container with other values, and leaves this one alone', () => {
    const plan = original.with([[Url, 'fake']]).compile({ db: Db }, 'test');
    expect(plan.resolve(plan.open(null))).toEqual({ db: { url: 'fake' } });
    const unchanged = original.compile({ db: Db }, 'test');
    expect(unchanged.resolve(unchanged.open(null))).toEqual({ db: { url: 'real' } });
  });

  it('never makes what is replaced, nor looks for what that needed', async () => {
    let made = 0;
    const container = new Container().provide(Db, {
      scope: 'singleton',
      needs: { url: Url },
      create: ({ url }) => ((made += 1), { url }),
    });
    const copy = container.with([[Db, { url: 'fake' }]]);
    await copy.start();
    expect(made).toBe(0);
  });

  it('refuses to replace what is not provided', () => {
    const error = thrownBy(() => original.with([[Session, { user: 1 }]]));
    expect(error.code).toBe('UNKNOWN_OVERRIDE');
  });

  it('can be called after the start, and its copy be extended', async () => {
    const started = new Container().provide(Url, { value: 'a' });
    await started.start();
    expect(() => started.with([[Url, 'b']]).provide(Db, { value: { url: 'c' } })).not.toThrow();
  });
});

describe('override', () => {
  it('gives a container with another provider', async () => {
    const ended: string[] = [];
    const copy = new Container()
      .provide(Url, { value: 'real' })
      .provide(Db, { scope: 'singleton', create: () => ({ url: 'real' }) })
      .override(Db, {
        scope: 'singleton',
        needs: { url: Url },
        create: async ({ url }) => ({ url: `fake of ${url}` }),
        dispose: ({ url }) => void ended.push(url),
      });
    const plan = copy.compile({ db: Db }, 'test');
    expect(await plan.resolve(plan.open(null))).toEqual({ db: { url: 'fake of real' } });
    await copy.close();
    expect(ended).toEqual(['fake of real']);
  });
});

describe('start', () => {
  it('makes singletons, but no lazy ones and nothing of requests', async () => {
    const made: string[] = [];
    const container = new Container();
    for (const [name, scope, lazy] of [
      ['eager', 'singleton', false],
      ['lazy', 'singleton', true],
      ['request', 'request', false],
      ['transient', 'transient', false],
    ] as const) {
      container.provide(token<string>(name), {
        scope,
        lazy,
        create: async () => (made.push(name), name),
      });
    }
    await container.start();
    expect(made).toEqual(['eager']);
    await container.start();
    expect(made).toEqual(['eager']);
  });

  it('names every singleton that could not be made, and makes it when called again', async () => {
    let attempts = 0;
    const refused = new Error('refused');
    const container = new Container()
      .provide(Url, { value: 'u' })
      .provide(Db, {
        scope: 'singleton',
        create: async () => {
          attempts += 1;
          if (attempts === 1) throw refused;
          return { url: 'second' };
        },
      })
      .provide(token<number>('sync'), {
        scope: 'singleton',
        create() {
          if (attempts === 1) throw new Error('not yet');
          return 1;
        },
      });
    const error = await container.start().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InjectFailures);
    const failures = error as InjectFailures;
    expect(failures.code).toBe('START_FAILED');
    expect(failures.path).toEqual(['db', 'sync']);
    expect(failures.errors[0]).toBe(refused);
    expect(failures.cause).toBe(refused);
    expect(failures.message).toContain('create of "db", "sync" failed, first with: refused');
    await container.start();
    expect(attempts).toBe(2);
  });

  it('rejects when it takes too long, and says what it waits for', async () => {
    const container = new Container().provide(Db, {
      scope: 'singleton',
      create: () => new Promise<never>(() => undefined),
    });
    const error = (await container
      .start({ timeoutMs: 5 })
      .catch((reason: unknown) => reason)) as InjectError;
    expect(error.code).toBe('START_TIMED_OUT');
    expect(error.message).toContain('"db" not made within 5 ms');
  });

  it('ends when the container is closed meanwhile, which tells the factories', async () => {
    let told: unknown;
    const container = new Container().provide(Db, {
      scope: 'singleton',
      create: (_, { signal }) =>
        new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            told = signal.reason;
            reject(new Error('given up'));
          });
        }),
    });
    const starting = container.start().catch((reason: unknown) => reason);
    await container.close();
    expect(((await starting) as InjectError).code).toBe('CONTAINER_CLOSED');
    expect((told as InjectError).code).toBe('CONTAINER_CLOSED');
  });
});
