import { describe, expect, it } from 'vitest';
import { parseAddress } from './target-address.ts';

describe('parseAddress', () => {
  it.each([
    ['http://localhost:3000', 'http://localhost:3000', '/'],
    ['localhost:3000', 'http://localhost:3000', '/'],
    ['example.com/a?b=c', 'http://example.com', '/a?b=c'],
    ['HTTPS://Example.COM:443/A/../b', 'https://example.com', '/A/../b'],
    ['http://h:80?q', 'http://h', '/?q'],
    ['http://h/a#part', 'http://h', '/a'],
    ['http://h#part', 'http://h', '/'],
    ['http://[::1]:8080/', 'http://[::1]:8080', '/'],
    ['http://bücher.example/', 'http://xn--bcher-kva.example', '/'],
    ['http://h/a b/{{id}}?q={{a#b}}', 'http://h', '/a b/{{id}}?q={{a#b}}'],
    ['http://h:1{{path}}', 'http://h:1', '/{{path}}'],
    [' http://h/ ', 'http://h', '/'],
  ])('%s', (text, origin, target) => {
    expect(parseAddress(text, 'address')).toEqual({ origin, target, authorization: null });
  });

  it('turns credentials into a header', () => {
    const decode = (text: string): string => {
      const { origin, authorization } = parseAddress(text, 'address');
      expect(origin).toBe('http://h');
      return Buffer.from(authorization!.replace('Basic ', ''), 'base64').toString('utf8');
    };
    expect(decode('http://user:pa%3Ass@h/')).toBe('user:pa:ss');
    expect(decode('http://ü@h')).toBe('ü:');
    expect(decode('http://a@b:c@h')).toBe('a@b:c');
  });

  it.each([
    ['', 'it is empty'],
    ['ftp://h/', 'ftp is not spoken'],
    ['ws://h/', 'ws is not spoken'],
    ['http://', 'has no host'],
    ['/path', 'has no host'],
    ['http:///path', 'has no host'],
    ['http://h:0/', 'port 0 is not from 1 to 65535'],
    ['http://h:70000/', 'port 70000 is not from 1 to 65535'],
    ['http://h:abc/', '"h:abc" is no host'],
    ['http://a b/', '"a b" is no host'],
    ['http://a\r\nb/', 'is no host'],
    ['http://[::1/', 'is no host'],
    ['http://h:{{port}}/', 'host and port cannot hold slots'],
    ['http://{{host}}/', 'host and port cannot hold slots'],
    ['http://{{a}}.h/', 'host and port cannot hold slots'],
    ['http://a:%zz@h/', 'bad percent code'],
  ])('refuses %j', (text, cause) => {
    expect(() => parseAddress(text, 'address')).toThrow(cause);
  });

  it('never shows a password', () => {
    expect(() => parseAddress('http://user:secret@/', 'address')).toThrow(/^((?!secret).)*$/s);
  });
});
