import { describe, expect, it } from 'vitest';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { createSecureServer } from 'node:http2';
import { createServer } from 'node:https';
import { closing } from './closing.fixture.ts';
import { makeRequest } from '../model/client-request.fixture.ts';
import { startH2, startH2c } from './http2-setup.fixture.ts';
import { certificate, echoServer, startProxy, startServer } from './network-setup.fixture.ts';
import { createNetworkTransport, type NetworkTransportOptions } from './network-transport.ts';
import type { Transport } from './transport.ts';
import { wholeText } from './test-request.fixture.ts';

function open(options: NetworkTransportOptions = {}): Transport {
  return closing(
    createNetworkTransport({
      http2: true,
      env: {},
      tls: { ca: certificate.cert, insecure: true },
      ...options,
    }),
  );
}

describe('createNetworkTransport({ http2: true })', () => {
  it('speaks HTTP/2 where the server chooses it, over one connection', async () => {
    const server = closing(
      await startH2((stream, headers) => {
        stream.respond({ ':status': 200 });
        stream.end(headers[':path']);
      }),
    );
    const transport = open();
    const paths = Array.from({ length: 20 }, (_, index) => `/${index}`);
    const answers = await Promise.all(
      paths.map((path) => transport.send(makeRequest(`${server.url}${path}`))),
    );
    expect(answers.map((one) => wholeText(one.body))).toEqual(paths);
    expect(answers[0]!.httpVersion).toBe('2');
    expect(server.sockets).toHaveLength(1);
    expect(transport.pool).toMatchObject({ open: 1, opened: 1, reused: 19 });
  });

  it('speaks HTTP/1.1 where the server chooses that, on the connection that told', async () => {
    const server = closing(await startServer(createServer(certificate, (_q, r) => r.end('one'))));
    const transport = open();
    const url = `https://127.0.0.1:${server.port}/`;
    for (let round = 0; round < 3; round += 1) {
      const response = await transport.send(makeRequest(url));
      expect(response).toMatchObject({ httpVersion: '1.1', status: 200 });
    }
    expect(server.connections).toBe(1);
  });

  it('serves all who waited for the choice', async () => {
    const server = closing(await startServer(createServer(certificate, (_q, r) => r.end('one'))));
    const transport = open();
    const url = `https://127.0.0.1:${server.port}/`;
    const sending = Array.from({ length: 10 }, () => transport.send(makeRequest(url)));
    for (const response of await Promise.all(sending)) expect(response.httpVersion).toBe('1.1');
    expect(server.connections).toBeLessThanOrEqual(10);
  });

  it('speaks HTTP/1.1 over plain TCP', async () => {
    const server = closing(await startServer(echoServer(false)));
    const response = await open().send(makeRequest(`http://127.0.0.1:${server.port}/`));
    expect(response.httpVersion).toBe('1.1');
  });

  it.each([
    ['2', true],
    ['1.1', false],
  ])('chooses through a tunnel too: %s', async (version, isHttp2) => {
    const answer = (_q: Http2ServerRequest, r: Http2ServerResponse): void => void r.end('x');
    const server = isHttp2
      ? createSecureServer(certificate, answer)
      : createServer(certificate, (_q, r) => r.end('x'));
    const { port } = closing(await startServer(server));
    const through = closing(await startProxy());
    const transport = open({ proxy: `http://127.0.0.1:${through.port}` });
    const response = await transport.send(makeRequest(`https://127.0.0.1:${port}/`));
    expect(response.httpVersion).toBe(version);
    expect(through.seen).toEqual([`CONNECT 127.0.0.1:${port}`]);
  });

  it('goes back to HTTP/1.1 when HTTP/2 turns out not to be wanted', async () => {
    const server = createSecureServer({ ...certificate, allowHTTP1: true });
    server.on('request', (_q, r: Http2ServerResponse) => {
      if (r.stream === undefined || r.req.httpVersionMajor < 2) r.end('plain');
      else r.stream.close(13);
    });
    const { port } = closing(await startServer(server));
    const response = await open().send(makeRequest(`https://127.0.0.1:${port}/`));
    expect(response.httpVersion).toBe('1.1');
    expect(wholeText(response.body)).toBe('plain');
  });

  it('tells of a certificate that is not accepted', async () => {
    const server = closing(await startH2(() => {}));
    const sending = open({ tls: {} }).send(makeRequest(`${server.url}/`));
    await expect(sending).rejects.toMatchObject({ name: 'TlsError', code: 'TLS_CERT' });
  });

  it('tells of a connection that is refused', async () => {
    const sending = open().send(makeRequest('https://127.0.0.1:1/'));
    await expect(sending).rejects.toMatchObject({ name: 'ConnectError', code: 'REFUSED' });
  });

  it('rejects requests after close with CLIENT_CLOSED', async () => {
    const transport = open();
    await transport.close();
    for (const url of ['https://a.test/', 'http://a.test/']) {
      await expect(transport.send(makeRequest(url))).rejects.toMatchObject({
        code: 'CLIENT_CLOSED',
      });
    }
  });
});

describe("createNetworkTransport({ http2: 'prior-knowledge' })", () => {
  it.each([
    ['TCP', startH2c],
    ['TLS', startH2],
  ])('speaks HTTP/2 over %s without asking', async (_kind, start) => {
    const server = closing(
      await start((stream) => {
        stream.respond({ ':status': 200 });
        stream.end('two');
      }),
    );
    const transport = open({ http2: 'prior-knowledge' });
    const response = await transport.send(makeRequest(`${server.url}/`));
    expect(response.httpVersion).toBe('2');
    expect(transport.pool).toMatchObject({ open: 1 });
  });

  it('tunnels through a proxy, which could only forward HTTP/1.1', async () => {
    const server = closing(
      await startH2c((stream) => {
        stream.respond({ ':status': 200 });
        stream.end('two');
      }),
    );
    const through = closing(await startProxy());
    const transport = open({
      http2: 'prior-knowledge',
      proxy: `http://127.0.0.1:${through.port}`,
    });
    const response = await transport.send(makeRequest(`${server.url}/`));
    expect(wholeText(response.body)).toBe('two');
    expect(through.seen).toEqual([`CONNECT 127.0.0.1:${server.port}`]);
  });
});
