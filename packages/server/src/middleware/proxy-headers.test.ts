import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { App } from '../app/app.ts';
import { bothWays } from '../in-process/both-ways.fixture.ts';
import { parseForwarded } from './parse-forwarded.ts';
import { proxyHeaders, type ProxyHeadersOptions } from './proxy-headers.ts';

function seen(
  options: ProxyHeadersOptions,
  headers: Record<string, string>,
  peer = '10.0.0.1',
): Promise<unknown> {
  const app = new App().use(proxyHeaders(options)).get('/', (c) => ({
    address: c.remoteAddress,
    protocol: c.protocol,
    host: c.host,
  }));
  return app
    .inject({ url: '/', headers: { Host: 'inner', ...headers }, remoteAddress: peer })
    .then((got) => got.json());
}

describe('proxyHeaders()', () => {
  it('takes the right-most address that is none of the proxies', async () => {
    const options = { trust: ['10.0.0.0/8'] };
    expect(
      await seen(options, {
        'X-Forwarded-For': '6.6.6.6, 203.0.113.7, 10.0.0.2',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Host': 'shop.example',
      }),
    ).toEqual({ address: '203.0.113.7', protocol: 'https', host: 'shop.example' });
    expect(await seen(options, { 'X-Forwarded-For': '10.0.0.3, 10.0.0.2' })).toMatchObject({
      address: '10.0.0.3',
    });
  });

  it('believes nobody else, and nothing that is no address', async () => {
    const options = { trust: ['10.0.0.0/8'] };
    const lie = { 'X-Forwarded-For': '1.1.1.1', 'X-Forwarded-Proto': 'https' };
    expect(await seen(options, lie, '203.0.113.9')).toEqual({
      address: '203.0.113.9',
      protocol: 'http',
      host: 'inner',
    });
    expect(await seen(options, { 'X-Forwarded-For': '1.1.1.1, evil' })).toMatchObject({
      address: '10.0.0.1',
    });
    expect(
      await seen(options, {
        'X-Forwarded-For': '1.1.1.1',
        'X-Forwarded-Host': 'a/../b',
        'X-Forwarded-Proto': 'javascript',
      }),
    ).toEqual({ address: '1.1.1.1', protocol: 'http', host: 'inner' });
  });

  it('reads ports, IPv6 and mapped addresses', async () => {
    const options = { trust: ['loopback', 'private'] };
    const from = (list: string): Promise<unknown> =>
      seen(options, { 'X-Forwarded-For': list }, '::ffff:127.0.0.1');
    expect(await from('1.2.3.4:567')).toMatchObject({ address: '1.2.3.4' });
    expect(await from('[2001:db8::1]:567')).toMatchObject({ address: '2001:db8::1' });
    expect(await from('2001:db8::1, fe80::1')).toMatchObject({ address: '2001:db8::1' });
  });

  it('reads Forwarded where it is told to, and only that', async () => {
    const options = { trust: ['10.0.0.0/8'], fields: 'forwarded' } as const;
    expect(
      await seen(options, {
        Forwarded:
          'for=6.6.6.6, for="[2001:db8::1]:80";proto=https;host="shop.example:8443", for=10.0.0.2',
        'X-Forwarded-For': '7.7.7.7',
      }),
    ).toEqual({ address: '2001:db8::1', protocol: 'https', host: 'shop.example:8443' });
    expect(await seen(options, { Forwarded: 'for=1.1.1.1, for=_hidden' })).toMatchObject({
      address: '10.0.0.1',
    });
  });

  bothWays('makes the URL that the client used', async (way) => {
    way
      .app()
      .use(proxyHeaders({ trust: ['loopback'] }))
      .get('/a', (c) => c.url.href);
    const got = await way.send({
      url: '/a?b=1',
      headers: {
        'X-Forwarded-For': '203.0.113.7',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Host': 'shop.example',
      },
    });
    expect(got.text()).toBe('https://shop.example/a?b=1');
  });

  it('refuses ranges that are none', () => {
    for (const range of ['10.0.0.0/33', 'proxy.example', '10.0.0.0/', '::1/129', '']) {
      expect(() => proxyHeaders({ trust: [range] })).toThrow(/CIDR/);
    }
  });
});

describe('parseForwarded()', () => {
  it('gives nothing for what is malformed', () => {
    for (const text of ['for', 'for=', 'for=a b', 'for="a', 'for=a;for=b', 'for=a,,', '=a', ';']) {
      expect(parseForwarded(text, 9)).toEqual([]);
    }
    expect(parseForwarded('For="\\[::1\\]";PROTO=HTTPS', 9)).toEqual([
      { address: '::1', protocol: 'https', host: null },
    ]);
  });

  it('ends for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(parseForwarded(text, 4).length).toBeLessThanOrEqual(4);
      }),
    );
  });
});
