import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { essenceOf, formParameterOf, isJsonType, parameterOf } from './media-type.ts';

describe('essenceOf', () => {
  it.each([
    ['Application/JSON; charset=utf-8', 'application/json'],
    [' text/plain ;', 'text/plain'],
    [null, ''],
    ['', ''],
  ])('of %j is %j', (text, essence) => {
    expect(essenceOf(text)).toBe(essence);
  });
});

describe('isJsonType', () => {
  it('takes JSON and what is built on it', () => {
    const types = ['application/json', 'application/vnd.api+json', '+json', 'text/json', 'json'];
    expect(types.filter(isJsonType)).toEqual(['application/json', 'application/vnd.api+json']);
  });
});

describe('parameterOf', () => {
  it.each([
    ['a/b; x=1; y=2', '2'],
    ['a/b;Y="a;b=\\"c\\\\"', 'a;b="c\\'],
    ['a/b; y', null],
    ['a/b; x="; y=1"', null],
    ['a/b; x; y = 3 ; y=4', '3'],
    ['a/b; y="open', 'open'],
    ['a/b; y=', ''],
    ['a/b', null],
    ['y=1', null],
  ])('finds y in %s', (text, value) => {
    expect(parameterOf(text, 'y')).toBe(value);
  });

  it('reads back any value that was quoted', () => {
    const unit = fc.constantFrom('a', '"', '\\', ';', '=', ' ', 'y');
    fc.assert(
      fc.property(fc.string({ unit }), fc.string({ unit }), (other, value) => {
        const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
        const text = `a/b; x=${quoted(other)}; y=${quoted(value)}`;
        expect(parameterOf(text, 'y')).toBe(value);
      }),
    );
  });

  it('takes a backslash in a form for one, and %22 for a quote', () => {
    const disposition = 'form-data; name="\\"; filename="C:\\a%22b"';
    expect(formParameterOf(disposition, 'name')).toBe('\\');
    expect(formParameterOf(disposition, 'filename')).toBe('C:\\a"b');
    expect(formParameterOf(disposition, 'size')).toBeNull();
  });

  it('comes to an end for any text', () => {
    const unit = fc.constantFrom(';', '=', '"', '\\', 'y', ' ');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 40 }), (text) => {
        const value = parameterOf(text, 'y');
        expect(value === null || text.includes('y')).toBe(true);
      }),
    );
  });
});
