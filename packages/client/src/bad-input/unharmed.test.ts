import { createServer as createHttp2Server } from 'node:http2';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { startFaultyServer } from '@needletail/testkit/faulty-server';
import { startLeakCheck } from '@needletail/testkit/leak-check';
import { afterEach, describe, expect, it } from 'vitest';
import { Client } from '../client.ts';
import type { ClientOptions } from '../model/client-options.ts';
import { startServer } from '../transport/network-setup.fixture.ts';
import { answer, say, startBadServer, type BadServer, type Serve } from './bad-server.fixture.ts';

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function serving(serve: Serve): Promise<BadServer> {
  const server = await startBadServer({ serve });
  closers.push(() => server.close());
  return server;
}

function open(options: ClientOptions = {}): Client {
  const client = new Client({ trustEnv: false, ...options });
  closers.push(() => client.close());
  return client;
}

async function* once(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('once only');
}

describe('a client over HTTP/2', () => {
  const HEADERS = { Host: 'a\r\nb', 'X-A': 'a\nb', 'X A': 'x' };

  it('refuses what no request may be, and sends nothing', async () => {
    let requests = 0;
    const target = await startServer(
      createHttp2Server((_, response) => {
        requests += 1;
        response.end();
      }),
    );
    closers.push(() => target.close());
    const client = open({ http2: 'prior-knowledge', baseUrl: `http://127.0.0.1:${target.port}` });
    for (const method of ['', 'GET ', 'G\r\nET', 'GÉT']) {
      const refused = { name: 'InvalidRequestError', code: 'INVALID_OPTION', phase: 'send' };
      await expect(client.request(method, '/x')).rejects.toMatchObject(refused);
    }
    for (const [name, value] of Object.entries(HEADERS)) {
      const refused = { name: 'InvalidRequestError', code: 'INVALID_HEADER', phase: 'send' };
      const sending = client.get('/x', { headers: { [name]: value } });
      await expect(sending).rejects.toMatchObject(refused);
    }
    expect((await client.request('MADE-UP', '/x')).status).toBe(200);
    expect(requests).toBe(1);
  });
});

describe('a client among servers that misbehave', () => {
  it('never takes bytes behind an answer for the next answer', async () => {
    const server = await startFaultyServer();
    closers.push(() => server.close());
    const client = open();
    for (let round = 0; round < 5; round += 1) {
      expect((await client.get(`${server.url}/lie-long`)).status).toBe(200);
      expect((await client.get(`${server.url}/ok`)).text()).toBe('hello, world\n');
    }
    const { arrivals } = server;
    for (const [index, { path, connection }] of arrivals.entries()) {
      if (path === '/lie-long') expect(arrivals[index + 1]?.connection).not.toBe(connection);
    }
  });

  it('never takes bytes that come while a connection is idle for an answer', async () => {
    const server = await serving(({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst');
      setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'), 5);
    });
    const client = open();
    expect((await client.get(`${server.url}/bad`)).text()).toBe('first');
    await pause(30);
    expect((await client.get(`${server.url}/ok`)).text()).toBe('ok');
    expect(server.arrivals.map(({ connection }) => connection)).toEqual([1, 2]);
  });

  it('leaves a body in an unknown coding as it came', async () => {
    const server = await serving(answer('200 OK', 'Content-Encoding: gzip, rot13\r\n', 'uryyb'));
    const response = await open().get(`${server.url}/bad`);
    expect(response.text()).toBe('uryyb');
    expect(response.headers.get('content-encoding')).toBe('gzip, rot13');
  });

  it('gives an answer that it may not ask for again, the body being spent', async () => {
    const server = await serving(answer('503 Busy', ''));
    const client = open({ retry: { attempts: 3, backoffMs: 1, methods: ['POST'] } });
    expect((await client.post(`${server.url}/bad`, { body: once() })).status).toBe(503);
    expect(server.arrivals).toHaveLength(1);
  });

  it('holds little of a bomb in memory', async () => {
    const megabyte = gzipSync(Buffer.alloc(1024 * 1024));
    const bomb = gzipSync(Buffer.concat(Array.from({ length: 512 }, () => megabyte)));
    const head =
      'HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nTransfer-Encoding: chunked\r\n\r\n';
    const server = await serving(
      say(`${head}${bomb.length.toString(16)}\r\n${bomb.toString('latin1')}\r\n0\r\n\r\n`),
    );
    const client = open();
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }, 1);
    const whole = client.get(`${server.url}/bad`);
    await expect(whole).rejects.toMatchObject({ code: 'DECODED_TOO_LARGE' });
    let chunks = 0;
    const streamed = (async () => {
      for await (const chunk of await client.stream('GET', `${server.url}/bad`)) {
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
        chunks += chunk.length > 0 ? 1 : 0;
      }
    })();
    await expect(streamed).rejects.toMatchObject({ code: 'DECODED_TOO_LARGE' });
    clearInterval(watch);
    expect(chunks).toBeGreaterThan(0);
    expect(most).toBeLessThan(64 * 1024 * 1024);
  });

  it('does not wait long for the rest of a body that nobody wants', async () => {
    const server = await serving(say('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort'));
    const client = open({ timeout: null, limits: { maxConnections: 1 } });
    const response = await client.stream('GET', `${server.url}/bad`);
    await response.close();
    expect((await client.get(`${server.url}/ok`)).text()).toBe('ok');
    expect(server.arrivals.map(({ connection }) => connection)).toEqual([1, 2]);
    expect(client.pool).toMatchObject({ open: 1, active: 0 });
  });

  it('shares one signal among many requests, and leaves nothing on it', async () => {
    const server = await serving(say(''));
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const controller = new AbortController();
    const { signal } = controller;
    const check = startLeakCheck([], [signal]);
    const client = new Client({ trustEnv: false, timeout: { total: 10_000 } });
    const good = Array.from({ length: 100 }, () => ({ url: `${server.url}/ok`, signal }));
    const all = await client.gather(good);
    expect(all.every(({ status }) => status === 200)).toBe(true);
    const stuck = Array.from({ length: 100 }, () => client.get(`${server.url}/bad`, { signal }));
    const settled = Promise.allSettled(stuck);
    await pause(20);
    controller.abort();
    const codes = (await settled).map((one) => one.status === 'rejected' && one.reason.code);
    expect(new Set(codes)).toEqual(new Set(['ABORTED']));
    await client.close();
    expect(await check.leaked()).toEqual(new Map());
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});
