import { describe, expect, it } from 'vitest';
import { InvalidUrlError } from '../errors.ts';
import { parseUrl, resolveUrl } from './request-url.ts';

describe('resolveUrl', () => {
  const base = parseUrl('http://example.com/b/c/d;p?q');

  // RFC 3986 §5.4.1 and §5.4.2, on the paths of this base.
  it.each([
    ['g', '/b/c/g'],
    ['./g', '/b/c/g'],
    ['g/', '/b/c/g/'],
    ['/g', '/g'],
    ['?y', '/b/c/d;p?y'],
    ['g?y', '/b/c/g?y'],
    ['#s', '/b/c/d;p?q#s'],
    ['g#s', '/b/c/g#s'],
    ['g?y#s', '/b/c/g?y#s'],
    [';x', '/b/c/;x'],
    ['g;x', '/b/c/g;x'],
    ['g;x?y#s', '/b/c/g;x?y#s'],
    ['', '/b/c/d;p?q'],
    ['.', '/b/c/'],
    ['./', '/b/c/'],
    ['..', '/b/'],
    ['../', '/b/'],
    ['../g', '/b/g'],
    ['../..', '/'],
    ['../../', '/'],
    ['../../g', '/g'],
    ['../../../g', '/g'],
    ['../../../../g', '/g'],
    ['/./g', '/g'],
    ['/../g', '/g'],
    ['g.', '/b/c/g.'],
    ['.g', '/b/c/.g'],
    ['g..', '/b/c/g..'],
    ['..g', '/b/c/..g'],
    ['./../g', '/b/g'],
    ['./g/.', '/b/c/g/'],
    ['g/./h', '/b/c/g/h'],
    ['g/../h', '/b/c/h'],
    ['g;x=1/./y', '/b/c/g;x=1/y'],
    ['g;x=1/../y', '/b/c/y'],
    ['g?y/./x', '/b/c/g?y/./x'],
    ['g?y/../x', '/b/c/g?y/../x'],
    ['g#s/./x', '/b/c/g#s/./x'],
    ['g#s/../x', '/b/c/g#s/../x'],
  ])('%j leads to %s', (reference, expected) => {
    const { href, fragment } = resolveUrl(reference, base);
    expect(`${href}${fragment}`).toBe(`http://example.com${expected}`);
  });

  it('leads to another host with //', () => {
    expect(resolveUrl('//g', base).href).toBe('http://g/');
  });
});

describe('parseUrl', () => {
  it.each([
    ['http://h/?u=phrase with spaces', '/?u=phrase%20with%20spaces'],
    ['http://h/?u=a%20b', '/?u=a%20b'],
    ['http://h/ü?ü', '/%C3%BC?%C3%BC'],
    ['http://h', '/'],
    ['http://h?', '/'],
  ])('%s asks for %s', (text, target) => {
    expect(parseUrl(text).target).toBe(target);
  });

  it.each([
    ['https://example.com:443/', 'example.com', 443],
    ['http://example.com:80/', 'example.com', 80],
    ['http://example.com:8080/', 'example.com:8080', 8080],
    ['http://EXAMPLE.com/', 'example.com', 80],
    ['http://[::1]:81/', '[::1]:81', 81],
    ['http://中国.icom.museum/', 'xn--fiqs8s.icom.museum', 80],
    ['http://faß.de/', 'xn--fa-hia.de', 80],
    ['http://0x7f.1/', '127.0.0.1', 80],
  ])('%s has the host %s', (text, host, port) => {
    expect(parseUrl(text)).toMatchObject({ host, port });
  });

  it('takes the credentials out, and decodes them', () => {
    const url = parseUrl('http://us%40er:p%3Ass@h/x#f');
    expect(url).toMatchObject({
      href: 'http://h/x',
      username: 'us@er',
      password: 'p:ss',
      fragment: '#f',
    });
    expect(parseUrl('http://@h/').username).toBe('');
  });

  it.each([
    ['http://h:abc/', 'INVALID_URL', '"abc" is no port'],
    ['http://h:70000/', 'INVALID_URL', '"70000" is no port'],
    ['/path', 'INVALID_URL', 'no scheme'],
    ['http://999.999.999.999/', 'INVALID_URL', 'host'],
    ['http://[2001]/', 'INVALID_URL', 'host'],
    ['http://', 'INVALID_URL', 'host'],
    ['ftp://h/', 'UNSUPPORTED_SCHEME', '"ftp"'],
    [`http://h/${'x'.repeat(100_000)}`, 'INVALID_URL', 'characters long'],
  ])('refuses %.40s', (text, code, words) => {
    const parse = (): unknown => parseUrl(text);
    expect(parse).toThrow(InvalidUrlError);
    expect(parse).toThrow(expect.objectContaining({ code }) as Error);
    expect(parse).toThrow(words);
  });

  it('gives the same object for the same text', () => {
    expect(parseUrl('http://h/same')).toBe(parseUrl('http://h/same'));
  });
});
