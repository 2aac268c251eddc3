import { describe, expect, it } from 'vitest';
import { FieldMap } from './field-map.ts';

const fields = FieldMap.ofHead(
  'HTTP/1.1 200 OK: not a field\r\nSet-Cookie: a=1\r\nX-Empty:\r\nset-cookie:\t b=2 \t\r\n' +
    '__proto__: polluted\r\nX-Latin: caf\xe9\xa0\r\nX_Under: score',
);

describe('FieldMap.get', () => {
  it('L16: gives the first value of a repeated field, in any letter case', () => {
    expect(fields.get('SET-cookie')).toBe('a=1');
    expect(fields.get('x-empty')).toBe('');
  });

  it('trims spaces and tabs and nothing else', () => {
    expect(fields.getAll('set-cookie')).toEqual(['a=1', 'b=2']);
    expect(fields.get('x-latin')).toBe('caf\xe9\xa0');
  });

  it('L18: does not take one name for another', () => {
    expect(fields.get('x-under')).toBeNull();
    expect(fields.get('X')).toBeNull();
    expect(fields.get('')).toBeNull();
    expect(fields.get('HTTP/1.1 200 OK')).toBeNull();
    expect(new FieldMap('a:b: c').get('a:b')).toBeNull();
    expect(new FieldMap('a: b\r\nc: d').get('a: b\r\nc')).toBeNull();
  });
});

describe('FieldMap, as a whole', () => {
  it('iterates names and values as received and in order', () => {
    expect([...fields].map(([name]) => name)).toEqual([
      'Set-Cookie',
      'X-Empty',
      'set-cookie',
      '__proto__',
      'X-Latin',
      'X_Under',
    ]);
    expect([...FieldMap.ofHead('HTTP/1.1 200 OK')]).toEqual([]);
    expect(fields.has('x-EMPTY')).toBe(true);
    expect(fields.has('x-absent')).toBe(false);
  });

  it('L17: turns into an object that no name can pollute', () => {
    const object = fields.toObject();
    expect(Object.getPrototypeOf(object)).toBeNull();
    expect(Object.keys(object)).toContain('__proto__');
    expect(object['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
