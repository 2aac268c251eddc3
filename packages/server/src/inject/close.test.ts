import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Container } from './container.ts';
import { InjectError, InjectFailures } from './inject-error.ts';
import type { InjectScope } from './provider.ts';
import { token, type Token } from './token.ts';

const A = token<string>('a');
const B = token<string>('b');
const C = token<string>('c');

/** a needs b needs c. */
function chain(scope: InjectScope, ended: string[], failing: readonly string[] = []): Container {
  const dispose = async (name: string): Promise<void> => {
    await Promise.resolve();
    ended.push(name);
    if (failing.includes(name)) throw new Error(`${name} stuck`);
  };
  return new Container()
    .provide(A, { scope, needs: { b: B }, create: async () => 'a', dispose })
    .provide(B, { scope, needs: { c: C }, create: () => 'b', dispose })
    .provide(C, { scope, create: async () => 'c', dispose });
}

describe('close of a scope', () => {
  it.each<InjectScope>(['request', 'transient'])(
    'disposes of what is %s, last first, once',
    async (scopeKind) => {
      const ended: string[] = [];
      const plan = chain(scopeKind, ended).compile({ a: A }, 'test');
      const scope = plan.open(null);
      await plan.resolve(scope);
      await Promise.all([scope.close(), scope.close()]);
      expect(ended).toEqual(['a', 'b', 'c']);
    },
  );

  it('leaves singletons to the container', async () => {
    const ended: string[] = [];
    const container = chain('singleton', ended).provide(token<string>('own'), { value: 'x' });
    const Own = token<string>('request');
    container.provide(Own, { scope: 'request', needs: { a: A }, create: ({ a }) => a });
    const plan = container.compile({ own: Own }, 'test');
    const scope = plan.open(null);
    await plan.resolve(scope);
    await scope.close();
    expect(ended).toEqual([]);
    await container.close();
    expect(ended).toEqual(['a', 'b', 'c']);
  });

  it('goes on after a disposal that fails, and reports each', async () => {
    const ended: string[] = [];
    const plan = chain('request', ended, ['a', 'c']).compile({ a: A }, 'test');
    const scope = plan.open(null);
    await plan.resolve(scope);
    const error = await Promise.resolve(scope.close()).catch((reason: unknown) => reason);
    expect(ended).toEqual(['a', 'b', 'c']);
    expect(error).toBeInstanceOf(InjectFailures);
    expect((error as InjectFailures).code).toBe('DISPOSE_FAILED');
    expect((error as InjectFailures).path).toEqual(['a', 'c']);
    expect((error as InjectFailures).errors).toEqual([new Error('a stuck'), new Error('c stuck')]);
  });

  it('while factories run, waits for them, disposes of what they made, and starts no further one', async () => {
    const ended: string[] = [];
    let release!: (value: string) => void;
    let made = 0;
    const container = new Container()
      .provide(B, {
        scope: 'request',
        create: () => new Promise<string>((resolve) => (release = resolve)),
        dispose: (name) => void ended.push(name),
      })
      .provide(A, { scope: 'request', needs: { b: B }, create: () => ((made += 1), 'a') });
    const plan = container.compile({ a: A }, 'GET /');
    const scope = plan.open(null);
    const resolving = Promise.resolve(plan.resolve(scope)).catch((reason: unknown) => reason);
    const closing = scope.close();
    expect(ended).toEqual([]);
    release('b');
    await closing;
    expect(ended).toEqual(['b']);
    expect(made).toBe(0);
    expect(((await resolving) as InjectError).code).toBe('SCOPE_CLOSED');
  });

  it('rejects who waits for values, even when all of them come', async () => {
    let release!: (value: string) => void;
    const container = new Container().provide(A, {
      scope: 'request',
      create: () => new Promise<string>((resolve) => (release = resolve)),
    });
    const plan = container.compile({ a: A }, 'GET /');
    const scope = plan.open(null);
    const resolving = Promise.resolve(plan.resolve(scope)).catch((reason: unknown) => reason);
    void scope.close();
    release('a');
    const error = (await resolving) as InjectError;
    expect(error.code).toBe('SCOPE_CLOSED');
    expect(error.path).toEqual(['GET /']);
  });

  it('aborts the signal that factories were given', async () => {
    const aborted: boolean[] = [];
    let given!: AbortSignal;
    const container = new Container().provide(A, {
      scope: 'request',
      create: (_, { signal }) =>
        new Promise<string>((_resolve, reject) => {
          given = signal;
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    });
    const plan = container.compile({ a: A }, 'GET /');
    const scope = plan.open(null);
    const resolving = Promise.resolve(plan.resolve(scope)).catch((reason: unknown) => reason);
    aborted.push(given.aborted);
    await scope.close();
    aborted.push(given.aborted, scope.signal.aborted);
    expect(aborted).toEqual([false, true, true]);
    expect(((await resolving) as InjectError).code).toBe('SCOPE_CLOSED');
  });

  it('gives an aborted signal to who asks for it afterwards', async () => {
    const plan = chain('request', []).compile({ a: A }, 'GET /');
    const scope = plan.open(null);
    await scope.close();
    expect(scope.signal.aborted).toBe(true);
  });

  it('refuses to make anything afterwards', async () => {
    const plan = chain('request', []).compile({ a: A }, 'GET /');
    const scope = plan.open(null);
    await plan.resolve(scope);
    await scope.close();
    expect(() => plan.resolve(scope)).toThrow(
      'the scope is closed, as its request is over (GET /)',
    );
  });
});

describe('close of a container', () => {
  it('waits for singletons that are being made', async () => {
    const ended: string[] = [];
    let release!: (value: string) => void;
    const container = new Container().provide(A, {
      scope: 'singleton',
      create: () => new Promise<string>((resolve) => (release = resolve)),
      dispose: (name) => void ended.push(name),
    });
    const starting = container.start().catch((reason: unknown) => reason);
    const closing = container.close();
    release('a');
    await closing;
    expect(ended).toEqual(['a']);
    expect(((await starting) as InjectError).code).toBe('CONTAINER_CLOSED');
  });

  it('refuses what is asked for afterwards, also what was there', async () => {
    const container = chain('singleton', []);
    const plan = container.compile({ a: A }, 'GET /');
    await plan.resolve(plan.open(null));
    await container.close();
    await container.close();
    expect(() => plan.resolve(plan.open(null))).toThrow('the container is closed (GET /)');
    await expect(container.start()).rejects.toThrow('the container is closed');
  });

  it('rejects when a disposal takes too long, and names it', async () => {
    const container = new Container().provide(A, {
      scope: 'singleton',
      create: () => 'a',
      dispose: () => new Promise<void>(() => undefined),
    });
    await container.start();
    await expect(container.close({ timeoutMs: 5 })).rejects.toThrow(
      '"a" not disposed of within 5 ms',
    );
  });
});

interface Spec {
  readonly scope: InjectScope;
  readonly isAsync: boolean;
  /** Indexes below its own, so that there is no circle. */
  readonly needs: readonly number[];
}

const graphs = fc.integer({ min: 1, max: 12 }).chain((size) =>
  fc.tuple(
    ...Array.from({ length: size }, (_, index) =>
      fc.record<Spec>({
        scope: fc.constantFrom('singleton', 'request', 'transient'),
        isAsync: fc.boolean(),
        needs: fc.uniqueArray(fc.nat({ max: Math.max(0, index - 1) }), {
          maxLength: index === 0 ? 0 : 3,
        }),
      }),
    ),
  ),
);

/** Whether a singleton would keep something of a request. */
function isSound(specs: readonly Spec[]): boolean {
  const short = specs.map(() => false);
  for (const [index, { scope, needs }] of specs.entries()) {
    const below = needs.some((need) => short[need]);
    if (scope === 'singleton' && below) return false;
    short[index] = scope === 'request' || (scope === 'transient' && below);
  }
  return true;
}

describe('any graph', () => {
  it('is refused, or every value is made after what it needs, and disposed of before it', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, async (specs) => {
        let alive = 0;
        const isAlive = new Map<object, boolean>();
        const tokens: Token<object>[] = specs.map((_, index) => token(`t${index}`));
        const container = new Container();
        const users = new Map<object, object[]>();
        for (const [index, { scope, isAsync, needs }] of specs.entries()) {
          container.provide(tokens[index]!, {
            scope,
            needs: Object.fromEntries(needs.map((need) => [`n${need}`, tokens[need]!])),
            create(values) {
              const value = {};
              for (const needed of Object.values(values)) {
                expect(isAlive.get(needed)).toBe(true);
                users.set(needed, [...(users.get(needed) ?? []), value]);
              }
              alive += 1;
              isAlive.set(value, true);
              return isAsync ? Promise.resolve(value) : value;
            },
            dispose(value) {
              expect(isAlive.get(value)).toBe(true);
              for (const user of users.get(value) ?? []) expect(isAlive.get(user)).toBe(false);
              isAlive.set(value, false);
              alive -= 1;
            },
          });
        }
        const wanted = Object.fromEntries(tokens.map((each) => [each.name, each]));
        if (!isSound(specs)) {
          expect(() => container.compile(wanted, 'test')).toThrow(InjectError);
          return;
        }
        const plan = container.compile(wanted, 'test');
        const scopes = [plan.open(1), plan.open(2), plan.open(3)];
        // One is closed while its values are being made.
        const resolving = scopes.map((scope) => Promise.resolve(plan.resolve(scope)));
        const closing = scopes.map((scope, index) => (index === 0 ? scope.close() : undefined));
        const settled = await Promise.allSettled(resolving);
        expect(settled[1]!.status).toBe('fulfilled');
        await Promise.all([...closing, ...scopes.map((scope) => scope.close())]);
        await container.close();
        expect(alive).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
