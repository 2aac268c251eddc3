import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidRequestError, InvalidUrlError } from '../errors.ts';
import { joinUrl, parseBaseUrl, urlBehind } from './join-url.ts';
import { parseUrl } from './request-url.ts';

describe('joinUrl', () => {
  it.each([
    ['http://h/v1', 'users', 'http://h/v1/users'],
    ['http://h/v1', '/users', 'http://h/v1/users'],
    ['http://h/v1/', 'users', 'http://h/v1/users'],
    ['http://h/v1/', '/users', 'http://h/v1/users'],
    ['http://h', '', 'http://h/'],
    ['http://h/v1', '', 'http://h/v1'],
    ['http://h/v1', '?page=2', 'http://h/v1?page=2'],
    ['http://h/v1', '../v2/users', 'http://h/v2/users'],
    ['http://h/v1', '../../../x', 'http://h/x'],
    ['http://h/v1', './x', 'http://h/v1/x'],
    ['http://h/v1', 'items:batch', 'http://h/v1/items:batch'],
    ['http://h/v1', 'https://other/x', 'https://other/x'],
    ['http://h/v1', 'HTTPS://other/x', 'https://other/x'],
    ['http://h/v1', '//other/x', 'http://h/v1//other/x'],
    ['http://h/v1', String.raw`\\other\x`, 'http://h/v1///other/x'],
    ['http://h:8080/v1', '@other/x', 'http://h:8080/v1/@other/x'],
    ['http://user:secret@h/v1', 'x', 'http://h/v1/x'],
  ])('%s with %j is %s', (base, reference, expected) => {
    expect(parseUrl(joinUrl(reference, parseBaseUrl(base))).href).toBe(expected);
  });

  it('never leads to another host unless the reference has a scheme', () => {
    const base = parseBaseUrl('http://h:81/v1');
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (reference) => {
        fc.pre(!/^[a-z][a-z0-9+.-]*:\/\//i.test(reference));
        expect(parseUrl(joinUrl(reference, base)).origin).toBe('http://h:81');
      }),
      { numRuns: 300 },
    );
  });

  it('needs no base for an absolute URL', () => {
    expect(joinUrl('http://h/', null)).toBe('http://h/');
  });
});

describe('parseBaseUrl', () => {
  it('keeps the credentials apart', () => {
    const base = parseBaseUrl('https://u%40:p%3A@h/v1/');
    expect(base).toMatchObject({
      prefix: 'https://h/v1',
      origin: 'https://h',
      username: 'u@',
      password: 'p:',
    });
  });

  it.each(['http://h/?a=1', 'http://h/#f'])('refuses %s', (text) => {
    expect(() => parseBaseUrl(text)).toThrow(InvalidRequestError);
  });

  it('refuses what is no URL', () => {
    expect(() => parseBaseUrl('/v1')).toThrow(InvalidUrlError);
  });
});

describe('urlBehind', () => {
  it('gives one object for one reference, and the right one when it has forgotten', () => {
    const base = parseBaseUrl('http://h/v1');
    expect(urlBehind('users', base)).toBe(urlBehind('users', base));
    for (let number = 0; number < 2000; number += 1) {
      expect(urlBehind(`users/${number}`, base).target).toBe(`/v1/users/${number}`);
    }
    expect(base.known.size).toBeLessThan(1000);
    expect(urlBehind('users', base).href).toBe('http://h/v1/users');
    expect(urlBehind('http://other/x', base).origin).toBe('http://other');
  });

  it('keeps the bases apart', () => {
    expect(urlBehind('x', parseBaseUrl('http://a')).host).toBe('a');
    expect(urlBehind('x', parseBaseUrl('http://b')).host).toBe('b');
    expect(urlBehind('http://c/x', null).host).toBe('c');
  });
});
