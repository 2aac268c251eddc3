import { request as requestHttp, type IncomingMessage } from 'node:http';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect as connectNet, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Where a server under test listens. */
export interface Place {
  readonly port: number;
  readonly socketPath?: string;
  /** The certificate to trust; the server speaks TLS then. */
  readonly ca?: string;
}

interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly fields?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Uint8Array | readonly Uint8Array[];
}

export interface Answer {
  readonly status: number;
  /** Statuses and Link of informational responses. */
  readonly interim: readonly (readonly [number, string | undefined])[];
  readonly fields: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** False when the body was broken off. */
  readonly isComplete: boolean;
}

export type Ask = (asked: Asked) => Promise<Answer>;

export function socketTo(place: Place, raw: Socket = rawSocketTo(place)): Socket {
  const { ca } = place;
  if (ca === undefined) return raw;
  return connectTls({ socket: raw, host: '127.0.0.1', ca, ALPNProtocols: ['http/1.1'] });
}

/** The connection below TLS. */
export function rawSocketTo({ port, socketPath }: Place): Socket {
  return socketPath === undefined ? connectNet(port, '127.0.0.1') : connectNet(socketPath);
}

async function collect(stream: AsyncIterable<Buffer>): Promise<[body: Buffer, isWhole: boolean]> {
  const all: Buffer[] = [];
  try {
    for await (const piece of stream) all.push(piece);
  } catch {
    return [Buffer.concat(all), false];
  }
  return [Buffer.concat(all), true];
}

/** Asks over HTTP/1.1, on a connection of its own each time. */
export function askHttp1(place: Place): Ask {
  return ({ method = 'GET', path, fields = {}, body }) =>
    new Promise((resolve, reject) => {
      const interim: [number, string | undefined][] = [];
      const asked = requestHttp({
        method,
        path,
        headers: { Host: 'test', Connection: 'close', ...fields },
        createConnection: () => socketTo(place),
      });
      asked.on('information', ({ statusCode, headers }) =>
        interim.push([statusCode, headers['link'] as string | undefined]),
      );
      asked.on('error', reject);
      asked.on('response', (response: IncomingMessage) => {
        void collect(response).then(([whole, isWhole]) =>
          resolve({
            status: response.statusCode!,
            interim,
            fields: response.headers,
            body: whole,
            isComplete: isWhole && response.complete,
          }),
        );
      });
      if (Array.isArray(body)) {
        for (const piece of body as Uint8Array[]) asked.write(piece);
        asked.end();
      } else asked.end(body);
    });
}

export interface Http2Client {
  readonly ask: Ask;
  readonly session: ClientHttp2Session;
}

/** Asks over HTTP/2, on one connection. */
export function http2Client({ port, ca }: Place): Http2Client {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: ca! });
  session.on('error', () => undefined);
  const ask: Ask = ({ method = 'GET', path, fields = {}, body }) =>
    new Promise((resolve, reject) => {
      const interim: [number, string | undefined][] = [];
      const stream = session.request(
        { ':method': method, ':path': path, ':authority': 'test', ...fields },
        { endStream: body === undefined },
      );
      stream.on('headers', (headers) =>
        interim.push([headers[':status']!, headers['link'] as string | undefined]),
      );
      let isAnswered = false;
      stream.on('error', (error) => isAnswered || reject(error));
      stream.on('close', () => isAnswered || reject(new Error('closed without an answer')));
      stream.on('response', (headers) => {
        isAnswered = true;
        void collect(stream).then(([whole, isWhole]) =>
          resolve({
            status: headers[':status']!,
            interim,
            fields: headers as Record<string, string>,
            body: whole,
            isComplete: isWhole && stream.rstCode === 0,
          }),
        );
      });
      if (Array.isArray(body)) {
        for (const piece of body as Uint8Array[]) stream.write(piece);
        stream.end();
      } else if (body !== undefined) stream.end(body);
    });
  return { ask, session };
}
