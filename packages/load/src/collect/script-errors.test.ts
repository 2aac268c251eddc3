import { describe, expect, it } from 'vitest';
import { mergeScriptErrors, ScriptErrors } from './script-errors.ts';

const MODULE = 'file:///tmp/load-1.mjs';

function thrownAt(message: string, line: number, inner = 'node:internal/url:800:5'): Error {
  const error = new TypeError(message);
  error.stack = `TypeError: ${message}\n    at fn (${inner})\n    at user (${MODULE}:${line}:9)\n    at run (file:///runtime.js:1:1)`;
  return error;
}

describe('ScriptErrors', () => {
  it('counts errors of the same scenario, message and line of the user as one kind', () => {
    const errors = new ScriptErrors(MODULE);
    errors.record(0, thrownAt('x is not a function', 12));
    errors.record(0, thrownAt('x is not a function', 12, 'node:elsewhere:1:1'));
    errors.record(0, thrownAt('x is not a function', 40));
    errors.record(1, thrownAt('x is not a function', 12));
    errors.record(0, thrownAt('y is not a function', 12));
    const kinds = errors.takeErrors()!;
    expect(kinds.map(({ scenario, count }) => [scenario, count])).toEqual([
      [0, 2],
      [0, 1],
      [1, 1],
      [0, 1],
    ]);
    expect(kinds[0]).toMatchObject({ message: 'TypeError: x is not a function', unhandled: false });
    expect(kinds[0]!.stack).toContain('node:internal/url');
  });

  it('gives what is new once', () => {
    const errors = new ScriptErrors(MODULE);
    expect(errors.takeErrors()).toBeNull();
    errors.record(0, new Error('no'));
    expect(errors.takeErrors()).toHaveLength(1);
    expect(errors.takeErrors()).toBeNull();
    errors.reset();
    expect(errors.takeErrors()).toEqual([]);
  });

  it.each([
    [new Error('plain'), 'plain'],
    [new RangeError('far'), 'RangeError: far'],
    [new TypeError(), 'TypeError'],
    ['text', 'threw "text"'],
    [undefined, 'threw undefined'],
    [Object.create(null), 'threw [object Object]'],
  ])('describes %s', (thrown, message) => {
    const errors = new ScriptErrors(MODULE);
    errors.record(0, thrown);
    expect(errors.takeErrors()![0]!.message).toBe(message);
  });

  it('keeps 100 kinds apart and counts the rest together', () => {
    const errors = new ScriptErrors(MODULE);
    for (let index = 0; index < 250; index += 1) errors.record(0, new Error(`id ${index}`));
    const kinds = errors.takeErrors()!;
    expect(kinds).toHaveLength(101);
    expect(kinds.at(-1)).toMatchObject({ message: 'other errors', count: 150 });
  });
});

describe('mergeScriptErrors', () => {
  it('adds up kinds of all threads, most frequent first', () => {
    const thread = (lines: readonly number[]) => {
      const errors = new ScriptErrors(MODULE);
      for (const line of lines) errors.record(0, thrownAt('no', line));
      return errors.takeErrors()!;
    };
    const merged = mergeScriptErrors([thread([1, 2]), thread([2, 2])], MODULE);
    expect(merged.map(({ count }) => count)).toEqual([3, 1]);
    expect(merged[0]!.stack).toContain(`${MODULE}:2:9`);
  });
});
