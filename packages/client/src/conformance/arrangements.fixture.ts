import { createServer, type Server } from 'node:http';
import { createSecureServer, createServer as createH2cServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Server as TcpServer } from 'node:net';
import { Client } from '../client.ts';
import type { ClientOptions } from '../model/client-options.ts';
import { appTransport } from '../transport/app-transport.ts';
import { mock } from '../transport/mock-transport.ts';
import { certificate, startProxy, startServer } from '../transport/network-setup.fixture.ts';
import { listenerTransport, type NodeListener } from '../transport/listener-transport.ts';
import { openPartitionedNetwork } from '../transport/partitioned-network.ts';
import { recording } from '../transport/recording-transport.ts';
import { seenOf, Target } from './target.fixture.ts';

/** A client and a target, and whatever carries requests from one to the other. */
export interface Arrangement {
  readonly client: Client;
  readonly target: Target;
  close(): Promise<void>;
}

const DEFAULTS: ClientOptions = {
  headers: { 'X-Default': 'yes', 'User-Agent': 'conformance' },
  trustEnv: false,
};

type Cleanup = () => Promise<unknown>;

function arrangement(target: Target, options: ClientOptions, cleanups: Cleanup[]): Arrangement {
  const client = new Client({ ...DEFAULTS, ...options });
  return {
    client,
    target,
    close: async () => {
      await client.close();
      for (const cleanup of cleanups) await cleanup();
    },
  };
}

async function overSocket(
  makeServer: (target: Target) => TcpServer,
  scheme: 'http' | 'https',
  options: ClientOptions,
): Promise<Arrangement> {
  const target = new Target();
  const server = await startServer(makeServer(target));
  const all = { baseUrl: `${scheme}://127.0.0.1:${server.port}`, tls: { ca: certificate.cert } };
  return arrangement(target, { ...all, ...options }, [() => server.close()]);
}

function plain(target: Target): Server {
  return createServer(target.listener);
}

function secure(target: Target): TcpServer {
  return createHttpsServer(certificate, target.listener);
}

async function throughProxy(isTls: boolean): Promise<Arrangement> {
  const proxy = await startProxy();
  const inner = await overSocket(isTls ? secure : plain, isTls ? 'https' : 'http', {
    proxy: `http://127.0.0.1:${proxy.port}`,
  });
  return { ...inner, close: () => inner.close().then(() => proxy.close()) };
}

async function overPartition(): Promise<Arrangement> {
  const network = openPartitionedNetwork({ trustEnv: false });
  const inner = await overSocket(plain, 'http', { transport: network.partition() });
  return { ...inner, close: () => inner.close().then(() => network.close()) };
}

async function overUnixSocket(): Promise<Arrangement> {
  const folder = await mkdtemp(join(tmpdir(), 'needletail-conformance-'));
  const socketPath = join(folder, 'target.sock');
  const target = new Target();
  const server = await startServer(plain(target), socketPath);
  return arrangement(target, { baseUrl: 'http://target.invalid', socketPath }, [
    () => server.close(),
    () => rm(folder, { recursive: true }),
  ]);
}

function inProcess(): Arrangement {
  const target = new Target();
  const options = { baseUrl: 'http://target.invalid', transport: appTransport(target.fetch) };
  return arrangement(target, options, []);
}

function mocked(target = new Target()): ClientOptions {
  return {
    baseUrl: 'http://target.invalid',
    transport: mock((call) => {
      const { pathname, search } = new URL(call.url);
      const pairs = [...call.headers].flatMap(([name, value]) =>
        (Array.isArray(value) ? (value as string[]) : [`${value as string}`]).map(
          (one) => [name, one] as const,
        ),
      );
      const answer = target.answer(seenOf(call.method, `${pathname}${search}`, pairs, call.body));
      return {
        status: answer.status,
        headers: answer.headers ?? [],
        ...(answer.body === undefined ? {} : { body: answer.body }),
      };
    }),
  };
}

async function recorded(): Promise<Arrangement> {
  const folder = await mkdtemp(join(tmpdir(), 'needletail-cassette-'));
  const target = new Target();
  const { baseUrl, transport } = mocked(target);
  const options = { file: join(folder, 'cassette.ndjson'), mode: 'record' as const };
  return arrangement(target, { baseUrl: baseUrl!, transport: recording(transport!, options) }, [
    () => rm(folder, { recursive: true }),
  ]);
}

/** Every way from a client to a target. */
export const ARRANGEMENTS: Readonly<Record<string, () => Arrangement | Promise<Arrangement>>> = {
  'HTTP/1.1 over TCP': () => overSocket(plain, 'http', {}),
  'HTTP/1.1 over TLS': () => overSocket(secure, 'https', {}),
  'a partition of a network': overPartition,
  'a unix socket': overUnixSocket,
  'a forwarding proxy': () => throughProxy(false),
  'a tunnel': () => throughProxy(true),
  'HTTP/2 over TLS': () =>
    overSocket((target) => createSecureServer(certificate, target.listener), 'https', {
      http2: true,
    }),
  'HTTP/2 offered, HTTP/1.1 chosen': () => overSocket(secure, 'https', { http2: true }),
  'HTTP/2 over TCP': () =>
    overSocket((target) => createH2cServer(target.listener), 'http', { http2: 'prior-knowledge' }),
  'a web handler in process': inProcess,
  'a listener of node:http in process': () => {
    const target = new Target();
    const transport = listenerTransport(target.listener as NodeListener);
    return arrangement(target, { baseUrl: 'http://target.invalid', transport }, []);
  },
  'a mock': () => {
    const target = new Target();
    return arrangement(target, mocked(target), []);
  },
  'a recording': recorded,
};
