import { defineLoad, feed, type Threshold, type UserContext } from 'needletail';
import { describe, expect, expectTypeOf, it } from 'vitest';

// Checked by the compiler (`npm run types`); running it only shows that a definition is what it was given.
describe('defineLoad, types', () => {
  it('knows columns of a file as text, and rows in the code by their values', () => {
    defineLoad({
      target: 'http://h',
      data: 'skus.csv',
      user: ({ data }) => void expectTypeOf(data['sku']).toEqualTypeOf<string>(),
    });
    defineLoad({
      target: 'http://h',
      data: { rows: [{ sku: 'a', price: 3, tags: ['x'] }], pick: 'random' },
      user({ data }) {
        expectTypeOf(data.price).toEqualTypeOf<number>();
        expectTypeOf(data.tags).toEqualTypeOf<readonly string[]>();
        // @ts-expect-error there is no such column
        void data.skuu;
      },
    });
  });

  it('knows rows by the type that feed was given, alone and by name', () => {
    defineLoad({
      target: 'http://h',
      data: feed<{ id: number }>('users.json', { pick: 'unique' }),
      user: ({ data }) => void expectTypeOf(data).toEqualTypeOf<{ id: number }>(),
    });
    defineLoad({
      target: 'http://h',
      data: { users: feed<{ id: number }>('users.json'), skus: 'skus.csv' },
      user({ data }) {
        expectTypeOf(data.users.id).toEqualTypeOf<number>();
        expectTypeOf(data.skus['sku']).toEqualTypeOf<string>();
        // @ts-expect-error there is no such feed
        void data.carts;
      },
    });
  });

  it('knows vars, what setup gave, answers and what is checked', () => {
    const definition = defineLoad({
      target: 'http://h',
      vars: { base: 'x', users: 5 as number },
      setup: async () => ({ token: 'secret' }),
      async user({ http, check, vars, shared, think, group, fail, session }) {
        expectTypeOf(shared.token).toEqualTypeOf<string>();
        expectTypeOf(vars.users).toEqualTypeOf<number>();
        // @ts-expect-error there is no such variable
        void vars.usres;
        const cart = await http.post('/cart', { json: { sku: 1 }, name: 'POST /cart' });
        expectTypeOf(cart.status).toEqualTypeOf<number>();
        expectTypeOf(cart.json<{ id: number }>().id).toEqualTypeOf<number>();
        expectTypeOf(check(cart, { created: (r) => r.status === 201 })).toEqualTypeOf<boolean>();
        // @ts-expect-error answers have no such field
        check(cart, { created: (r) => r.statsu === 201 });
        expectTypeOf(await group('pay', () => 5)).toEqualTypeOf<number>();
        expectTypeOf(session['x']).toEqualTypeOf<unknown>();
        await think('1s');
        // @ts-expect-error a pause is a duration
        await think({});
        fail('ends here, for the compiler too');
      },
      teardown: ({ shared }) => void expectTypeOf(shared.token).toEqualTypeOf<string>(),
    });
    expect(definition.vars).toEqual({ base: 'x', users: 5 });
  });

  it('refuses options that there are not', () => {
    // @ts-expect-error a target is needed
    defineLoad({ user() {} });
    // @ts-expect-error misspelt
    defineLoad({ target: 'http://h', treshold: [], user() {} });
    // @ts-expect-error no such shape
    defineLoad({ target: 'http://h', load: { scenario: 'spkie' }, user() {} });
    // @ts-expect-error no such pick
    defineLoad({ target: 'http://h', data: { file: 'a.csv', pick: 'first' }, user() {} });
    defineLoad({
      target: 'http://h',
      // @ts-expect-error a scenario has a user
      scenarios: { buy: { weight: 1 } },
    });
  });

  it('refuses what compares nothing for a threshold', () => {
    const composed: Threshold[] = [50, 80].map((limitMs): Threshold => `p99 < ${limitMs}ms`);
    defineLoad({ target: 'http://h', thresholds: composed, user() {} });
    defineLoad({
      target: 'http://h',
      thresholds: ['none', '[GET /cart] p95<=80ms', 'orders > {{least}}', `p99 < ${'5'}ms`],
      user() {},
    });
    // @ts-expect-error no comparison
    defineLoad({ target: 'http://h', thresholds: ['p99 50ms'], user() {} });
    // @ts-expect-error misspelt
    defineLoad({ target: 'http://h', thresholds: ['error rate < 1%', 'nnone'], user() {} });
  });

  it('knows what can be watched', () => {
    defineLoad({
      target: 'http://h',
      watch: [{ pid: 4711 }, { metrics: 'http://h/metrics', only: ['up'] }, { node: 9229 }],
      user() {},
    });
    // @ts-expect-error no such thing to watch
    defineLoad({ target: 'http://h', watch: [{ cpu: true }], user() {} });
  });

  it('types functions of their own by UserContext', () => {
    async function login({ http }: UserContext): Promise<void> {
      await http.post('/login');
    }
    defineLoad({ target: 'http://h', user: (context) => login(context) });
  });
});
