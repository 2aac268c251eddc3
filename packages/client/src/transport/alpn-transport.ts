import type { OpenedSocket } from '@needletail/wire';
import { ClientError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import type { RequestUrl } from '../model/request-url.ts';
import { HTTP2_NOT_NEGOTIATED, HTTP_1_1_REQUIRED } from './http2-failure.ts';
import { NO_CONNECTIONS } from './no-connections.ts';
import type { OriginStatus, PoolStatus, Transport, TransportResponse } from './transport.ts';

export interface AlpnTransportOptions {
  readonly http1: Transport;
  /**
   * Makes the HTTP/2 transport when an https URL is first requested; it gives a socket to `onOtherProtocol` when the server
   * chose HTTP/1.1.
   */
  readonly http2: (
    onOtherProtocol: (url: RequestUrl, opened: OpenedSocket) => void,
  ) => Promise<Transport>;
  /** Leaves a socket to the next connection that `http1` opens for the URL. */
  readonly spare: (url: RequestUrl, opened: OpenedSocket) => void;
  /** Whether a request that a server refused over HTTP/2 goes out again over HTTP/1.1. */
  readonly mayResend: boolean;
}

/** Origins known to have chosen HTTP/1.1. */
const KEPT_ORIGINS = 4096;

/**
 * Speaks to each https origin what it chooses in the TLS handshake (ALPN, RFC 7301), and HTTP/1.1 to all others. The
 * connection that told is not wasted; the choice of HTTP/1.1 is remembered until the transport is closed.
 */
export class AlpnTransport implements Transport {
  readonly #options: AlpnTransportOptions;
  readonly #http1Origins = new Set<string>();
  #http2: Transport | null = null;
  #loading: Promise<Transport> | null = null;
  #isClosed = false;

  constructor(options: AlpnTransportOptions) {
    this.#options = options;
  }

  get pool(): PoolStatus {
    return sumOf(this.#options.http1.pool, this.#http2?.pool);
  }

  send(request: ClientRequest): Promise<TransportResponse> {
    const { url } = request;
    if (url.scheme === 'http' || this.#http1Origins.has(url.origin) || this.#isClosed) {
      return this.#options.http1.send(request);
    }
    return this.#sendOffering(request);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#options.http1.close(), (await this.#loading)?.close()]);
  }

  async #sendOffering(request: ClientRequest): Promise<TransportResponse> {
    const http2 = this.#http2 ?? (await this.#load());
    try {
      return await http2.send(request);
    } catch (error) {
      if (!this.#wantsHttp1(error, request)) throw error;
      return await this.#options.http1.send(request);
    }
  }

  /** Nothing was done for the request then: the second reason is given before it (RFC 9113 §7). */
  #wantsHttp1(error: unknown, { url, body }: ClientRequest): boolean {
    if (!(error instanceof ClientError)) return false;
    if (error.code === HTTP2_NOT_NEGOTIATED) return true;
    if (error.code !== HTTP_1_1_REQUIRED) return false;
    this.#remember(url);
    return this.#options.mayResend && body?.isReplayable !== false;
  }

  #load(): Promise<Transport> {
    this.#loading ??= this.#options
      .http2((url, opened) => this.#choseHttp1(url, opened))
      .then((loaded) => (this.#http2 = loaded));
    return this.#loading;
  }

  #choseHttp1(url: RequestUrl, opened: OpenedSocket): void {
    this.#remember(url);
    if (this.#isClosed) opened.socket.destroy();
    else this.#options.spare(url, opened);
  }

  #remember(url: RequestUrl): void {
    if (this.#http1Origins.size >= KEPT_ORIGINS) {
      this.#http1Origins.delete(this.#http1Origins.values().next().value!);
    }
    this.#http1Origins.add(url.origin);
  }
}

function sumOf(one: PoolStatus = NO_CONNECTIONS, other: PoolStatus = NO_CONNECTIONS): PoolStatus {
  return {
    open: one.open + other.open,
    connecting: one.connecting + other.connecting,
    active: one.active + other.active,
    idle: one.idle + other.idle,
    waiting: one.waiting + other.waiting,
    reused: one.reused + other.reused,
    opened: one.opened + other.opened,
    origins: sumOrigins(one.origins, other.origins),
  };
}

function sumOrigins(
  some: PoolStatus['origins'],
  others: PoolStatus['origins'],
): Record<string, OriginStatus> {
  const sum: Record<string, OriginStatus> = { ...some };
  for (const [key, added] of Object.entries(others)) {
    const known = sum[key];
    sum[key] =
      known === undefined
        ? added
        : {
            open: known.open + added.open,
            active: known.active + added.active,
            idle: known.idle + added.idle,
            waiting: known.waiting + added.waiting,
          };
  }
  return sum;
}
