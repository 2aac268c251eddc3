import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../errors.ts';
import { parseUrl } from '../model/request-url.ts';
import { parseProxy, proxyRulesFor } from './proxy-rules.ts';

const PROXY = 'http://proxy.test:3128';

function proxyOf(url: string, env: Record<string, string>): string | null {
  const rules = proxyRulesFor({ trustEnv: true, env });
  return rules.proxyFor(parseUrl(url))?.url.origin ?? null;
}

describe('proxyRulesFor with an environment', () => {
  it.each([
    ['http://a.test', {}, null],
    ['http://a.test', { HTTP_PROXY: PROXY }, PROXY],
    ['http://a.test', { http_proxy: PROXY }, PROXY],
    ['https://a.test', { HTTP_PROXY: PROXY }, null],
    ['https://a.test', { HTTPS_PROXY: PROXY }, PROXY],
    ['http://a.test', { HTTPS_PROXY: PROXY }, null],
    ['https://a.test', { ALL_PROXY: PROXY }, PROXY],
    ['http://a.test', { all_proxy: PROXY }, PROXY],
    ['http://a.test', { ALL_PROXY: 'http://all.test', HTTP_PROXY: PROXY }, PROXY],
    ['http://a.test', { HTTP_PROXY: 'http://upper.test', http_proxy: PROXY }, PROXY],
    ['http://a.test', { HTTP_PROXY: '' }, null],
    ['http://a.test', { HTTP_PROXY: '  ', ALL_PROXY: PROXY }, PROXY],
    ['http://a.test', { HTTP_PROXY: 'proxy.test:3128' }, PROXY],
    ['http://localhost', { HTTP_PROXY: PROXY }, PROXY],
    ['http://a.test', { HTTP_PROXY: PROXY, REQUEST_METHOD: 'GET' }, null],
    ['http://a.test', { http_proxy: PROXY, REQUEST_METHOD: 'GET' }, PROXY],
    ['https://a.test', { HTTPS_PROXY: PROXY, REQUEST_METHOD: 'GET' }, PROXY],
  ])('%s with %j goes through %s', (url, env, expected) => {
    expect(proxyOf(url, env)).toBe(expected);
  });

  it.each([
    // URL, NO_PROXY, whether it is proxied
    ['http://127.0.0.1', '', true],
    ['http://127.0.0.1', '127.0.0.1', false],
    ['http://127.0.0.1', 'https://127.0.0.1', true],
    ['http://127.0.0.1', '1.1.1.1', true],
    ['http://courses.mit.test', 'mit.test', false],
    ['http://mit.test', 'mit.test', false],
    ['http://MIT.test', 'Mit.Test', false],
    ['https://mit.test.info', 'mit.test', true],
    ['https://mit.test.info', 'mit.test,test.info', false],
    ['https://mit.test.info', 'mit.test, test.info', false],
    ['https://mit.test.info', 'mit.test  test.info', false],
    ['https://mit.test.info', 'mit.test,mit.info', true],
    ['https://www.example1.test', '.example1.test', false],
    ['https://example1.test', '.example1.test', true],
    ['https://www.example2.test', 'ample2.test', true],
    ['https://www.example3.test', '*', false],
    ['https://www.example4.test', 'http://www.example4.test', true],
    ['http://www.example4.test', 'http://www.example4.test', false],
    ['http://a.test:8080', 'a.test:8080', false],
    ['http://a.test:8081', 'a.test:8080', true],
    ['http://b.a.test:8080', 'a.test:8080', false],
    ['http://10.1.2.3', '10.0.0.0/8', false],
    ['http://11.1.2.3', '10.0.0.0/8', true],
    ['http://[::1]', '::1', false],
    ['http://[::1]', '[::1]', false],
    ['http://[fd00::7]', 'fd00::/8', false],
    ['http://[2001:db8::7]', 'fd00::/8', true],
    ['http://1.2.3.4', '2.3.4', true],
    ['http://a.test', ',,', true],
    ['http://a.test', '10.0.0.0/99, a b*c, %%', true],
  ])('%s with NO_PROXY=%j is proxied: %s', (url, list, isProxied) => {
    const env = { ALL_PROXY: PROXY, NO_PROXY: list };
    expect(proxyOf(url, env)).toBe(isProxied ? PROXY : null);
  });

  it('names the variable, and not its content, when the proxy is of another kind', () => {
    const rules = proxyRulesFor({
      trustEnv: true,
      env: { ALL_PROXY: 'socks5://me:secret@proxy.test' },
    });
    const ask = (): unknown => rules.proxyFor(parseUrl('http://a.test'));
    expect(ask).toThrowError(InvalidRequestError);
    expect(ask).toThrowError(/ALL_PROXY names a proxy of kind socks5/);
    expect(ask).not.toThrowError(/secret/);
  });

  it('is not read when it is not to be trusted', () => {
    const rules = proxyRulesFor({ trustEnv: false, env: { ALL_PROXY: PROXY } });
    expect(rules.proxyFor(parseUrl('http://a.test'))).toBeNull();
  });
});

describe('proxyRulesFor with an option', () => {
  const env = { ALL_PROXY: 'http://other.test', NO_PROXY: '*' };

  it('goes before the environment', () => {
    const rules = proxyRulesFor({ proxy: PROXY, trustEnv: true, env });
    expect(rules.proxyFor(parseUrl('https://a.test'))?.url.origin).toBe(PROXY);
  });

  it('means none when it is null', () => {
    const rules = proxyRulesFor({ proxy: null, trustEnv: true, env: { ALL_PROXY: PROXY } });
    expect(rules.proxyFor(parseUrl('https://a.test'))).toBeNull();
  });

  it('leaves out what its noProxy lists', () => {
    const rules = proxyRulesFor({ proxy: { url: PROXY, noProxy: 'a.test' }, trustEnv: true, env });
    expect(rules.proxyFor(parseUrl('https://a.test'))).toBeNull();
    expect(rules.proxyFor(parseUrl('https://b.test'))).not.toBeNull();
  });
});

describe('parseProxy', () => {
  it('moves credentials from the URL to Proxy-Authorization', () => {
    const proxy = parseProxy({ url: 'http://user:p%40ss@proxy.test/' }, 'the option proxy');
    expect(proxy.headers.get('proxy-authorization')).toBe(
      `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
    );
    expect(JSON.stringify(proxy)).not.toContain('p@ss');
    expect(proxy.url.href).toBe('http://proxy.test/');
  });

  it('prefers auth to the user info of the URL', () => {
    const auth = { username: 'a', password: 'b' };
    const proxy = parseProxy({ url: 'http://user:pass@proxy.test', auth }, 'x');
    expect(proxy.headers.getAll('proxy-authorization')).toEqual(['Basic YTpi']);
  });

  it.each([
    ['socks5://proxy.test', /kind socks5/],
    ['ftp://proxy.test', /kind ftp/],
    ['http://me:secret@bad host', /is no URL/],
  ])('refuses %s with INVALID_OPTION and without its secrets', (url, message) => {
    let error: unknown;
    try {
      parseProxy({ url }, 'the option proxy');
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'INVALID_OPTION' });
    expect((error as Error).message).toMatch(message);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret');
  });

  it('refuses a header that cannot be sent', () => {
    expect(() => parseProxy({ url: PROXY, headers: { 'x-a': 'b\r\nc: d' } }, 'x')).toThrowError(
      /header that cannot be sent, x-a/,
    );
  });
});
