import { createServer, type Server } from 'node:http';
import { createSecureServer, type Http2SecureServer, type Http2Session } from 'node:http2';
import { Server as NetServer, type AddressInfo, type ListenOptions, type Socket } from 'node:net';
import { classifySocketError } from '@needletail/wire';
import type { Dispatch, Listening } from '../exchange.ts';
import { HostedServer } from '../hosted/hosted-server.ts';
import { takePlace } from '../place.ts';
import type { ServerOptions } from '../server-options.ts';
import type { TlsContext } from '../tls/tls-options.ts';
import { NodeRequests } from './node-requests.ts';
import { headSizeOf } from './request-rules.ts';

export type NodeServer = Server | Http2SecureServer;

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_BACKLOG = 511;
const DEFAULT_GRACE_MS = 10_000;
/** How often node:http looks for heads that take too long. */
const CHECK_MS = 500;

/** See `listenOnNode`. */
export async function serveOnNode(dispatch: Dispatch, options: ServerOptions): Promise<Listening> {
  const place = await takePlace(options);
  const hosted = new HostedServer(dispatch, options);
  const server = createNodeServer(options, place.tls, hosted);
  const connections = new NodeConnections(server);
  new NodeRequests(hosted, options).serve(server);
  await bind(server, options);
  server.on('error', (error) => hosted.report(error, null));
  await place.entered({
    setSecureContext: (context) => (server as Http2SecureServer).setSecureContext(context),
    report: (error) => hosted.report(error, null),
  });
  hosted.startTicking();
  const address = server.address() as AddressInfo | string;
  let closed: Promise<void> | undefined;
  return {
    port: typeof address === 'string' ? 0 : address.port,
    host: typeof address === 'string' ? address : address.address,
    async close({ graceMs = DEFAULT_GRACE_MS, idleMs = 0 } = {}) {
      hosted.isDraining = true;
      closed ??= stopAccepting(server);
      const endIdle = (): void => {
        server.close();
        connections.endIdle();
      };
      if (idleMs === 0) endIdle();
      const cancels = [
        hosted.after(idleMs, endIdle),
        hosted.after(idleMs + graceMs, () => connections.destroyAll()),
      ];
      await closed;
      for (const cancel of cancels) cancel();
      hosted.stopTicking();
      place.left();
    },
  };
}

/** Without ending idle connections, as `close` of node:http does since Node 19; resolves when the last one is gone. */
function stopAccepting(server: NodeServer): Promise<void> {
  return new Promise((resolve) => void NetServer.prototype.close.call(server, () => resolve()));
}

function createNodeServer(
  options: ServerOptions,
  tls: TlsContext | undefined,
  { limits, timeouts }: HostedServer,
): NodeServer {
  const settings = {
    maxHeaderSize: headSizeOf(limits),
    headersTimeout: timeouts.headMs,
    // Bodies have limits of their own, which do not cut off a long upload that keeps its pace.
    requestTimeout: 0,
    keepAliveTimeout: timeouts.keepAliveMs,
    connectionsCheckingInterval: CHECK_MS,
    requireHostHeader: true,
  };
  const shared = {
    maxHeadersCount: limits.fields + 1,
    httpAllowHalfOpen: true,
    ...(options.maxConnections ? { maxConnections: options.maxConnections } : {}),
  };
  if (tls === undefined) {
    const server = createServer(settings);
    return Object.assign(server, shared);
  }
  const server = createSecureServer({
    ...tls,
    rejectUnauthorized: tls.requestCert === true,
    allowHTTP1: true,
    maxHeaderListPairs: limits.fields + PSEUDO_FIELDS,
    settings: { maxHeaderListSize: headSizeOf(limits), maxConcurrentStreams: MOST_STREAMS },
  });
  // What HTTP/1.1 has as options are properties here, read when a connection comes.
  Object.assign(server, settings, shared);
  server.on('session', (session) =>
    session.setTimeout(timeouts.keepAliveMs, () => session.close()),
  );
  return server;
}

const PSEUDO_FIELDS = 4;
const MOST_STREAMS = 100;

function bind(server: NodeServer, options: ServerOptions): Promise<void> {
  const { host = DEFAULT_HOST, port = 0, socketPath, backlog = DEFAULT_BACKLOG } = options;
  const place: ListenOptions = socketPath === undefined ? { host, port } : { path: socketPath };
  const where = socketPath ?? `${host}:${port}`;
  return new Promise<void>((resolve, reject) => {
    const onError = (cause: Error): void => reject(classifySocketError(cause, 'listen', where));
    server.once('error', onError);
    server.listen({ ...place, backlog }, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

/** Sockets and sessions, so that they can be ended. */
class NodeConnections {
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<Http2Session>();

  constructor(server: NodeServer) {
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    server.on('session', (session: Http2Session) => {
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session));
    });
  }

  /** Ends what waits for a first request, and asks clients of HTTP/2 to open no more streams; node:http ends the others. */
  endIdle(): void {
    for (const session of this.#sessions) session.close();
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
  }

  destroyAll(): void {
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }
}
