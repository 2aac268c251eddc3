import { spawn } from 'node:child_process';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { selfSignedCertificate } from '@needletail/testkit/certificate';
import { findProgram } from '@needletail/testkit/programs';
import type { App, AppListenOptions } from '../app/app.ts';
import type { BackendName } from '../listen/backend.ts';
import { behaviourApp } from './behaviour-app.fixture.ts';
import type { BehaviourAnswer, BehaviourCase } from './behaviour-case.fixture.ts';

/** A way for requests to reach the application. */
export interface Way {
  ask(asked: BehaviourCase): Promise<BehaviourAnswer>;
  /** Of those over a socket. */
  readonly port: number;
  /** Whether a body that is streamed has its Content-Length: Bun.serve sends chunks in any case. */
  readonly hasLengths: boolean;
  /** Whether the client has an address: a web-standard request has none. */
  readonly hasAddress: boolean;
  /** How many errors were reported since it was asked last. */
  reports(): number;
  end(): Promise<void>;
}

export const bun: string | null = findProgram('bun');
export const certificate: { readonly cert: string; readonly key: string } = selfSignedCertificate();

function answerOf(
  status: number,
  fields: Iterable<readonly [name: string, value: string]>,
  cookies: readonly string[],
  body: Uint8Array,
): BehaviourAnswer {
  const headers = new Map(Array.from(fields, ([name, value]) => [name.toLowerCase(), value]));
  return { status, headers, cookies, body: Buffer.from(body).toString('latin1') };
}

/** Counts what is reported. */
class Reports {
  #count = 0;

  readonly add = (): void => void (this.#count += 1);

  take(): number {
    const count = this.#count;
    this.#count = 0;
    return count;
  }
}

/** The application in this process; `ask` is one of the ways that need no socket. */
export function inProcess(
  ask: (app: App, asked: BehaviourCase) => Promise<BehaviourAnswer>,
): Promise<Way> {
  const reports = new Reports();
  const app = behaviourApp(reports.add);
  return Promise.resolve({
    port: 0,
    hasLengths: true,
    hasAddress: ask !== byFetch,
    ask: (asked) => ask(app, asked),
    reports: () => reports.take(),
    end: () => app.close(),
  });
}

export async function byInject(app: App, asked: BehaviourCase): Promise<BehaviourAnswer> {
  const { status, headers, bytes } = await app.inject({ ...asked, url: asked.path });
  return answerOf(status, headers, headers.getAll('set-cookie'), bytes);
}

export async function byFetch(app: App, asked: BehaviourCase): Promise<BehaviourAnswer> {
  const { method = 'GET', path, headers, body } = asked;
  const request = new Request(`http://localhost${path}`, {
    method,
    headers: { ...headers },
    ...(body === undefined ? {} : { body: Buffer.from(body) }),
  });
  const response = await app.fetch(request);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return answerOf(response.status, response.headers, response.headers.getSetCookie(), bytes);
}

/** Node's client: it speaks HTTP/1.1, and with a certificate TLS. */
function askPort(port: number, isSecure: boolean, asked: BehaviourCase): Promise<BehaviourAnswer> {
  const { method = 'GET', path, headers, body } = asked;
  const options = { host: '127.0.0.1', port, path, method, headers, agent: false } as const;
  return new Promise((resolve, reject) => {
    const take = async (response: IncomingMessage): Promise<void> => {
      const pieces: Buffer[] = [];
      for await (const piece of response) pieces.push(piece as Buffer);
      const { 'set-cookie': cookies = [], ...others } = response.headers;
      const fields = Object.entries(others) as [string, string][];
      resolve(answerOf(response.statusCode!, fields, cookies, Buffer.concat(pieces)));
    };
    const onResponse = (response: IncomingMessage): void => void take(response).catch(reject);
    const sent = isSecure
      ? httpsRequest({ ...options, ca: certificate.cert, servername: 'localhost' }, onResponse)
      : httpRequest(options, onResponse);
    sent.on('error', reject);
    sent.end(body);
  });
}

export async function onPort(options: AppListenOptions): Promise<Way> {
  const reports = new Reports();
  const app = behaviourApp(reports.add);
  const { port } = await app.listen(options);
  return {
    port,
    hasLengths: true,
    hasAddress: true,
    ask: (asked) => askPort(port, options.tls !== undefined, asked),
    reports: () => reports.take(),
    end: () => app.close({ graceMs: 0 }),
  };
}

/** In a process of Bun; only where there is one. */
export async function onBun(server: BackendName): Promise<Way> {
  const program = fileURLToPath(new URL('behaviour-server.fixture.ts', import.meta.url));
  const child = spawn(bun!, ['--conditions=@needletail/source', program, server], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const port = await new Promise<number>((resolve) =>
    lines.once('line', (line) => resolve(Number(line))),
  );
  const reports = new Reports();
  lines.on('line', reports.add);
  return {
    port,
    hasLengths: server !== 'bun',
    hasAddress: true,
    ask: (asked) => askPort(port, false, asked),
    reports: () => reports.take(),
    end: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.stdin.end();
      }),
  };
}
