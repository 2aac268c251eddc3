import { once } from 'node:events';
import {
  createSecureServer,
  createServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerOptions,
} from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';
import { selfSignedCertificate } from '@needletail/testkit/certificate';

const certificate = selfSignedCertificate({ names: ['localhost', '127.0.0.1'] });

export interface Http2TestServer {
  readonly url: string;
  readonly port: number;
  /** In the order of their coming, also those that are gone. */
  readonly sessions: readonly ServerHttp2Session[];
  /** Those below the sessions, in the order of their coming. */
  readonly sockets: readonly Socket[];
  close(): Promise<void>;
}

type OnStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** An HTTP/2 server over TCP: for clients that know what it speaks. */
export function startH2c(
  onStream: OnStream,
  options: ServerOptions = {},
): Promise<Http2TestServer> {
  return start(createServer(options), 'http', onStream);
}

/** An HTTP/2 server over TLS, which also takes HTTP/1.1 where `allowHTTP1` says so. */
export function startH2(
  onStream: OnStream,
  options: SecureServerOptions = {},
): Promise<Http2TestServer> {
  return start(createSecureServer({ ...options, ...certificate }), 'https', onStream);
}

async function start(server: Server, scheme: string, onStream: OnStream): Promise<Http2TestServer> {
  const sessions: ServerHttp2Session[] = [];
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => sockets.push(socket));
  server.on('session', (session: ServerHttp2Session) => {
    sessions.push(session);
    session.on('error', () => session.destroy());
  });
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => stream.destroy());
    onStream(stream, headers);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    sessions,
    sockets,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

/** Everything a stream carries, as one. */
export async function readAll(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}
