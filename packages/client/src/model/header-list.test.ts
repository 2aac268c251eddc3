import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../errors.ts';
import { HeaderList, type HeadersInput } from './header-list.ts';

const THREE = [
  ['a', '123'],
  ['a', '456'],
  ['b', '789'],
] as const;

describe('new HeaderList', () => {
  it.each<[string, HeadersInput, [string, unknown][]]>([
    ['pairs', THREE, [...THREE].map(([name, value]) => [name, value])],
    ['a Map', new Map([['X-A', 1]]), [['X-A', 1]]],
    ['Headers', new Headers({ 'X-A': '1' }), [['x-a', '1']]],
    [
      'an object',
      { 'X-A': '1', none: undefined, nothing: null, n: 2 },
      [
        ['X-A', '1'],
        ['n', 2],
      ],
    ],
    ['lists in an object', { Vary: ['a', 'b'] }, [['Vary', ['a', 'b']]]],
    [
      'names that objects have',
      [
        ['__proto__', 'x'],
        ['constructor', 'y'],
      ],
      [
        ['__proto__', 'x'],
        ['constructor', 'y'],
      ],
    ],
  ])('takes %s', (_, input, expected) => {
    expect([...new HeaderList(input)]).toEqual(expected);
  });

  it.each([5, 'X-A: 1', true])('refuses %j', (input) => {
    expect(() => new HeaderList(input as unknown as HeadersInput)).toThrow(InvalidRequestError);
  });
});

describe('HeaderList', () => {
  it('finds names in any letter case: the first value, or all', () => {
    const list = new HeaderList(THREE);
    expect(list.get('A')).toBe('123');
    expect(list.getAll('A')).toEqual(['123', '456']);
    expect(list.get('c')).toBeNull();
    expect(list.getAll('c')).toEqual([]);
    expect([list.has('B'), list.has('toString'), list.size]).toEqual([true, false, 3]);
    expect(new HeaderList({ Vary: ['a', 'b'] }).getAll('vary')).toEqual(['a', 'b']);
  });

  it('replaces all values of a name at the place of the first', () => {
    const list = new HeaderList(THREE);
    list.set('A', 'x');
    expect([...list]).toEqual([
      ['A', 'x'],
      ['b', '789'],
    ]);
    list.set('c', 'y');
    expect([...list].at(-1)).toEqual(['c', 'y']);
  });

  it('deletes all values of a name, and says whether there were any', () => {
    const list = new HeaderList(THREE);
    expect([list.delete('A'), list.delete('A'), list.size]).toEqual([true, false, 1]);
  });

  it('takes over what overrides it: repeated names stay repeated, null drops one', () => {
    const list = new HeaderList(THREE);
    list.override([
      ['A', '1'],
      ['a', '2'],
      ['c', '3'],
    ]);
    expect([...list]).toEqual([
      ['A', '1'],
      ['b', '789'],
      ['a', '2'],
      ['c', '3'],
    ]);
    list.override({ B: null, c: undefined });
    expect(list.getAll('b')).toEqual([]);
    expect(list.get('c')).toBe('3');
  });

  it('has copies that go their own way', () => {
    const list = new HeaderList(THREE);
    const copy = list.copy();
    copy.set('a', 'x');
    copy.append('d', 'y');
    expect([list.get('a'), list.size]).toEqual(['123', 3]);
  });

  it('hides what grants access when it is shown', () => {
    const list = new HeaderList({
      Authorization: 'a',
      Cookie: 'b',
      'proxy-authorization': 'c',
      X: 'd',
    });
    expect(list.toJSON()).toEqual([
      ['Authorization', '[secret]'],
      ['Cookie', '[secret]'],
      ['proxy-authorization', '[secret]'],
      ['X', 'd'],
    ]);
  });

  it('keeps the order of names, whatever is set and deleted', () => {
    const name = fc.constantFrom('a', 'A', 'b', 'B', 'c');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('set', 'append', 'delete'), name)), (steps) => {
        const list = new HeaderList();
        let model: [string, string][] = [];
        steps.forEach(([step, key], at) => {
          const isIt = ([other]: readonly [string, string]): boolean =>
            other.toLowerCase() === key.toLowerCase();
          if (step === 'append') model.push([key, `${at}`]);
          else if (step === 'delete') model = model.filter((pair) => !isIt(pair));
          else {
            const first = model.findIndex(isIt);
            if (first === -1) model.push([key, `${at}`]);
            else {
              model[first] = [key, `${at}`];
              model = model.filter((pair, index) => index === first || !isIt(pair));
            }
          }
          if (step === 'delete') list.delete(key);
          else list[step as 'set' | 'append'](key, `${at}`);
        });
        expect([...list]).toEqual(model);
      }),
      { numRuns: 200 },
    );
  });
});
