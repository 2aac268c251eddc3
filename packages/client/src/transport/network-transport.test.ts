import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createServer as createHttps } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSignedCertificate } from '@needletail/testkit/certificate';
import { LinkProbe } from '@needletail/testkit/link-probe';
import { describe, expect, it } from 'vitest';
import { closing } from './closing.fixture.ts';
import { makeRequest } from '../model/client-request.fixture.ts';
import { InvalidRequestError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { HeaderList } from '../model/header-list.ts';
import { DEFAULT_TIMEOUTS } from '../model/timeouts.ts';
import {
  certificate,
  echoServer,
  startProxy,
  startServer,
  type ProxyBehaviour,
  type TestProxy,
  type TestServer,
} from './network-setup.fixture.ts';
import {
  createNetworkTransport,
  openNetwork,
  type NetworkTransportOptions,
} from './network-transport.ts';
import type { Transport } from './transport.ts';
import { wholeText } from './test-request.fixture.ts';

const trusted = { ca: certificate.cert };

const serve = async (isTls: boolean): Promise<TestServer> =>
  closing(await startServer(echoServer(isTls)));

const proxy = async (behaviour?: ProxyBehaviour): Promise<TestProxy> =>
  closing(await startProxy(behaviour));

function open(options: NetworkTransportOptions = {}): Transport {
  return closing(createNetworkTransport({ env: {}, ...options }));
}

async function get(
  transport: Transport,
  url: string,
  changes: Partial<ClientRequest> = {},
): Promise<{ method: string; url: string; headers: Record<string, string> }> {
  const response = await transport.send(makeRequest(url, changes));
  expect(response.status).toBe(200);
  return JSON.parse(wholeText(response.body)) as Awaited<ReturnType<typeof get>>;
}

describe('createNetworkTransport', () => {
  it('reaches a name that has addresses of both families, over whichever listens', async () => {
    const { port } = await serve(false);
    const seen = await get(open(), `http://localhost:${port}/a?b`);
    expect(seen).toMatchObject({ method: 'GET', url: '/a?b' });
  });

  it('rejects with DNS_FAILED for a name that does not exist', async () => {
    const sending = open().send(makeRequest('http://no-such-host.invalid/'));
    await expect(sending).rejects.toMatchObject({ code: 'DNS_FAILED', phase: 'resolve' });
  });

  it('counts name resolution as connecting', async () => {
    const transport = open({ resolve: () => new Promise(() => {}) });
    const timeouts = { ...DEFAULT_TIMEOUTS, connect: 50 };
    const sending = transport.send(makeRequest('http://slow.test/', { timeouts }));
    await expect(sending).rejects.toMatchObject({ code: 'CONNECT_TIMEOUT' });
  });

  it('uses one connection for requests one after the other', async () => {
    const server = await serve(true);
    const transport = open({ tls: trusted });
    await get(transport, `https://127.0.0.1:${server.port}/1`);
    await get(transport, `https://127.0.0.1:${server.port}/2`);
    expect(server.connections).toBe(1);
  });

  it('refuses proxy and socketPath together', () => {
    expect(() => createNetworkTransport({ proxy: 'http://p', socketPath: '/s' })).toThrowError(
      InvalidRequestError,
    );
  });

  it('refuses a proxy of another kind when it is made', () => {
    expect(() => createNetworkTransport({ proxy: 'socks5://p:1080' })).toThrowError(/socks5/);
  });
});

describe('tls', () => {
  const expired = selfSignedCertificate({ startedDaysAgo: 9, expiresInDays: -2 });
  const foreign = selfSignedCertificate({ names: ['other.test'] });

  async function serveWith(own: { cert: string; key: string }): Promise<string> {
    const server = createHttps(own, (_request, response) => response.end('{}'));
    return `https://localhost:${closing(await startServer(server)).port}/`;
  }

  it.each([
    ['of an unknown issuer', certificate, {}],
    ['for another name', foreign, { ca: foreign.cert }],
    ['that has expired', expired, { ca: expired.cert }],
  ])('refuses a certificate %s', async (_why, own, tls) => {
    const sending = open({ tls }).send(makeRequest(await serveWith(own)));
    await expect(sending).rejects.toMatchObject({ name: 'TlsError', code: 'TLS_CERT' });
  });

  it('accepts any certificate when insecure', async () => {
    await get(open({ tls: { insecure: true } }), await serveWith(expired));
  });

  it('verifies servername in place of the host', async () => {
    const tls = { ca: foreign.cert, servername: 'other.test' };
    await get(open({ tls }), await serveWith(foreign));
  });

  it('shows its certificate to a server that requires one', async () => {
    const mine = selfSignedCertificate({ names: ['me'] });
    const server = createHttps(
      { ...certificate, ca: mine.cert, requestCert: true, rejectUnauthorized: true },
      (_request, response) => response.end('{}'),
    );
    const url = `https://localhost:${closing(await startServer(server)).port}/`;
    await get(open({ tls: { ...trusted, ...mine } }), url);
    const nameless = open({ tls: trusted }).send(makeRequest(url));
    await expect(nameless).rejects.toMatchObject({ name: 'TlsError', code: 'TLS_CERT' });
    await expect(nameless).rejects.toThrowError('tls.cert');
  });
});

describe('socketPath', () => {
  it('stands for every host, over TLS too, and goes before proxies of the environment', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'needletail-'));
    for (const isTls of [false, true]) {
      const socketPath = join(folder, `${isTls ? 'tls' : 'plain'}.sock`);
      closing(await startServer(echoServer(isTls), socketPath));
      const env = { ALL_PROXY: 'http://127.0.0.1:1' };
      const transport = open({ socketPath, env, tls: { ...trusted, servername: 'localhost' } });
      const seen = await get(transport, `${isTls ? 'https' : 'http'}://any.test/x`);
      expect(seen.headers['host']).toBe('any.test');
    }
    rmSync(folder, { recursive: true });
  });

  it('says so when nothing listens there', async () => {
    const sending = open({ socketPath: '/nowhere/x.sock' }).send(makeRequest('http://a.test/'));
    await expect(sending).rejects.toMatchObject({ code: 'REFUSED' });
  });
});

describe('proxy', () => {
  const secret = { 'x-for-target': 'yes' };

  it('sends plain requests in absolute form, with its own fields to nobody else', async () => {
    const server = await serve(false);
    const through = await proxy({ credentials: 'me:pass' });
    const transport = open({
      proxy: {
        url: `http://me:pass@127.0.0.1:${through.port}`,
        headers: { 'X-For-Proxy': 'yes' },
      },
    });
    const url = `http://127.0.0.1:${server.port}/a?b`;
    const seen = await get(transport, url, { headers: new HeaderList(secret) });
    expect(through.seen).toEqual([`GET ${url}`]);
    expect(through.lastHeaders).toMatchObject({ 'x-for-proxy': 'yes', ...secret });
    expect(seen.headers).not.toHaveProperty('proxy-authorization');
  });

  it.each([false, true])('tunnels https (proxy over TLS: %s)', async (isTls) => {
    const server = await serve(true);
    const through = await proxy({ isTls, credentials: 'me:pass' });
    const transport = open({
      tls: trusted,
      proxy: {
        url: `${isTls ? 'https' : 'http'}://127.0.0.1:${through.port}`,
        auth: { username: 'me', password: 'pass' },
        headers: { 'X-For-Proxy': 'yes' },
        tls: trusted,
      },
    });
    const seen = await get(transport, `https://localhost:${server.port}/a`, {
      headers: new HeaderList(secret),
    });
    await get(transport, `https://localhost:${server.port}/b`);
    expect(through.seen).toEqual([`CONNECT localhost:${server.port}`]);
    expect(through.lastHeaders).toMatchObject({ 'x-for-proxy': 'yes' });
    expect(through.lastHeaders).not.toHaveProperty('x-for-target');
    expect(seen.headers).toMatchObject(secret);
    expect(seen.headers).not.toHaveProperty('proxy-authorization');
    expect(seen.headers).not.toHaveProperty('x-for-proxy');
  });

  it('verifies the certificate of the target through the tunnel', async () => {
    const server = await serve(true);
    const through = await proxy();
    const transport = open({ proxy: `127.0.0.1:${through.port}` });
    const sending = transport.send(makeRequest(`https://localhost:${server.port}/`));
    await expect(sending).rejects.toMatchObject({ name: 'TlsError', code: 'TLS_CERT' });
  });

  it('verifies the certificate of the proxy with its own options', async () => {
    const server = await serve(true);
    const through = await proxy({ isTls: true });
    const transport = open({ tls: trusted, proxy: `https://127.0.0.1:${through.port}` });
    const sending = transport.send(makeRequest(`https://localhost:${server.port}/`));
    await expect(sending).rejects.toMatchObject({ name: 'ProxyError', code: 'PROXY_UNREACHABLE' });
    expect(through.seen).toEqual([]);
  });

  it('goes by the environment', async () => {
    const server = await serve(true);
    const through = await proxy();
    const env = { https_proxy: `127.0.0.1:${through.port}`, NO_PROXY: '127.0.0.1' };
    const transport = open({ env, tls: trusted });
    await get(transport, `https://localhost:${server.port}/`);
    await get(transport, `https://127.0.0.1:${server.port}/`);
    expect(through.seen).toEqual([`CONNECT localhost:${server.port}`]);
  });

  it.each([
    ['407', 'PROXY_AUTH', { credentials: 'other:pass' }],
    [
      '403',
      'PROXY_REFUSED',
      { onConnect: (socket) => void socket.end('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n') },
    ],
    [
      'closed the connection',
      'PROXY_UNREACHABLE',
      { onConnect: (socket) => void socket.destroy() },
    ],
    [
      'no HTTP response',
      'PROXY_REFUSED',
      { onConnect: (socket) => void socket.end('what?\r\n\r\n') },
    ],
    [
      'before any were sent',
      'PROXY_REFUSED',
      { onConnect: (socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\nsurprise') },
    ],
  ] satisfies [string, string, ProxyBehaviour][])(
    'tells of a proxy that grants no tunnel: %s',
    async (text, code, behaviour) => {
      const through = await proxy(behaviour);
      const transport = open({ proxy: `http://me:pass@127.0.0.1:${through.port}` });
      const sending = transport.send(makeRequest('https://localhost:1/'));
      await expect(sending).rejects.toMatchObject({ name: 'ProxyError', code, phase: 'proxy' });
      await expect(sending).rejects.toThrowError(text);
      await expect(sending).rejects.not.toThrowError('pass@');
    },
  );

  it('hands a 407 of a plain request to the caller', async () => {
    const through = await proxy({ credentials: 'other:pass' });
    const transport = open({ proxy: `http://127.0.0.1:${through.port}` });
    expect((await transport.send(makeRequest('http://localhost:1/'))).status).toBe(407);
  });

  it.each(['http', 'https'])(
    'rejects with PROXY_UNREACHABLE when it is down (%s)',
    async (scheme) => {
      const sending = open({ proxy: 'http://127.0.0.1:1' }).send(
        makeRequest(`${scheme}://a.test/`),
      );
      await expect(sending).rejects.toMatchObject({
        name: 'ProxyError',
        code: 'PROXY_UNREACHABLE',
      });
      await expect(sending).rejects.toThrowError(/nothing listens there.*127\.0\.0\.1:1/);
    },
  );

  it('rejects with PROXY_UNREACHABLE when its name does not exist', async () => {
    const transport = open({ proxy: 'http://no-such-host.invalid:1' });
    const sending = transport.send(makeRequest('https://a.test/'));
    await expect(sending).rejects.toMatchObject({ code: 'PROXY_UNREACHABLE' });
  });

  it('gives up after timeout.connect on one that stays silent', async () => {
    let isClosed = false;
    const silent = createServer((socket) => socket.on('close', () => (isClosed = true)).resume());
    const { port } = closing(await startServer(silent));
    const timeouts = { ...DEFAULT_TIMEOUTS, connect: 60 };
    const transport = open({ proxy: `http://127.0.0.1:${port}` });
    const sending = transport.send(makeRequest('https://a.test/', { timeouts }));
    await expect(sending).rejects.toMatchObject({ code: 'CONNECT_TIMEOUT' });
    while (!isClosed) await new Promise((resolve) => void setImmediate(resolve));
  });
});

describe('openNetwork().connectors.tunnelled', () => {
  it.each([false, true])('goes through a tunnel, whatever the scheme (TLS: %s)', async (isTls) => {
    const server = await serve(isTls);
    const through = await proxy();
    const network = openNetwork({
      env: {},
      proxy: `http://127.0.0.1:${through.port}`,
      tls: trusted,
    });
    closing(network.transport);
    const { tunnelled } = network.connectors;
    const { url } = makeRequest(`${isTls ? 'https' : 'http'}://localhost:${server.port}/`);
    const connector = await tunnelled.connectorFor(url);
    const probe = new LinkProbe();
    probe.link = connector.connect(probe);
    await probe.saw('open');
    probe.link.write('GET /x HTTP/1.1\r\nHost: a\r\n\r\n');
    await probe.saw('bytes');
    expect(probe.text).toContain('HTTP/1.1 200 OK');
    probe.link.destroy();
    expect(through.seen).toEqual([`CONNECT localhost:${server.port}`]);
    expect(tunnelled.requestForm(url)).toBe('origin');
    expect(tunnelled.extraHeaders(url)).toBeNull();
  });
});
