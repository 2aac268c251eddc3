import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { findProgram } from '@needletail/testkit/programs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../client.ts';
import type { ClientOptions } from '../model/client-options.ts';
import { certificate, startServer } from '../transport/network-setup.fixture.ts';
import {
  HELLO,
  LARGE,
  startBun,
  startNginx,
  startPython,
  type ProgramServer,
} from './programs.fixture.ts';

interface Peer {
  readonly name: string;
  /** Null where it is not installed. */
  readonly start: (() => Promise<ProgramServer>) | null;
  readonly client?: ClientOptions;
  readonly version: '1.0' | '1.1' | '2';
  readonly keepsConnections: boolean;
  readonly hasRanges: boolean;
  readonly echoesPosts: boolean;
  readonly gzips: boolean;
}

const listener: RequestListener = (request, response) => {
  if (request.method === 'POST') return void request.pipe(response);
  const text = { '/hello.txt': HELLO, '/large.bin': LARGE }[request.url!];
  if (text === undefined) return void response.writeHead(404).end('none');
  const { range } = request.headers;
  const validators = { etag: '"1"', 'accept-ranges': 'bytes' };
  if (range !== undefined) {
    const start = Number(/\d+/.exec(range)![0]);
    const end = text.length - 1;
    const fields = { ...validators, 'content-range': `bytes ${start}-${end}/${text.length}` };
    return void response.writeHead(206, fields).end(text.slice(start));
  }
  const isSqueezed = typeof text === 'string' && request.headers['accept-encoding'] !== undefined;
  const body = isSqueezed ? gzipSync(text) : text;
  const coding = isSqueezed ? { 'content-encoding': 'gzip' } : {};
  response.writeHead(200, { ...validators, ...coding, 'content-length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
};

async function inThisProcess(
  server: Parameters<typeof startServer>[0],
  scheme: string,
): Promise<ProgramServer> {
  const started = await startServer(server);
  return { url: `${scheme}://127.0.0.1:${started.port}`, close: () => started.close() };
}

function program(
  name: string,
  start: (path: string) => Promise<ProgramServer>,
): (() => Promise<ProgramServer>) | null {
  const path = findProgram(name);
  return path === null ? null : () => start(path);
}

const FULL = {
  version: '1.1',
  keepsConnections: true,
  hasRanges: true,
  echoesPosts: true,
  gzips: true,
} as const;
const TLS: ClientOptions = { tls: { ca: certificate.cert } };

const PEERS: readonly Peer[] = [
  { ...FULL, name: 'node:http', start: () => inThisProcess(createServer(listener), 'http') },
  {
    ...FULL,
    name: 'node:https',
    start: () => inThisProcess(createHttpsServer(certificate, listener), 'https'),
    client: TLS,
  },
  {
    ...FULL,
    name: 'node:http2',
    start: () => inThisProcess(createSecureServer(certificate, listener as never), 'https'),
    client: { ...TLS, http2: true },
    version: '2',
  },
  { ...FULL, name: 'nginx', start: program('nginx', startNginx), echoesPosts: false },
  // Gives no validator with a file, so that nothing can be resumed.
  { ...FULL, name: 'Bun.serve', start: program('bun', startBun), hasRanges: false },
  {
    name: "Python's http.server",
    start: program('python3', startPython),
    // Its queue of connections holds five; the others would come again after a second or more.
    client: { limits: { maxConnectionsPerOrigin: 4 } },
    version: '1.0',
    keepsConnections: false,
    hasRanges: false,
    echoesPosts: false,
    gzips: false,
  },
];

describe.each(PEERS)('a client and $name', (peer) => {
  let server: ProgramServer;
  let client: Client;
  let folder: string;

  beforeAll(async () => {
    if (peer.start === null) return;
    folder = mkdtempSync(join(tmpdir(), 'needletail-peers-'));
    server = await peer.start();
    client = new Client({ baseUrl: server.url, trustEnv: false, ...peer.client });
  });

  afterAll(async () => {
    if (peer.start === null) return;
    await client.close();
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const itWorks = it.skipIf(peer.start === null);

  itWorks('GET, HEAD and what is not there', async () => {
    const response = await client.get('hello.txt');
    expect(response).toMatchObject({ status: 200, ok: true, httpVersion: peer.version });
    expect(response.text()).toBe(HELLO);
    expect(response.headers.get('content-encoding')).toBe(peer.gzips ? 'gzip' : null);
    const head = await client.head('hello.txt');
    expect(head.status).toBe(200);
    expect(head.bytes()).toHaveLength(0);
    expect((await client.get('nothing')).status).toBe(404);
  });

  itWorks('a large body, whole and streamed, and one left in the middle', async () => {
    expect((await client.get('large.bin')).bytes().equals(LARGE)).toBe(true);
    const chunks: Buffer[] = [];
    for await (const chunk of await client.stream('GET', 'large.bin')) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(LARGE)).toBe(true);
    const left = await client.stream('GET', 'large.bin');
    for await (const chunk of left) if (chunk.length > 0) break;
    await left.close();
    expect((await client.get('hello.txt')).text()).toBe(HELLO);
  });

  itWorks('POST of little, of much, and of what is made meanwhile', async () => {
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < LARGE.length; at += 100_000) yield LARGE.subarray(at, at + 100_000);
    }
    const little = await client.post('echo', { body: 'little' });
    if (!peer.echoesPosts) {
      expect(little.status).toBeGreaterThanOrEqual(400);
      return;
    }
    expect(little.text()).toBe('little');
    const much = await client.post('echo', { body: LARGE });
    expect(much.bytes().equals(LARGE)).toBe(true);
    const streamed = await client.post('echo', { body: pieces() });
    expect(streamed.bytes().equals(LARGE)).toBe(true);
  });

  itWorks('a download, resumed where it was left', async () => {
    const path = join(folder, 'large.bin');
    const controller = new AbortController();
    const first = client.download('large.bin', path, {
      signal: controller.signal,
      onProgress: ({ transferredBytes }) => {
        if (transferredBytes > 200_000) controller.abort();
      },
    });
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    const { resumedBytes, sizeBytes } = await client.download('large.bin', path);
    expect(sizeBytes).toBe(LARGE.length);
    expect(resumedBytes > 0).toBe(peer.hasRanges);
    expect(readFileSync(path).equals(LARGE)).toBe(true);
  });

  itWorks('connections are used again where they are kept', async () => {
    const fresh = new Client({ baseUrl: server.url, trustEnv: false, ...peer.client });
    for (let index = 0; index < 5; index += 1) await fresh.get('hello.txt');
    expect(fresh.pool.opened).toBe(peer.keepsConnections ? 1 : 5);
    await fresh.close();
    await expect.poll(() => fresh.pool.open).toBe(0);
  });

  itWorks('a hundred at a time', async () => {
    const requests = Array.from({ length: 100 }, () => 'hello.txt');
    const responses = await client.gather(requests, { concurrency: 100 });
    expect(responses.every((response) => response.text() === HELLO)).toBe(true);
    await expect.poll(() => client.pool.active).toBe(0);
    expect(client.pool.waiting).toBe(0);
  });
});
