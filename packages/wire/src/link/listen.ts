import {
  createServer,
  type AddressInfo,
  type ListenOptions,
  type Server,
  type Socket,
} from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { adoptReadBuffer } from './adopt-read-buffer.ts';
import { classifySocketError, LinkError } from './errors.ts';
import type { Link, LinkHandler } from './link.ts';
import { SocketLink } from './socket-link.ts';

/** What a listener presents, and what it asks of its peers. */
interface ListenerTls {
  /** Certificate chain in PEM. */
  readonly cert: string;
  /** In PEM. */
  readonly key: string;
  /** That of Node unless set: TLS 1.2. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** PEM of the authorities that sign certificates of peers. */
  readonly ca?: string;
  /** Refuses peers without a certificate that `ca` signed; fixed when the listener starts. */
  readonly requestCert?: boolean;
}

export interface LinkListenOptions {
  /** The address to listen on; 127.0.0.1 unless set. `::` takes both families where the system allows. */
  readonly host?: string;
  /** 0 lets the system choose; `Listener.port` tells which. */
  readonly port: number;
  /** With it the links speak TLS. */
  readonly tls?: ListenerTls;
  /** Listen on this unix socket instead of a port. */
  readonly socketPath?: string;
  /** Connections the system may hold before they are accepted; 511 unless set. */
  readonly backlog?: number;
  /**
   * Told of each connection that could not be accepted or whose handshake failed; no link exists then. Without it a
   * failed handshake goes unnoticed, as the peer's own affair, and a failure to accept (TOO_MANY_FILES) is thrown.
   */
  readonly onAcceptError?: (error: LinkError) => void;
}

export interface Listener {
  /** 0 on a unix socket. */
  readonly port: number;
  readonly address: string;
  /** Links accepted and not yet closed. */
  readonly linkCount: number;
  /** Presents another certificate from the next handshake on; throws a `LinkError` where the links speak no TLS. */
  setSecureContext(tls: ListenerTls): void;
  /**
   * Stops accepting and resolves when the last link is gone. Links are left to their owners unless `closeAll` is
   * set, which destroys them.
   */
  close(options?: { readonly closeAll?: boolean }): Promise<void>;
}

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_BACKLOG = 511;
const HANDSHAKE_TIMEOUT_MS = 10_000;
const ACCEPTED_TIMINGS = { connectMs: 0, tlsMs: 0 };

/** Answers with the handler for a new link; `remoteAddress` is empty on a unix socket. */
export type AcceptLink = (link: Link, remoteAddress: string) => LinkHandler;

/**
 * Listens, and hands each new link to `accept`, which answers with the handler for it; `onOpen` follows at once.
 * Rejects with a `LinkError` (`ADDRESS_IN_USE`, `DENIED`, `NO_LOCAL_PORTS`) when the address cannot be had.
 */
export async function listen(options: LinkListenOptions, accept: AcceptLink): Promise<Listener> {
  const links = new LinkSet();
  const server = createSocketServer(options, (socket) => serveSocket(socket, links, accept));
  if (options.tls !== undefined) {
    // Seen before the handshake, so that closeAll reaches connections that are not links yet.
    server.on('connection', (socket: Socket) => links.addSocket(socket));
  }
  await bind(server, options);
  const where = describePlace(options);
  server.on('error', (cause) => {
    const error = classifySocketError(cause, 'accept', where);
    if (options.onAcceptError === undefined) throw error;
    options.onAcceptError(error);
  });

  let stopped: Promise<void> | undefined;
  const address = server.address() as AddressInfo | string;
  return {
    port: typeof address === 'string' ? 0 : address.port,
    address: typeof address === 'string' ? address : address.address,
    get linkCount() {
      return links.size;
    },
    setSecureContext(tls) {
      if ('setSecureContext' in server) {
        const { ca, minVersion } = { ...options.tls, ...tls };
        server.setSecureContext({ cert: tls.cert, key: tls.key, ca, minVersion });
      } else {
        throw new LinkError('FAILED', 'tls', where, {
          reason: 'it was started without a certificate',
          remedy: 'Give tls to listen.',
        });
      }
    },
    async close({ closeAll = false } = {}) {
      stopped ??= new Promise<void>((resolve) => void server.close(() => resolve()));
      if (closeAll) links.destroyAll();
      await stopped;
      await links.whenEmpty();
    },
  };
}

/** The links of one listener, and over TLS the sockets below them, which exist from before the handshake. */
class LinkSet {
  readonly #links = new Set<SocketLink>();
  readonly #sockets = new Set<Socket>();
  #isDestroyed = false;
  #onEmpty: (() => void)[] = [];

  get size(): number {
    return this.#links.size;
  }

  addSocket(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    if (this.#isDestroyed) socket.destroy();
  }

  add(link: SocketLink): void {
    this.#links.add(link);
    if (this.#isDestroyed) link.destroy();
  }

  /** Bound once, for all links share it. */
  readonly delete = (link: SocketLink): void => {
    this.#links.delete(link);
    if (this.#links.size > 0) return;
    for (const resolve of this.#onEmpty.splice(0)) resolve();
  };

  destroyAll(): void {
    this.#isDestroyed = true;
    for (const link of this.#links) link.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }

  whenEmpty(): Promise<void> {
    if (this.#links.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onEmpty.push(resolve));
  }
}

function createSocketServer(
  options: LinkListenOptions,
  serve: (socket: Socket) => void,
): Server | TlsServer {
  if (options.tls === undefined) return createServer({ allowHalfOpen: true, noDelay: true }, serve);
  const settings = {
    ...options.tls,
    rejectUnauthorized: options.tls.requestCert === true,
    allowHalfOpen: true,
    noDelay: true,
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  };
  const server = createTlsServer(settings, serve);
  server.on('tlsClientError', (cause, socket) => {
    const where = socket.remoteAddress ?? describePlace(options);
    options.onAcceptError?.(classifySocketError(cause, 'tls', where));
  });
  return server;
}

function serveSocket(socket: Socket, links: LinkSet, accept: AcceptLink): void {
  const { remoteAddress = '', remotePort = '' } = socket;
  const place = remoteAddress === '' ? 'unix socket' : remoteAddress;
  const link = new SocketLink(`${place}:${remotePort}`, links.delete);
  link.follow(socket);
  links.add(link);
  if (!adoptReadBuffer(socket, (end, buffer) => link.receive(buffer, end))) {
    socket.on('data', (chunk: Buffer) => link.receive(chunk, chunk.length));
  }
  link.attach(accept(link, remoteAddress));
  link.opened(ACCEPTED_TIMINGS);
}

function bind(server: Server, options: LinkListenOptions): Promise<void> {
  const place: ListenOptions =
    options.socketPath === undefined
      ? { host: options.host ?? DEFAULT_HOST, port: options.port }
      : { path: options.socketPath };
  return new Promise<void>((resolve, reject) => {
    const onError = (cause: Error): void =>
      reject(classifySocketError(cause, 'listen', describePlace(options)));
    server.once('error', onError);
    server.listen({ ...place, backlog: options.backlog ?? DEFAULT_BACKLOG }, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

function describePlace(options: LinkListenOptions): string {
  return options.socketPath ?? `${options.host ?? DEFAULT_HOST}:${options.port}`;
}
