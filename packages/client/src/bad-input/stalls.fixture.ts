// Servers that keep a client waiting, at each stage of a request.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { selfSignedCertificate } from '@needletail/testkit/certificate';
import {
  ConnectTimeoutError,
  PoolTimeoutError,
  ReadTimeoutError,
  TotalTimeoutError,
  WriteTimeoutError,
} from '../errors.ts';
import { createNetworkTransport } from '../transport/network-transport.ts';
import { answer, say } from './bad-server.fixture.ts';
import type { BadCase, BadContext, ExpectedError, Style } from './bad-case.fixture.ts';

const EVERY: readonly Style[] = ['request', 'stream', 'gather', 'raw'];
const LIMIT_MS = 40;
const PATIENT_MS = 10_000;
const OK = 'HTTP/1.1 200 OK\r\n';

const CONNECT: ExpectedError = {
  type: ConnectTimeoutError,
  code: 'CONNECT_TIMEOUT',
  phase: 'connect',
};
const READ: ExpectedError = { type: ReadTimeoutError, code: 'READ_TIMEOUT', phase: 'head' };
const READ_BODY: ExpectedError = { ...READ, phase: 'body' };
const WRITE: ExpectedError = { type: WriteTimeoutError, code: 'WRITE_TIMEOUT', phase: 'send' };
const POOL: ExpectedError = { type: PoolTimeoutError, code: 'POOL_TIMEOUT', phase: 'pool' };
const TOTAL: ExpectedError = { type: TotalTimeoutError, code: 'TOTAL_TIMEOUT', phase: 'total' };

const FULL_QUEUE = `
  require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
    process.stdout.write(this.address().port + '\\n', () =>
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });`;

/** A port that is listened on by a process that accepts nothing any more, its queue full. */
export async function startFullQueue(): Promise<{ port: number; close: () => Promise<void> }> {
  const child: ChildProcess = spawn(process.execPath, ['-e', FULL_QUEUE], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [text] = (await once(child.stdout!, 'data')) as [Buffer];
  const port = Number(text.toString());
  const fillers = Array.from({ length: 4 }, () => connect(port, '127.0.0.1'));
  for (const filler of fillers) filler.on('error', () => filler.destroy());
  await once(fillers[0]!, 'connect');
  return {
    port,
    close: async () => {
      for (const filler of fillers) filler.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Takes the only connection, for as long as the call lasts. */
async function occupy({ client, server }: BadContext): Promise<() => unknown> {
  const occupied = await client.stream('GET', `${server.url}/slow-body`);
  return () => occupied.close();
}

/** Long enough for a client that has had enough to drop the connection at once. */
const headOnly = say(`${OK}Content-Length: 100000\r\n\r\n`);

function neverReads({ socket }: { readonly socket: Socket }): void {
  socket.pause();
}

export const STALLS: readonly BadCase[] = [
  {
    name: 'names that are not resolved in time',
    client: () => ({
      transport: createNetworkTransport({ env: {}, resolve: () => new Promise(() => {}) }),
      timeout: { connect: LIMIT_MS },
    }),
    url: 'http://user:s3cret-pw@slow-name.invalid/',
    styles: EVERY,
    error: CONNECT,
  },
  {
    name: 'a proxy that does not answer',
    server: { onConnect: () => {} },
    client: ({ port }) => ({
      proxy: `http://proxy-user:s3cret-pw@127.0.0.1:${port}`,
      timeout: { connect: LIMIT_MS },
    }),
    url: 'https://user:s3cret-pw@behind.invalid/',
    styles: EVERY,
    endsClient: true,
    error: CONNECT,
  },
  {
    name: 'a TLS handshake that is not answered',
    server: { onConnect: () => {}, tls: selfSignedCertificate() },
    client: { timeout: { connect: LIMIT_MS } },
    styles: EVERY,
    endsClient: true,
    error: CONNECT,
  },
  {
    name: 'no connection free',
    client: { limits: { maxConnections: 1 }, timeout: { pool: LIMIT_MS, read: PATIENT_MS } },
    server: { serve: headOnly },
    before: occupy,
    styles: EVERY,
    error: POOL,
  },
  {
    name: 'no connection to the origin free',
    client: { limits: { maxConnectionsPerOrigin: 1 }, timeout: { pool: LIMIT_MS } },
    server: { serve: headOnly },
    before: occupy,
    styles: EVERY,
    error: POOL,
  },
  {
    name: 'no answer',
    client: { timeout: { read: LIMIT_MS } },
    styles: EVERY,
    error: READ,
  },
  {
    name: 'an answer that stops in its head',
    client: { timeout: { read: LIMIT_MS } },
    server: { serve: say(`${OK}X-Half: `) },
    styles: EVERY,
    error: READ,
  },
  {
    name: 'nothing after an interim answer',
    client: { timeout: { read: LIMIT_MS } },
    server: { serve: say('HTTP/1.1 103 Early Hints\r\n\r\n') },
    styles: EVERY,
    error: READ,
  },
  {
    name: 'an answer that stops in its body',
    client: { timeout: { read: LIMIT_MS } },
    server: { serve: say(`${OK}Content-Length: 100\r\n\r\nshort`) },
    styles: EVERY,
    error: READ_BODY,
  },
  {
    name: 'an answer that stops before its body',
    client: { timeout: { read: LIMIT_MS } },
    server: { serve: headOnly },
    styles: EVERY,
    error: READ_BODY,
  },
  {
    name: 'an answer that stops between chunks',
    client: { timeout: { read: LIMIT_MS } },
    server: { serve: say(`${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`) },
    styles: EVERY,
    error: READ_BODY,
  },
  {
    name: 'an encoded answer that stops',
    client: { timeout: { read: LIMIT_MS } },
    server: { serve: say(`${OK}Content-Encoding: gzip\r\nContent-Length: 100\r\n\r\n\x1f\x8b\b`) },
    error: READ_BODY,
  },
  {
    name: 'a head that comes byte by byte, in all',
    faulty: 'slow-loris',
    client: { timeout: { total: 250, read: PATIENT_MS } },
    error: TOTAL,
  },
  {
    name: 'a body that comes byte by byte, in all',
    server: {
      serve: ({ socket }) => {
        socket.write(`${OK}Content-Length: 100000\r\n\r\n`);
        const timer = setInterval(() => socket.write('x'), 10);
        socket.on('close', () => clearInterval(timer));
      },
    },
    client: { timeout: { total: 100, read: PATIENT_MS } },
    error: TOTAL,
  },
  {
    name: 'an upload that is not read',
    method: 'POST',
    client: { timeout: { write: LIMIT_MS } },
    options: { body: Buffer.alloc(32 * 1024 * 1024) },
    server: { serve: neverReads },
    isDeaf: true,
    error: WRITE,
  },
  {
    name: 'a streamed upload that is not read',
    method: 'POST',
    client: { timeout: { write: LIMIT_MS } },
    options: () => ({ body: endless() }),
    server: { serve: neverReads },
    isDeaf: true,
    error: WRITE,
  },
  {
    name: 'a source of an upload that gives nothing, in all',
    method: 'POST',
    client: { timeout: { total: LIMIT_MS * 2 } },
    options: () => ({ body: silent() }),
    error: TOTAL,
  },
  {
    name: 'a pause between tries, in all',
    client: { timeout: { total: LIMIT_MS } },
    options: { retry: { attempts: 3, backoffMs: PATIENT_MS, jitter: false } },
    server: { serve: answer('503 Busy', '') },
    keepsConnection: true,
    error: TOTAL,
  },
  {
    name: 'a wait for the rate limit, in all',
    client: { rateLimit: { requestsPerSecond: 0.001 }, timeout: { total: LIMIT_MS } },
    before: async ({ client, server }) => {
      await client.get(`${server.url}/ok`);
      return () => {};
    },
    endsClient: true,
    error: TOTAL,
  },
  {
    name: 'a hook that does not return, in all',
    client: { hooks: { request: () => new Promise(() => {}) }, timeout: { total: LIMIT_MS } },
    endsClient: true,
    error: TOTAL,
  },
  {
    name: 'a way to authenticate that does not return, in all',
    client: { timeout: { total: LIMIT_MS } },
    options: {
      auth: {
        // oxlint-disable-next-line require-yield
        async *flow() {
          await new Promise(() => {});
        },
      },
    },
    error: TOTAL,
  },
];

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(65_536);
}

async function* silent(): AsyncGenerator<Uint8Array> {
  await new Promise(() => {});
  yield Buffer.alloc(0);
}
