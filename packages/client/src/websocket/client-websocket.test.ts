import { createServer } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net';
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Client } from '../client.ts';
import { startEchoServer } from './websocket-setup.fixture.ts';

describe('Client.websocket', () => {
  it('sends the headers, cookies and credentials of the client', async () => {
    const asked: IncomingMessage[] = [];
    const server = await startEchoServer();
    server.server.on('connection', (_socket, request) => asked.push(request));
    const client = new Client({
      baseUrl: `http://127.0.0.1:${server.port}/api/`,
      headers: { 'X-Key': 'k' },
      auth: { username: 'ada', password: 'secret' },
      cookies: { session: '1' },
    });
    const socket = await client.websocket('live?x=1', { protocols: [], headers: { 'X-Own': 'o' } });
    socket.send('hello');
    expect((await socket[Symbol.asyncIterator]().next()).value).toBe('hello');
    await socket.close();
    const { headers, url } = asked[0]!;
    expect(url).toBe('/api/live?x=1');
    expect(headers).toMatchObject({
      'x-key': 'k',
      'x-own': 'o',
      cookie: 'session=1',
      authorization: `Basic ${Buffer.from('ada:secret').toString('base64')}`,
    });
    expect(headers['accept-encoding']).toBeUndefined();
    await client.close();
    await server.close();
  });

  it('goes through a tunnel where there is a proxy', async () => {
    const server = await startEchoServer();
    const tunnels: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, downstream) => {
      tunnels.push(request.url!);
      const upstream = connect(server.port, '127.0.0.1', () => {
        downstream.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(downstream).pipe(upstream);
      });
      upstream.on('error', () => downstream.destroy());
      downstream.on('error', () => upstream.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const client = new Client({
      proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    });
    const socket = await client.websocket('ws://echo.test/');
    socket.send('through');
    expect((await socket[Symbol.asyncIterator]().next()).value).toBe('through');
    expect(tunnels).toEqual(['echo.test:80']);
    await socket.close();
    await client.close();
    await server.close();
    await new Promise((resolve) => proxy.close(resolve));
  });

  it('fails as connecting does', async () => {
    const free = createTcpServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const client = new Client({});
    await expect(client.websocket(`ws://127.0.0.1:${port}/`)).rejects.toMatchObject({
      name: 'ConnectError',
      code: 'REFUSED',
    });
    await client.close();
  });
});
