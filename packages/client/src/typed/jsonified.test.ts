import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Jsonified } from './jsonified.ts';

/** What arrives, to hold the types against. */
function sent<Value>(value: Value): Jsonified<Value> {
  return JSON.parse(JSON.stringify(value)) as Jsonified<Value>;
}

interface Tree {
  readonly at: Date;
  readonly children: readonly Tree[];
}

// Types are checked by the compiler (`npm run types`); running shows that JSON does what they say.
describe('Jsonified', () => {
  it('leaves what JSON has as it is', () => {
    expectTypeOf<Jsonified<string>>().toEqualTypeOf<string>();
    expectTypeOf<Jsonified<'a' | 1 | null>>().toEqualTypeOf<'a' | 1 | null>();
    expectTypeOf<Jsonified<{ a: number; b?: string }>>().toEqualTypeOf<{ a: number; b?: string }>();
    expectTypeOf<Jsonified<unknown>>().toEqualTypeOf<unknown>();
    expectTypeOf<Jsonified<boolean>>().toEqualTypeOf<boolean>();
    expectTypeOf<Jsonified<Record<string, number>>>().toEqualTypeOf<Record<string, number>>();
  });

  it('makes text of dates, and of what has toJSON what that gives', () => {
    const value = sent({ at: new Date(0), own: { toJSON: () => ({ at: new Date(0) }) } });
    expectTypeOf(value).toEqualTypeOf<{ at: string; own: { at: string } }>();
    expect(value).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      own: { at: '1970-01-01T00:00:00.000Z' },
    });
  });

  it('drops members that JSON has nothing for, and makes optional what may be gone', () => {
    const value = sent({
      call: () => 1,
      gone: undefined,
      kept: 1,
      maybe: undefined as Date | undefined,
      [Symbol('s')]: 1,
    });
    expectTypeOf(value).toEqualTypeOf<{ kept: number; maybe?: string }>();
    expect(value).toEqual({ kept: 1 });
  });

  it('makes null of them in lists', () => {
    const value = sent([1, undefined, () => 1] as const);
    expectTypeOf(value).toEqualTypeOf<readonly [1, null, null]>();
    expect(value).toEqual([1, null, null]);
    expectTypeOf<Jsonified<(Date | undefined)[]>>().toEqualTypeOf<(string | null)[]>();
    expectTypeOf<Jsonified<Date[]>>().toEqualTypeOf<string[]>();
  });

  it('makes empty objects of maps and sets, and never of what JSON.stringify throws for', () => {
    expectTypeOf(sent(new Map([['a', 1]]))).toEqualTypeOf<Record<never, never>>();
    expect(sent(new Set([1]))).toEqual({});
    expectTypeOf<Jsonified<{ n: bigint }>>().toEqualTypeOf<{ n: never }>();
  });

  it('goes through types that lead to themselves', () => {
    const tree = {} as Jsonified<Tree>;
    expectTypeOf(tree.at).toEqualTypeOf<string>();
    type Deep = Jsonified<Tree>['children'][number]['children'][number]['at'];
    expectTypeOf<Deep>().toEqualTypeOf<string>();
    expect(tree).toEqual({});
  });
});
