import {
  Client,
  type ClientOptions,
  type EventsOptions,
  type EventStream,
} from '@needletail/client';
import type { WebSocketOptions } from '@needletail/client/websocket';
import type { MessageTrace } from '../trace/message-trace.ts';
import { countEvents } from './counted-events.ts';
import { measureWebSocket, type MeasuredWebSocket } from './measured-websocket.ts';
import { never, type RequestOwner } from './measuring-transport.ts';
import type { RequestLog } from './request-record.ts';

/** Where a client writes down what is no request of a transport. */
export interface UserPort {
  readonly log: RequestLog;
  readonly owner: RequestOwner;
  /** Told of what comes and goes on connections that stay open; null unless the run is traced. */
  readonly trace: ((name: string, url: string) => MessageTrace) | null;
}

export interface UserWebSocketOptions extends WebSocketOptions {
  /** What the handshake is counted under, in place of `WS /path`; messages that are asked with it behind it. */
  readonly name?: string;
}

/** The client of one virtual user. Every request it sends is measured. */
export class UserClient extends Client {
  readonly #port: UserPort | null;
  /** Of the iteration under way. */
  #streams: Set<EventStream> | null = null;

  /** Made by the run, and by `extend`. Without a port nothing but the transport measures. */
  constructor(
    options: ClientOptions = {},
    parent: Client | null = null,
    port: UserPort | null = null,
  ) {
    super(options, parent);
    this.#port = port;
  }

  override extend(options: ClientOptions): UserClient {
    return new UserClient(options, this, this.#port);
  }

  /**
   * As of any client, and measured: the stream is a request, ok when it was closed on this side or ended well, and each
   * event adds to the counter `events received`. Silence has no limit unless set. It is closed with its iteration.
   */
  override events(url: string | URL, options: EventsOptions = {}): EventStream {
    const stream = super.events(url, { timeout: { read: null, exchange: null }, ...options });
    const port = this.#port;
    if (port === null) return stream;
    this.#streams ??= new Set();
    this.#streams.add(stream);
    return countEvents(stream, port, this.#traceOf(options, url));
  }

  /**
   * As of any client, and measured: the handshake is a request `WS /path`, plain messages add to the counters
   * `websocket messages sent` and `websocket messages received`, and `ask` waits for an answer and counts like a request.
   */
  override async websocket(
    url: string | URL,
    options: UserWebSocketOptions = {},
  ): Promise<MeasuredWebSocket> {
    const { name, ...rest } = options;
    const port = this.#port;
    if (port === null) return measureWebSocket(await super.websocket(url, rest), null, 'WS', null);
    if (port.owner.isClosed) return never();
    const { log, owner } = port;
    const { url: target } = this.build('GET', String(url).replace(/^ws(?=s?:\/\/)/i, 'http'));
    const place = name ?? log.endpoints.nameOf('WS', target);
    const now = log.clock.now();
    const trace = port.trace?.(place, String(url)) ?? null;
    const record = log.begin(log.endpoints.placeOfName(place), owner.dueAt(now), now);
    try {
      const connection = await super.websocket(url, {
        handshakeTimeoutMs: log.timeoutMs,
        ...rest,
      });
      owner.answered(true);
      record.complete(SWITCHING_PROTOCOLS);
      trace?.opened(connection.headers);
      return measureWebSocket(connection, port, place, trace);
    } catch (error) {
      trace?.refused(error);
      const kind = record.fail(error);
      owner.failed(true, kind === 'connect');
      throw error;
    }
  }

  #traceOf({ method = 'GET', name }: EventsOptions, url: string | URL): MessageTrace | null {
    const { trace, log } = this.#port!;
    if (trace === null) return null;
    const { url: target } = this.build(method, url);
    return trace(name ?? log.endpoints.nameOf(method, target), target.href);
  }

  /** Closes the event streams that the iteration has left open. */
  endIteration(): void {
    if (this.#streams === null) return;
    for (const stream of this.#streams) stream.close();
    this.#streams = null;
  }
}

const SWITCHING_PROTOCOLS = 101;
