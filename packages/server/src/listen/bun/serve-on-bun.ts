import { BackendError, TakeOverError } from '../../errors.ts';
import type { Dispatch, Listening } from '../exchange.ts';
import { HostedExchange } from '../hosted/hosted-exchange.ts';
import { HostedServer } from '../hosted/hosted-server.ts';
import { takePlace, type Place } from '../place.ts';
import type { ServerOptions, TakeOver } from '../server-options.ts';
import { BunCarrier, type BunHost } from './bun-carrier.ts';
import { BunHeads } from './bun-heads.ts';
import {
  bunServe,
  type BunServeOptions,
  type BunServer,
  type BunWebSocketHandlers,
} from './bun-serve.ts';
import { BunSocketLink } from './bun-socket-link.ts';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_GRACE_MS = 10_000;
/** That of Bun: bodies that nobody reads are kept by it. */
const MOST_BODY_BYTES = 128 * 1024 * 1024;
const MOST_IDLE_SECONDS = 255;

/** Sizes, pings and time limits are those of the options of each route, kept where all backends have it. */
const WEBSOCKET: BunWebSocketHandlers = {
  open: (socket) => socket.data.opened(socket),
  message: (socket, message) => socket.data.received(message),
  drain: (socket) => socket.data.drained(),
  pong: (socket, payload) => socket.data.ponged(payload),
  // Bun calls it from inside `close`, and that may have been called for something that is being read.
  close: (socket, code, reason) => queueMicrotask(() => socket.data.closed(code, reason)),
  maxPayloadLength: 64 * 1024 * 1024,
  backpressureLimit: 1024 * 1024 * 1024,
  idleTimeout: 0,
  sendPings: false,
  perMessageDeflate: false,
};

/** See `listenOnBun`. */
export async function serveOnBun(dispatch: Dispatch, options: ServerOptions): Promise<Listening> {
  const serve = bunServe();
  if (serve === undefined) {
    throw new BackendError('NO_BACKEND', 'this is not Bun', 'bun', 'Leave it out: wire runs here');
  }
  refuseWhatIsMissing(options);
  const place = await takePlace(options);
  const hosted = new HostedServer(dispatch, options);
  const server = serve(settingsOf(options, place, hosted));
  await place.entered({ setSecureContext: () => undefined, report: () => undefined });
  hosted.startTicking();
  return {
    port: server.port ?? 0,
    host: options.socketPath ?? server.hostname ?? DEFAULT_HOST,
    async close({ graceMs = DEFAULT_GRACE_MS, idleMs = 0 } = {}) {
      hosted.isDraining = true;
      const cancel = hosted.after(idleMs + graceMs, () => void server.stop(true));
      await server.stop();
      cancel();
      hosted.stopTicking();
      place.left();
    },
  };
}

function settingsOf(
  { host = DEFAULT_HOST, port = 0, socketPath, onUpgrade }: ServerOptions,
  { tls }: Place,
  hosted: HostedServer,
): BunServeOptions {
  const { keepAliveMs } = hosted.timeouts;
  const shared: BunHost = {
    heads: new BunHeads(),
    isSecure: tls !== undefined,
    watch: (exchange) => hosted.watch(exchange),
    ended: (exchange) => hosted.ended(exchange),
  };
  return {
    ...(socketPath === undefined ? { hostname: host, port } : { unix: socketPath }),
    ...(tls === undefined ? {} : { tls: { ...tls, rejectUnauthorized: tls.requestCert === true } }),
    idleTimeout: Math.min(MOST_IDLE_SECONDS, Math.ceil(keepAliveMs / 1000)),
    maxRequestBodySize: Math.max(MOST_BODY_BYTES, hosted.limits.bodyBytes),
    fetch(request, server) {
      const carrier = new BunCarrier(request, server, shared);
      const exchange = new HostedExchange(carrier, hosted);
      carrier.carry(exchange);
      if (request.method === 'CONNECT') exchange.refuse(501, 'no tunnels here');
      else if (hasBadHost(request)) exchange.refuse(400, 'no valid Host');
      else if (onUpgrade === undefined || !isForWebSocket(request)) hosted.run(exchange);
      else offerUpgrade({ request, server, carrier, exchange }, hosted, onUpgrade);
      return carrier.outcome();
    },
    websocket: WEBSOCKET,
    error: () => new Response(null, { status: 400 }),
  };
}

/** Bun makes no URL of a Host that is none, and hands the request over all the same. */
function hasBadHost({ url, headers }: Request): boolean {
  return url.startsWith('/') && headers.has('host');
}

function isForWebSocket({ headers }: Request): boolean {
  return headers.get('upgrade')?.toLowerCase() === 'websocket';
}

function offerUpgrade(
  asked: {
    readonly request: Request;
    readonly server: BunServer;
    readonly carrier: BunCarrier;
    readonly exchange: HostedExchange;
  },
  hosted: HostedServer,
  onUpgrade: NonNullable<ServerOptions['onUpgrade']>,
): void {
  const { request, server, carrier, exchange } = asked;
  const takeOver: TakeOver = (accept) => {
    if (exchange.isAnswered) throw new TakeOverError(exchange.where);
    exchange.handOver();
    const link: BunSocketLink = new BunSocketLink(exchange.where, (headers) =>
      server.upgrade(request, { headers, data: link }),
    );
    link.attach(accept(link));
    carrier.switched();
  };
  hosted.offer(exchange, () => {
    if (!onUpgrade(exchange, exchange, takeOver)) hosted.run(exchange);
  });
}

/** Throws a BackendError rather than leave out what was asked for. */
function refuseWhatIsMissing({ tls, maxConnections, workers }: ServerOptions): void {
  let missing: string | undefined;
  if (tls?.minVersion !== undefined) missing = 'a choice of TLS versions';
  else if (tls !== undefined && 'reload' in tls) missing = 'certificates that change';
  else if (maxConnections !== undefined && maxConnections > 0) missing = 'a limit of connections';
  else if (workers !== undefined) missing = 'place that processes share';
  if (missing === undefined) return;
  const remedy = 'Use the wire backend, which runs on Bun';
  throw new BackendError('NOT_ON_BACKEND', `Bun.serve has no ${missing}`, 'bun', remedy);
}
