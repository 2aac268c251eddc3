import { describe, expect, expectTypeOf, it } from 'vitest';
import { Container } from './container.ts';
import type { InjectionPlan } from './plan.ts';
import { token, type Injected, type TokenValue } from './token.ts';

interface Database {
  query(sql: string): string;
}

const Url = token<string>('url');
const Db = token<Database>('db');
const Port = token<number>('port');

// Checked by the compiler (`npm run types`).
describe('token', () => {
  it('carries the type of its value', () => {
    expectTypeOf<TokenValue<typeof Db>>().toEqualTypeOf<Database>();
    expectTypeOf<Injected<{ db: typeof Db; port: typeof Port }>>().toEqualTypeOf<{
      readonly db: Database;
      readonly port: number;
    }>();
    // @ts-expect-error a token of another type
    const wrong: typeof Url = Port;
    expect(wrong.name).toBe('port');
  });

  it('types what a factory is given, makes, and disposes of', () => {
    const container = new Container().provide(Port, { value: 1 }).provide(Url, {
      scope: 'singleton',
      create: async ({ port }) => {
        expectTypeOf(port).toEqualTypeOf<number>();
        return `http://h:${port}`;
      },
      needs: { port: Port },
      dispose: (url) => expectTypeOf(url).toEqualTypeOf<string>(),
    });
    const plan = container.compile({ url: Url, port: Port }, 'test');
    expectTypeOf(plan).toEqualTypeOf<
      InjectionPlan<Injected<{ readonly url: typeof Url; readonly port: typeof Port }>>
    >();
  });

  it('refuses what does not fit', () => {
    const container = new Container();
    // @ts-expect-error a number is no string
    container.provide(Url, { value: 1 });
    // @ts-expect-error nor is what the factory makes
    container.provide(token<string>('x'), { scope: 'request', create: async () => 1 });
    container.provide(token<string>('y'), {
      scope: 'request',
      // @ts-expect-error `port` is not among the needs
      create: ({ port }) => String(port),
    });
    container.provide(token<string>('z'), {
      scope: 'request',
      needs: { port: Port },
      // @ts-expect-error `prt` is not among the needs
      create: ({ prt }) => String(prt),
    });
    // @ts-expect-error no such scope
    container.provide(token<string>('v'), { scope: 'session', create: () => '' });
    // @ts-expect-error the fake is no database
    container.override(Url, { value: {} });
    // @ts-expect-error the fake is no string
    void container.with([[Url, 5]]);
    void container.with([[Url, 'u']]).with([]);
    expect(container.openScopes).toBe(0);
  });
});
