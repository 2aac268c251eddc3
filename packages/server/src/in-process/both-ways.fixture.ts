import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { FieldMap } from '@needletail/wire';
import { expect, it } from 'vitest';
import { App, type AppOptions } from '../app/app.ts';

interface Sent {
  readonly method?: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

interface Got {
  readonly status: number;
  readonly headers: FieldMap;
  readonly bytes: Buffer;
  text(): string;
  json<Value = unknown>(): Value;
}

/** One of the two ways to reach an application: without a socket, and over one. */
export interface Way {
  readonly isSocket: boolean;
  /** What was reported; a test that expects some takes them out. */
  readonly errors: unknown[];
  /** An application whose errors fail the test. */
  readonly app: <State extends object = object>(options?: AppOptions<State>) => App<State>;
  readonly send: (request: Sent | string) => Promise<Got>;
}

/** Runs `run` both ways, each with applications of its own. */
export function bothWays(name: string, run: (way: Way) => Promise<void>): void {
  for (const isSocket of [false, true]) {
    it(`${name} ${isSocket ? '(over a socket)' : '(in process)'}`, async () => {
      const errors: unknown[] = [];
      let app: App | null = null;
      let port = 0;
      const way: Way = {
        isSocket,
        errors,
        app<State extends object>(options: AppOptions<State> = {}) {
          const made = new App<State>({ onError: (error) => void errors.push(error), ...options });
          app = made as unknown as App;
          return made;
        },
        async send(request) {
          const sent = typeof request === 'string' ? { url: request } : request;
          if (!isSocket) return app!.inject(sent);
          if (port === 0) port = (await app!.listen()).port;
          return overSocket(port, sent);
        },
      };
      try {
        await run(way);
        expect(errors).toEqual([]);
      } finally {
        await (app as App | null)?.close({ graceMs: 0 });
      }
    });
  }
}

async function overSocket(port: number, sent: Sent): Promise<Got> {
  const { method = 'GET', url, headers = {}, body } = sent;
  const isChunked = 'Transfer-Encoding' in headers;
  const length =
    body === undefined || isChunked ? {} : { 'Content-Length': Buffer.byteLength(body) };
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    method,
    path: url,
    agent: false,
    headers: { ...length, ...headers },
  });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  const bytes = Buffer.concat(pieces);
  let lines = '';
  for (let at = 0; at < response.rawHeaders.length; at += 2) {
    lines += `${response.rawHeaders[at]}: ${response.rawHeaders[at + 1]}\r\n`;
  }
  return {
    status: response.statusCode ?? 0,
    headers: new FieldMap(lines),
    bytes,
    text: () => bytes.toString(),
    json: <Value>() => JSON.parse(bytes.toString()) as Value,
  };
}
