import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CookieError, encodeCookie, type CookieOptions } from './encode-cookie.ts';

describe('encodeCookie', () => {
  it('writes every attribute', () => {
    const text = encodeCookie('sid', 'abc', {
      domain: 'example.com',
      path: '/app',
      maxAgeSeconds: 3600,
      expires: new Date(Date.UTC(2030, 0, 2, 3, 4, 5)),
      httpOnly: true,
      secure: true,
      sameSite: 'none',
      partitioned: true,
      priority: 'high',
    });
    expect(text).toBe(
      'sid=abc; Domain=example.com; Path=/app; Max-Age=3600; Expires=Wed, 02 Jan 2030 03:04:05 GMT; ' +
        'HttpOnly; Secure; SameSite=None; Partitioned; Priority=High',
    );
  });

  it('writes nothing that was not asked for', () => {
    expect(encodeCookie('a', '')).toBe('a=');
    expect(encodeCookie('a', 'b', { httpOnly: false, secure: false })).toBe('a=b');
  });

  it.each(['', 'a b', 'a=b', 'a;b', 'a\r\nSet-Cookie: x', 'é', 'a"', 'a,b', 'a\0'])(
    'refuses the name %j',
    (name) => {
      expect(() => encodeCookie(name, '1')).toThrow(CookieError);
    },
  );

  it.each(['a;b', 'a; HttpOnly', 'a\r\nX: y', 'a b', '"a"', 'a,b', 'a\\b', 'é', '\t', '\x7f'])(
    'refuses the value %j, without repeating it',
    (value) => {
      expect(() => encodeCookie('sid', value)).toThrow(
        /^Cookie not set: its value holds characters a cookie cannot \("sid"\)\. Encode it/,
      );
    },
  );

  it.each<[string, CookieOptions]>([
    ['domain', { domain: 'a.com; Secure' }],
    ['domain', { domain: '' }],
    ['domain', { domain: 'a..com' }],
    ['domain', { domain: 'a.com:80' }],
    ['domain', { domain: 'bücher.example' }],
    ['path', { path: 'app' }],
    ['path', { path: '/; HttpOnly' }],
    ['path', { path: '/\r\nX: y' }],
    ['path', { path: `/${'a'.repeat(1024)}` }],
    ['maxAgeSeconds', { maxAgeSeconds: 1.5 }],
    ['maxAgeSeconds', { maxAgeSeconds: Infinity }],
    ['expires', { expires: new Date(Number.NaN) }],
    ['sameSite', { sameSite: 'None; x' as 'none' }],
    ['sameSite', { sameSite: 'toString' as 'none' }],
    ['sameSite', { sameSite: 'none' }],
    ['priority', { priority: 'Highest' as 'high' }],
    ['partitioned', { partitioned: true }],
  ])('refuses an invalid %s', (attribute, options) => {
    expect(() => encodeCookie('a', 'b', options)).toThrow(`its ${attribute} is invalid`);
  });

  it.each<[string, CookieOptions, string]>([
    ['__Host-a', {}, "secure: true, path: '/'"],
    ['__host-a', { secure: true }, "path: '/'"],
    ['__Host-a', { secure: true, path: '/', domain: 'a.com' }, 'no domain'],
    ['__Secure-a', {}, 'secure: true'],
    ['__Http-a', { secure: true }, 'httpOnly: true'],
    ['__Host-Http-a', { secure: true, path: '/' }, 'httpOnly: true'],
  ])('tells what %s with %j lacks', (name, options, missing) => {
    expect(() => encodeCookie(name, 'b', options)).toThrow(`Set ${missing}.`);
  });

  it('takes prefixed names that have what they ask for, and others that begin with underscores', () => {
    const secure = { secure: true, path: '/', httpOnly: true };
    expect(encodeCookie('__Host-Http-a', '1', secure)).toContain('__Host-Http-a=1');
    expect(encodeCookie('__Secure-a', '1', { secure: true })).toBe('__Secure-a=1; Secure');
    expect(encodeCookie('__session', '1')).toBe('__session=1');
  });

  it('refuses what browsers would ignore for its size', () => {
    expect(encodeCookie('a', 'b'.repeat(4095))).toHaveLength(4097);
    expect(() => encodeCookie('a', 'b'.repeat(4096))).toThrow('browsers ignore more than 4096');
  });

  it('writes one cookie or none, whatever it is given', () => {
    const unit = fc.constantFrom(
      'a',
      ';',
      '=',
      ' ',
      '\r',
      '\n',
      '"',
      ',',
      '.',
      '/',
      'é',
      '\0',
      '\u2028',
    );
    const text = fc.string({ unit, maxLength: 4 });
    fc.assert(
      fc.property(text, text, text, text, (name, value, path, domain) => {
        let line: string;
        try {
          line = encodeCookie(name, value, { path: `/${path}`, domain });
        } catch (error) {
          expect(error).toBeInstanceOf(CookieError);
          return;
        }
        expect(line).toMatch(/^[\x20-\x7e]+$/);
        expect(line.split(';')).toHaveLength(3);
      }),
    );
  });
});
