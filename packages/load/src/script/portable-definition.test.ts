import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isClass } from '../plan/is-class.ts';
import { portable, revived } from './portable-definition.ts';

/** There and back, by way of what threads do to a value. */
function carried(value: unknown): unknown {
  return revived(structuredClone(portable(value)));
}

describe('portable and revived', () => {
  it('carry plain data as it is', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withTypedArray: true }),
        (value) => {
          expect(carried(value)).toEqual(value);
        },
      ),
    );
  });

  it('leave a stand for code and the like, of the same kind', () => {
    class Shop {}
    const definition = {
      user: async () => undefined,
      target: { fetch: () => new Response(), routes: [() => undefined] },
      scenarios: { a: { user: Shop } },
      name: Symbol('shop'),
      data: Promise.resolve(1),
    };
    const { user, target, scenarios, name, data } = carried(definition) as typeof definition;
    expect(user).toBeTypeOf('function');
    expect(isClass(user)).toBe(false);
    expect(target.fetch).toBeTypeOf('function');
    expect(isClass(scenarios.a.user)).toBe(true);
    expect(name).toBeTypeOf('symbol');
    expect(data).toBeInstanceOf(Promise);
  });

  it('keep what is one thing one, also where it holds itself', () => {
    const row: { self?: unknown } = {};
    row.self = row;
    const { rows } = carried({ rows: [row, row] }) as { rows: (typeof row)[] };
    expect(rows[0]).toBe(rows[1]);
    expect(rows[0]!.self).toBe(rows[0]);
  });
});
