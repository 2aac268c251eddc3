import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../errors.ts';
import { parseUrl } from '../model/request-url.ts';
import { matchesPattern, matchMount, parseUrlPattern } from './url-pattern.ts';

describe('matchesPattern', () => {
  it.each([
    // pattern, URL, whether it is in the set
    ['all://', 'http://example.com', true],
    ['all://', 'https://example.com:8443', true],
    ['all://*', 'https://example.com', true],
    ['http://', 'http://example.com', true],
    ['http://', 'https://example.com', false],
    ['https://', 'https://example.com', true],
    ['http://example.com', 'http://example.com/path?query', true],
    ['http://example.com/', 'http://example.com', true],
    ['http://example.com', 'https://example.com', false],
    ['http://example.com', 'http://other.com', false],
    ['http://example.com', 'http://www.example.com', false],
    ['http://example.com', 'http://example.com:8080', true],
    ['http://example.com:8080', 'http://example.com:8080', true],
    ['http://example.com:8080', 'http://example.com:9090', false],
    ['http://example.com:8080', 'http://example.com', false],
    ['http://example.com:80', 'http://example.com', true],
    ['all://example.com', 'https://example.com', true],
    ['all://example.com:443', 'https://example.com', true],
    ['all://*.example.com', 'https://www.example.com', true],
    ['all://*.example.com', 'https://a.b.example.com', true],
    ['all://*.example.com', 'https://example.com', false],
    ['all://*.example.com', 'https://notexample.com', false],
    ['all://*example.com', 'https://example.com', true],
    ['all://*example.com', 'https://www.example.com', true],
    ['all://*example.com', 'https://notexample.com', false],
    ['*.example.com', 'http://www.example.com', true],
    ['localhost:3000', 'http://localhost:3000', true],
    ['localhost:3000', 'http://localhost:3001', false],
    ['ALL://Example.COM', 'https://example.com', true],
    ['all://[::1]', 'http://[::1]:8080', true],
    ['all://[::1]:8080', 'http://[::1]', false],
    ['all://[0:0:0:0:0:0:0:1]', 'http://[::1]', true],
    ['all://faß.de', 'https://xn--fa-hia.de', true],
    ['all://:8080', 'https://example.com:8080', true],
  ])('%s and %s: %s', (pattern, url, isMember) => {
    expect(matchesPattern(parseUrlPattern(pattern), parseUrl(url))).toBe(isMember);
  });
});

describe('parseUrlPattern', () => {
  it.each(['http', 'https', 'all', 'HTTP'])(
    'asks for %s:// where the scheme stands alone',
    (text) => {
      expect(() => parseUrlPattern(text)).toThrowError(InvalidRequestError);
      expect(() => parseUrlPattern(text)).toThrowError(`Write ${text}://`);
    },
  );

  it.each([
    'ftp://host',
    'https://host/path',
    'all://a*b',
    'all://host:99999',
    'all://host:x',
    '://',
  ])('refuses %s with INVALID_OPTION', (text) => {
    expect(() => parseUrlPattern(text)).toThrowError(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(text) }),
    );
  });
});

describe('matchMount', () => {
  const mounts = {
    'all://': 'all',
    'http://': 'scheme',
    'all://*.example.com': 'wildcard',
    'all://*.api.example.com': 'longer wildcard',
    'all://www.example.com': 'host',
    'https://www.example.com': 'scheme and host',
    'all://www.example.com:8443': 'port',
    'https://none.test': null,
  };

  it.each([
    ['https://elsewhere.test', 'all'],
    ['http://elsewhere.test', 'scheme'],
    ['http://any.example.com', 'wildcard'],
    ['http://v1.api.example.com', 'longer wildcard'],
    ['http://www.example.com', 'host'],
    ['https://www.example.com', 'scheme and host'],
    ['https://www.example.com:8443', 'port'],
    ['https://none.test', null],
  ])('gives %s what is mounted most specifically: %s', (url, expected) => {
    expect(matchMount(mounts, parseUrl(url))).toBe(expected);
  });

  it('answers undefined where nothing is mounted', () => {
    expect(matchMount({ 'http://a.test': 1 }, parseUrl('http://b.test'))).toBeUndefined();
  });
});
