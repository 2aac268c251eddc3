import { collect, type Collected, type CollectOptions } from './batch/collect.ts';
import { gather, type GatherOptions } from './batch/gather.ts';
import { gatherPages, type GatherPagesOptions } from './batch/gather-pages.ts';
import type { BatchInput } from './batch/batch-client.ts';
import {
  paginate,
  type PaginateOptions,
  type Paginator,
  type RecordOptions,
} from './batch/paginate.ts';
import { ClosedError } from './errors.ts';
import { buildRequest } from './model/build-request.ts';
import type { ClientOptions, RequestOptions } from './model/client-options.ts';
import type { ClientRequest } from './model/client-request.ts';
import { ClientResponse } from './model/client-response.ts';
import { createSettings, extendSettings, type ClientSettings } from './model/client-settings.ts';
import { invalidOption } from './model/invalid-option.ts';
import { StreamingResponse } from './model/streaming-response.ts';
import type { CookieStore } from './send/cookie-store.ts';
import type { Finish } from './send/direct-call.ts';
import { Layers } from './send/layers.ts';
import { createRaw, type Raw } from './send/raw.ts';
import { upgradeHeaders } from './send/upgrade-headers.ts';
import { download, type DownloadOptions, type DownloadResult } from './stream/download.ts';
import { events, type EventsOptions, type EventStream } from './stream/event-stream.ts';
import { ClientConnection } from './transport/client-connection.ts';
import { NO_CONNECTIONS } from './transport/no-connections.ts';
import type { PoolStatus } from './transport/transport.ts';
import type { WebSocketConnection } from './websocket/websocket-connection.ts';
import type { WebSocketOptions } from './websocket/websocket-options.ts';

/**
 * Sends requests over connections that it keeps, with settings that they share.
 *
 *   await using client = new Client({ baseUrl: 'https://api.example.com/v1' });
 *   const user = (await client.get('users/7')).raiseForStatus().json();
 *
 * Every call goes the same way (see `send/layers.ts`) and rejects with errors of this package. Idle connections do not
 * keep a process alive; `close` drops them.
 */
export class Client {
  readonly #settings: ClientSettings;
  readonly #connection: ClientConnection;
  readonly #layers: Layers;
  #raw: Raw | null = null;
  #isClosed = false;

  /** Throws InvalidRequestError for options there are none of, and values that make no sense. For `parent` see `extend`. */
  constructor(options: ClientOptions = {}, parent: Client | null = null) {
    if (parent === null) {
      this.#settings = createSettings(options);
      this.#connection = ClientConnection.of(options);
    } else {
      this.#settings = extendSettings(parent.#settings, options);
      this.#connection = parent.#connection.extend(options);
    }
    this.#layers = new Layers(this.#settings, this.#connection.transport);
  }

  /**
   * A client with these options over those of this one: headers replace those of the same name, params and cookies are
   * added, the rest takes the other's place. It uses the connections of this client, unless it is given another way to the
   * network (`limits`, `tls`, `proxy`, `trustEnv`, `http2`, `socketPath`, `transport`), and its cookies and rate limit,
   * unless given its own. Closing it leaves this client open.
   */
  extend(options: ClientOptions): Client {
    if (this.#isClosed) throw closed();
    return new Client(options, this);
  }

  get(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request('GET', url, options);
  }

  head(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request('HEAD', url, options);
  }

  options(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request('OPTIONS', url, options);
  }

  delete(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request('DELETE', url, options);
  }

  post(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request('POST', url, options);
  }

  put(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request('PUT', url, options);
  }

  patch(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request('PATCH', url, options);
  }

  /** Sends a request and resolves when the body has been read, whatever the status; rejects with a ClientError. */
  request(method: string, url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    try {
      if (this.#isClosed) throw closed();
      const request = buildRequest(this.#settings, method, url, options, false);
      return this.#layers.sendFor(request, toResponse);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** Like `request`, but resolves at the head: the body is read as it comes. */
  stream(method: string, url: string | URL, options?: RequestOptions): Promise<StreamingResponse> {
    try {
      if (this.#isClosed) throw closed();
      const request = buildRequest(this.#settings, method, url, options, true);
      return this.#layers.sendFor(request, toStreaming);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** The request that `request` would send, to look at, to change the headers of, and to `send`. */
  build(method: string, url: string | URL, options?: RequestOptions): ClientRequest {
    return buildRequest(this.#settings, method, url, options, false);
  }

  /** Sends what `build` made; more than once if its body allows. */
  send(request: ClientRequest): Promise<ClientResponse> {
    try {
      if (this.#isClosed) throw closed();
      return this.#layers.sendFor(this.#restarted(request, false), toResponse);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** `send`, but resolves at the head, as `stream` does. */
  sendStreaming(request: ClientRequest): Promise<StreamingResponse> {
    try {
      if (this.#isClosed) throw closed();
      return this.#layers.sendFor(this.#restarted(request, true), toStreaming);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** Requests without anything around them, where each microsecond counts. */
  get raw(): Raw {
    this.#raw ??= createRaw(this.#connection.transport, this.#settings);
    return this.#raw;
  }

  /** What answers have set, and what is sent with requests to come; throws where the option `cookieJar` is false. */
  get cookies(): CookieStore {
    const { cookieStore } = this.#settings;
    if (cookieStore !== null) return cookieStore;
    throw invalidOption('cookieJar', false, 'leaves no cookies to look at', 'Leave the option out');
  }

  /** The connections as they are now; all zero where the transport has no pool. */
  get pool(): PoolStatus {
    return this.#connection.transport.pool ?? NO_CONNECTIONS;
  }

  /** Sends requests side by side and resolves with the responses in their order. */
  gather(
    requests: Iterable<BatchInput>,
    options: GatherOptions & { readonly onError: 'return' },
  ): Promise<(ClientResponse | Error)[]>;
  gather(
    requests: Iterable<BatchInput>,
    options?: GatherOptions & { readonly onError?: 'throw' },
  ): Promise<ClientResponse[]>;
  gather(
    requests: Iterable<BatchInput>,
    options?: GatherOptions,
  ): Promise<(ClientResponse | Error)[]> {
    return gather(this, requests, options);
  }

  /** Requests any number of items and yields each with its value or its error. */
  collect<Item, Value = ClientResponse>(
    items: Iterable<Item> | AsyncIterable<Item>,
    options?: CollectOptions<Item, ClientResponse, Value>,
  ): AsyncGenerator<Collected<Item, Value>, void, undefined> {
    return collect(this, items, options);
  }

  /** Follows pages, or the records in them, as they are asked for. */
  paginate<Item>(
    method: string,
    url: string | URL,
    options: RecordOptions<ClientResponse, Item>,
  ): Paginator<ClientResponse, Item>;
  paginate(
    method: string,
    url: string | URL,
    options: PaginateOptions<ClientResponse>,
  ): Paginator<ClientResponse, ClientResponse>;
  paginate<Item>(
    method: string,
    url: string | URL,
    options: PaginateOptions<ClientResponse> & Partial<RecordOptions<ClientResponse, Item>>,
  ): Paginator<ClientResponse, ClientResponse | Item> {
    return paginate(this, method, url, options);
  }

  /** Fetches numbered pages side by side. */
  gatherPages(url: string | URL, options: GatherPagesOptions): Promise<ClientResponse[]> {
    return gatherPages(this, url, options);
  }

  /** Gets a file without holding it in memory. */
  download(url: string | URL, path: string, options?: DownloadOptions): Promise<DownloadResult> {
    return download(this, url, path, options);
  }

  /** Server-sent events, over as many connections as it takes. */
  events(url: string | URL, options?: EventsOptions): EventStream {
    return events(this, url, options);
  }

  /**
   * Opens a WebSocket with the headers, cookies and authentication that a GET would have, over the same proxies and TLS
   * settings; ways to authenticate that need a challenge cannot work.
   */
  async websocket(url: string | URL, options: WebSocketOptions = {}): Promise<WebSocketConnection> {
    if (this.#isClosed) throw closed();
    const { connectWebSocket } = await import('./websocket/connect.ts');
    const { url: target, headers } = await upgradeHeaders(this.#settings, url, options, (request) =>
      this.#layers.send(request),
    );
    const { connector } = this.#connection;
    return connectWebSocket(target, {
      ...(connector === null ? {} : { connector }),
      ...options,
      headers,
    });
  }

  /** Drops the connections that this client opened, with the requests on them; later calls reject with ClosedError. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A copy, so that neither layers nor hooks change what may be sent again. */
  #restarted(request: ClientRequest, isStreaming: boolean): ClientRequest {
    return {
      ...request,
      headers: request.ownsHeaders ? request.headers.copy() : request.headers,
      isStreaming,
      maxBodyBytes: isStreaming && !request.isStreaming ? Infinity : request.maxBodyBytes,
      startedAtMs: this.#settings.clock.now(),
    };
  }
}

const toResponse: Finish<ClientResponse> = (exchange, clock) =>
  new ClientResponse(exchange, clock.now() - exchange.request.startedAtMs);

const toStreaming: Finish<StreamingResponse> = (exchange, clock) =>
  new StreamingResponse(exchange, clock);

function closed(): ClosedError {
  return new ClosedError({
    code: 'CLIENT_CLOSED',
    phase: 'build',
    problem: 'Request not sent',
    reason: 'the client has been closed',
    remedy: 'Make a new one, or close it later',
  });
}
