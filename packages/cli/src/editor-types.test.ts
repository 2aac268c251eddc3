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
      vars: { base: 'x', users: 5, deep: true },
      setup: async () => ({ token: 'secret' }),
      async user({ http, check, vars, shared, think, group, fail, session }) {
        expectTypeOf(shared.token).toEqualTypeOf<string>();
        expectTypeOf(vars.users).toEqualTypeOf<number>();
        // @ts-expect-error there is no such variable
        void vars.usres;
        // `-e deep=false` may have been said.
        expectTypeOf(vars.deep).toEqualTypeOf<boolean>();
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
    expect(definition.vars).toEqual({ base: 'x', users: 5, deep: true });
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
    // @ts-expect-error misspelt
    defineLoad({ target: 'http://h', data: { file: 'a.csv', pikc: 'random' }, user() {} });
    // @ts-expect-error one of them
    defineLoad({ target: 'http://h', data: { file: 'a.csv', rows: [{ a: 1 }] }, user() {} });
    defineLoad({
      target: 'http://h',
      // @ts-expect-error a scenario has a user
      scenarios: { buy: { weight: 1 } },
    });
    // @ts-expect-error a user, or scenarios
    defineLoad({ target: 'http://h' });
    // @ts-expect-error one of them
    defineLoad({ target: 'http://h', user() {}, scenarios: { buy: { user() {} } } });
  });

  it('refuses texts that are not what they stand for, and takes those that only the run will know', () => {
    const given: string = process.env['DURATION'] ?? '10s';
    defineLoad({ target: 'http://h', load: { users: '1k', duration: '1m30s' }, user() {} });
    defineLoad({ target: 'http://h', load: { duration: given }, thresholds: [given], user() {} });
    // @ts-expect-error not a duration
    defineLoad({ target: 'http://h', load: { duration: '30 bananas' }, user() {} });
    // @ts-expect-error not a count
    defineLoad({ target: 'http://h', load: { users: 'many' }, user() {} });
    // @ts-expect-error not a duration
    defineLoad({ target: 'http://h', timeout: 'fast', user() {} });
    defineLoad({ target: 'http://h', success: [404, '200-299', given], user() {} });
    // @ts-expect-error not a status
    defineLoad({ target: 'http://h', success: ['4xx'], user() {} });
    // @ts-expect-error not a duration
    defineLoad({ target: 'http://h', user: ({ think }) => think('a while') });
  });

  it('refuses settings of another shape of load, and misses what a shape needs', () => {
    defineLoad({ target: 'http://h', load: { rate: 5, maxUsers: 9 }, user() {} });
    // @ts-expect-error a rate drives the run
    defineLoad({ target: 'http://h', load: { rate: 5, users: 9 }, user() {} });
    // @ts-expect-error the stages say how long
    defineLoad({ target: 'http://h', load: { stages: [], duration: '5s' }, user() {} });
    // @ts-expect-error how many, and for how long
    defineLoad({ target: 'http://h', load: { scenario: 'spike' }, user() {} });
    defineLoad({
      target: 'http://h',
      // @ts-expect-error not a rate
      scenarios: { buy: { load: { rate: 'fast' }, user() {} } },
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
    // @ts-expect-error not a time
    defineLoad({ target: 'http://h', thresholds: ['p99 < fifty'], user() {} });
    // @ts-expect-error no unit
    defineLoad({ target: 'http://h', thresholds: ['[GET /] p99 < 50'], user() {} });
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
    // @ts-expect-error one of them in each entry
    defineLoad({ target: 'http://h', watch: [{ pid: 4711, node: 9229 }], user() {} });
  });

  it('types functions of their own by UserContext', () => {
    async function login({ http }: UserContext): Promise<void> {
      await http.post('/login');
    }
    defineLoad({ target: 'http://h', user: (context) => login(context) });
  });
});
