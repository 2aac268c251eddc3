import { describe, expect, it } from 'vitest';
import { Container } from './container.ts';
import { InjectError } from './inject-error.ts';
import type { InjectScope } from './provider.ts';
import { RequestToken, token } from './token.ts';

interface Part {
  readonly id: number;
}

const A = token<Part>('a');
const B = token<Part>('b');
const C = token<Part>('c');

function counting(): { next: () => Part; readonly made: () => number } {
  let count = 0;
  return { next: () => ({ id: (count += 1) }), made: () => count };
}

/** A promise that is settled from outside. */
function gate<Value>(): {
  readonly promise: Promise<Value>;
  readonly open: (value: Value) => void;
  readonly fail: (error: unknown) => void;
} {
  let open!: (value: Value) => void;
  let fail!: (error: unknown) => void;
  const promise = new Promise<Value>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}

describe('resolve', () => {
  it.each<[InjectScope, ids: number[][]]>([
    [
      'singleton',
      [
        [1, 1],
        [1, 1],
      ],
    ],
    [
      'request',
      [
        [1, 1],
        [2, 2],
      ],
    ],
    [
      'transient',
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ])('gives what is %s to two names in two scopes', async (scope, ids) => {
    const { next } = counting();
    const container = new Container().provide(A, { scope, create: async () => next() });
    const plan = container.compile({ first: A, second: A }, 'test');
    for (const [first, second] of ids) {
      const values = await plan.resolve(plan.open(null));
      expect([values.first.id, values.second.id]).toEqual([first, second]);
    }
  });

  it('gives the values themselves when no factory is asynchronous, also undefined', () => {
    const Nothing = token<undefined>('nothing');
    let calls = 0;
    const container = new Container()
      .provide(A, { scope: 'request', create: () => ({ id: 1 }) })
      .provide(Nothing, { scope: 'request', create: () => void (calls += 1) as undefined });
    const plan = container.compile({ a: A, nothing: Nothing }, 'test');
    const scope = plan.open(null);
    expect(plan.resolve(scope)).toEqual({ a: { id: 1 }, nothing: undefined });
    void plan.resolve(scope);
    expect(calls).toBe(1);
  });

  it('waits for what is asynchronous, and not again when it is there', async () => {
    const container = new Container().provide(A, {
      scope: 'singleton',
      create: async () => ({ id: 1 }),
    });
    const plan = container.compile({ a: A }, 'test');
    const first = plan.resolve(plan.open(null));
    expect(first).toBeInstanceOf(Promise);
    await first;
    expect(plan.resolve(plan.open(null))).toEqual({ a: { id: 1 } });
  });

  it('starts a factory once however many ask at the same time', async () => {
    const { next, made } = counting();
    const opened = gate<void>();
    const container = new Container()
      .provide(A, { scope: 'singleton', create: async () => (await opened.promise, next()) })
      .provide(B, { scope: 'request', needs: { a: A }, create: async ({ a }) => a });
    const plan = container.compile({ a: A, b: B }, 'test');
    const scope = plan.open(null);
    const asked = [plan.resolve(scope), plan.resolve(scope), plan.resolve(plan.open(null))];
    opened.open();
    const values = await Promise.all(asked.map(async (each) => each));
    expect(made()).toBe(1);
    expect(new Set(values.flatMap(({ a, b }) => [a, b])).size).toBe(1);
  });

  it('runs factories side by side that do not need each other', async () => {
    const a = gate<Part>();
    const b = gate<Part>();
    const container = new Container()
      .provide(A, { scope: 'request', create: () => (b.open({ id: 2 }), a.promise) })
      .provide(B, {
        scope: 'request',
        create: () => b.promise.then((part) => (a.open(part), part)),
      });
    const plan = container.compile({ a: A, b: B }, 'test');
    expect(await plan.resolve(plan.open(null))).toEqual({ a: { id: 2 }, b: { id: 2 } });
  });

  it('leaves a promise that was given as a value alone', () => {
    const Later = token<Promise<number>>('later');
    const later = Promise.resolve(1);
    const plan = new Container().provide(Later, { value: later }).compile({ later: Later }, 'test');
    expect(plan.resolve(plan.open(null))).toEqual({ later });
  });

  it('gives request-scoped factories what the scope was opened with', async () => {
    const container = new Container().provide(A, {
      scope: 'request',
      needs: { request: RequestToken },
      create: ({ request }) => ({ id: (request as unknown as { readonly n: number }).n }),
    });
    const plan = container.compile({ a: A, request: RequestToken }, 'test');
    expect(await plan.resolve(plan.open({ n: 7 }))).toEqual({ a: { id: 7 }, request: { n: 7 } });
    expect(await plan.resolve(plan.open({ n: 8 }))).toEqual({ a: { id: 8 }, request: { n: 8 } });
  });

  it('shares a scope between plans of one container', () => {
    const { next } = counting();
    const container = new Container()
      .provide(C, { scope: 'request', create: next })
      .provide(A, { scope: 'request', create: next });
    const hook = container.compile({ c: C }, 'hook');
    const route = container.compile({ a: A, c: C }, 'route');
    const scope = route.open(null);
    expect(hook.resolve(scope)).toEqual({ c: { id: 1 } });
    expect(route.resolve(scope)).toEqual({ a: { id: 2 }, c: { id: 1 } });
  });

  it('refuses a scope of another container, or of a plan that needs none', () => {
    const container = new Container()
      .provide(A, { scope: 'request', create: () => ({ id: 1 }) })
      .provide(B, { value: { id: 2 } });
    const plan = container.compile({ a: A }, 'GET /');
    const copied = container.with([[B, { id: 3 }]]).compile({ a: A }, 'GET /');
    const none = container.compile({ b: B }, 'GET /b');
    for (const scope of [copied.open(null), none.open(null)]) {
      expect(() => plan.resolve(scope)).toThrow(InjectError);
      expect(() => plan.resolve(scope)).toThrow('GET /');
    }
  });
});

describe('resolve, when a factory fails', () => {
  it('rejects all who wait for a singleton with its error, and tries again when asked again', async () => {
    const first = gate<Part>();
    let attempts = 0;
    const container = new Container()
      .provide(A, {
        scope: 'singleton',
        create: () => ((attempts += 1) === 1 ? first.promise : { id: attempts }),
      })
      .provide(B, { scope: 'request', needs: { a: A }, create: ({ a }) => a });
    const plan = container.compile({ b: B }, 'test');
    const waiting = [1, 2, 3].map(() => Promise.resolve(plan.resolve(plan.open(null))));
    const refused = new Error('refused');
    first.fail(refused);
    for (const result of await Promise.allSettled(waiting)) {
      expect(result).toEqual({ status: 'rejected', reason: refused });
    }
    expect(attempts).toBe(1);
    expect(plan.resolve(plan.open(null))).toEqual({ b: { id: 2 } });
  });

  it('throws what a factory throws at once, and disposes of what was made', async () => {
    const ended: number[] = [];
    const slow = gate<Part>();
    const refused = new Error('no session');
    const container = new Container()
      .provide(A, {
        scope: 'request',
        create: () => ({ id: 1 }),
        dispose: ({ id }) => void ended.push(id),
      })
      .provide(B, {
        scope: 'request',
        create: () => slow.promise,
        dispose: ({ id }) => void ended.push(id),
      })
      .provide(C, {
        scope: 'request',
        create() {
          throw refused;
        },
      });
    const plan = container.compile({ a: A, b: B, c: C }, 'test');
    const scope = plan.open(null);
    expect(() => plan.resolve(scope)).toThrow(refused);
    const closing = scope.close();
    slow.open({ id: 2 });
    await closing;
    expect(ended).toEqual([2, 1]);
  });

  it('leaves no rejection unhandled when two factories fail', async () => {
    const seen: unknown[] = [];
    const onUnhandled = (reason: unknown): void => void seen.push(reason);
    process.on('unhandledRejection', onUnhandled);
    try {
      const container = new Container()
        .provide(A, { scope: 'request', create: () => Promise.reject(new Error('a')) })
        .provide(B, { scope: 'transient', create: () => Promise.reject(new Error('b')) })
        .provide(C, {
          scope: 'request',
          create() {
            throw new Error('c');
          },
        });
      const two = container.compile({ a: A, b: B }, 'test');
      await expect(Promise.resolve(two.resolve(two.open(null)))).rejects.toThrow('a');
      const all = container.compile({ a: A, b: B, c: C }, 'test');
      expect(() => all.resolve(all.open(null))).toThrow('c');
      await new Promise((resolve) => setImmediate(resolve));
      expect(seen).toEqual([]);
    } finally {
      process.off('unhandledRejection', onUnhandled);
    }
  });
});

describe('open', () => {
  const container = new Container()
    .provide(A, { scope: 'request', create: () => ({ id: 1 }) })
    .provide(B, { scope: 'singleton', create: () => ({ id: 2 }) })
    .provide(C, { scope: 'transient', create: () => ({ id: 3 }) });

  it('gives one scope to all where nothing belongs to a request', () => {
    for (const plan of [container.compile({}, 'test'), container.compile({ b: B }, 'test')]) {
      expect(plan.usesScope).toBe(false);
      expect(plan.open({ n: 1 })).toBe(plan.open({ n: 2 }));
      expect(plan.resolve(plan.open(null))).toBe(plan.resolve(plan.open(null)));
      expect(plan.open(null).close()).toBeUndefined();
      expect(plan.open(null).signal.aborted).toBe(false);
    }
    expect(container.openScopes).toBe(0);
  });

  it('counts the scopes that are not closed', async () => {
    for (const needs of [{ a: A }, { c: C }, { request: RequestToken }]) {
      const plan = container.compile(needs, 'test');
      expect(plan.usesScope).toBe(true);
      const scopes = [plan.open(null), plan.open(null)];
      expect(container.openScopes).toBe(2);
      for (const scope of scopes) {
        await scope.close();
        await scope.close();
      }
      expect(container.openScopes).toBe(0);
    }
  });
});
