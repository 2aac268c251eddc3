import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import { selfSignedCertificate } from '@needletail/testkit/certificate';

/** Trusted by passing `certificate.cert` as the `ca`. */
export const certificate = selfSignedCertificate({ names: ['localhost', '127.0.0.1'] });

export interface TestServer {
  readonly port: number;
  readonly connections: number;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1, or on `place`; `close` drops its connections. */
export async function startServer(server: TcpServer, place?: string): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  if (place === undefined) server.listen(0, '127.0.0.1');
  else server.listen(place);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'string' ? 0 : (address as AddressInfo).port,
    get connections() {
      return connections;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

/** Answers each request with its own request line and fields, as JSON. */
export function echoServer(isTls: boolean): Server {
  const answer = (request: IncomingMessage, response: { end: (text: string) => void }): void => {
    const { method, url, headers } = request;
    response.end(JSON.stringify({ method, url, headers }));
  };
  return isTls ? createSecureServer(certificate, answer) : createServer(answer);
}

export interface TestProxy extends TestServer {
  /** Requests seen: `METHOD target`. */
  readonly seen: string[];
  /** Fields of the last. */
  readonly lastHeaders: IncomingMessage['headers'];
}

export interface ProxyBehaviour {
  readonly isTls?: boolean;
  /** `user:password`; others get 407. */
  readonly credentials?: string;
  /** Does something else in place of a tunnel. */
  readonly onConnect?: (socket: Socket) => void;
}

/** A proxy that forwards plain requests and opens tunnels. */
export async function startProxy(behaviour: ProxyBehaviour = {}): Promise<TestProxy> {
  const seen: string[] = [];
  let lastHeaders: IncomingMessage['headers'] = {};
  const isAllowed = (request: IncomingMessage): boolean => {
    seen.push(`${request.method} ${request.url}`);
    lastHeaders = request.headers;
    const { credentials } = behaviour;
    const expected = `Basic ${Buffer.from(credentials ?? '').toString('base64')}`;
    return credentials === undefined || request.headers['proxy-authorization'] === expected;
  };
  const server = behaviour.isTls === true ? createSecureServer(certificate) : createServer();
  server.on('request', (request: IncomingMessage, response) => {
    if (!isAllowed(request)) {
      response.writeHead(407).end();
      return;
    }
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const onward = forward(request.url!, { method: request.method!, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.on('close', () => {
      if (!request.complete) onward.destroy();
    });
    request.pipe(onward);
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    socket.on('error', () => socket.destroy());
    if (!isAllowed(request)) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    if (behaviour.onConnect !== undefined) return behaviour.onConnect(socket);
    const { hostname, port } = new URL(`http://${request.url}`);
    const target = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(target).pipe(socket);
    });
    target.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n'));
    target.on('close', () => socket.destroy());
    socket.on('close', () => target.destroy());
  });
  const started = await startServer(server);
  return {
    seen,
    get lastHeaders() {
      return lastHeaders;
    },
    port: started.port,
    get connections() {
      return started.connections;
    },
    close: () => started.close(),
  };
}
