import { systemClock, type Clock } from '@needletail/wire';
import { pause } from '../send/pause.ts';
import {
  AbortedError,
  ConnectError,
  EventStreamError,
  ReadError,
  TimeoutError,
  WriteError,
} from '../errors.ts';
import type { RequestOptions } from '../model/client-options.ts';
import { checkedCount, checkedNumber } from '../model/invalid-option.ts';
import { retryAfterMs } from '../send/retry-after.ts';
import type { ServerEvent } from './server-event.ts';
import type { EventDecoder } from './sse.ts';
import { withFields, type StreamClient, type StreamedResponse } from './stream-client.ts';

/** When a stream that ended, or could not be had, is asked for again. */
export interface ReconnectOptions {
  /** Tries in a row without an event between them; 10 unless set, Infinity for no limit. */
  readonly maxAttempts?: number;
  /** The first pause where the server has set none, doubled with each failure in a row; 1 000 unless set. */
  readonly minMs?: number;
  /** No pause is longer; 30 000 unless set. */
  readonly maxMs?: number;
}

/** Every other option of a request; `timeout.read`, the longest silence, is off unless set. */
export interface EventsOptions extends RequestOptions {
  /** GET unless set. */
  readonly method?: string;
  /** Where to go on: sent as Last-Event-ID. */
  readonly lastEventId?: string;
  /** True unless set. */
  readonly reconnect?: boolean | ReconnectOptions;
  /** 1 MiB unless set. */
  readonly maxEventBytes?: number;
  /** Called before each pause: which failure in a row it is, and what went wrong, if it was not just the end. */
  readonly onReconnect?: (event: {
    readonly attempt: number;
    readonly delayMs: number;
    readonly error: Error | null;
  }) => void;
  /** For tests. */
  readonly clock?: Clock;
}

const DEFAULT_MAX_EVENT_BYTES = 1_048_576;
/** Answers of a server that may do better next time. */
const WORTH_ANOTHER: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Server-sent events (WHATWG HTML §9.2) as they come. A stream that ends or breaks is asked for again, from the last event
 * on; the server ends it for good with 204. Leaving the loop closes it. Nothing is sent before the first event is asked for.
 *
 * Throws EventStreamError for an answer that is no event stream and an event that is too large, AbortedError, and the last
 * failure when `reconnect` has been used up.
 */
export function events(
  client: StreamClient,
  url: string | URL,
  options: EventsOptions = {},
): EventStream {
  return new EventStream(client, String(url), options);
}

/** The events of one URL over as many connections as it takes; to be read once. */
export class EventStream implements AsyncIterable<ServerEvent> {
  readonly #client: StreamClient;
  readonly #method: string;
  readonly #url: string;
  readonly #request: RequestOptions;
  readonly #onReconnect: EventsOptions['onReconnect'];
  readonly #reconnect: Required<ReconnectOptions> | null;
  readonly #maxEventBytes: number;
  readonly #startId: string;
  /** From the first event that is asked for on: with the parser behind it, which most programs need not load. */
  #decoder: EventDecoder | null = null;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;

  /** Use `events`. */
  constructor(client: StreamClient, url: string, options: EventsOptions) {
    const {
      method = 'GET',
      lastEventId = '',
      reconnect = true,
      maxEventBytes = DEFAULT_MAX_EVENT_BYTES,
      onReconnect,
      clock = systemClock,
      ...request
    } = options;
    const closing = this.#closing.signal;
    this.#client = client;
    this.#method = method;
    this.#url = url;
    this.#request = request;
    this.#onReconnect = onReconnect;
    this.#reconnect = resolveReconnect(reconnect);
    this.#maxEventBytes = checkedCount('maxEventBytes', maxEventBytes, 1);
    this.#startId = lastEventId;
    this.#clock = clock;
    this.#signal =
      request.signal === undefined ? closing : AbortSignal.any([request.signal, closing]);
  }

  /** Where another stream would go on. */
  get lastEventId(): string {
    return this.#decoder?.lastEventId ?? this.#startId;
  }

  /** Ends the iteration. */
  close(): void {
    this.#closing.abort(new Error('the event stream was closed'));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ServerEvent, void, undefined> {
    const decoder = (this.#decoder ??= await this.#createDecoder());
    for (let failures = 1; ; failures += 1) {
      let failure: Error | null = null;
      try {
        const response = await this.#connect(decoder);
        if (response === null) return;
        decoder.reset();
        for await (const event of decodeAll(response, decoder)) {
          failures = 1;
          yield event;
        }
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        if (this.#signal.aborted) throw AbortedError.of(this.#signal, this.#method, this.#url);
        if (this.#reconnect === null || !isWorthAnother(error)) throw error;
        failure = error as Error;
      }
      if (this.#reconnect === null || this.#closing.signal.aborted) return;
      if (failures > this.#reconnect.maxAttempts) throw failure ?? this.#endedTooOften(failures);
      await this.#pauseBefore(failures, failure, decoder.retryMs ?? this.#reconnect.minMs);
      if (this.#closing.signal.aborted) return;
    }
  }

  async #createDecoder(): Promise<EventDecoder> {
    const { EventDecoder } = await import('./sse.ts');
    return new EventDecoder(this.#maxEventBytes, this.#startId);
  }

  async #connect({ lastEventIdField: id }: EventDecoder): Promise<StreamedResponse | null> {
    const response = await this.#client.stream(this.#method, this.#url, {
      ...this.#request,
      headers: withFields(this.#request.headers, {
        accept: 'text/event-stream',
        'cache-control': 'no-store',
        ...(id === null ? {} : { 'last-event-id': id }),
      }),
      timeout: this.#request.timeout ?? { read: null },
      signal: this.#signal,
    });
    if (response.status === 204) {
      response.close();
      return null;
    }
    const refusal = this.#refusalOf(response);
    if (refusal === null) return response;
    response.close();
    throw refusal;
  }

  #refusalOf({ status, headers, url }: StreamedResponse): RefusedStream | null {
    const type = (headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase();
    if (status === 200 && type === 'text/event-stream') return null;
    const isStatus = status !== 200;
    const retryAfter = headers.get('retry-after');
    return new RefusedStream(
      {
        code: isStatus ? 'EVENT_STREAM_STATUS' : 'NOT_EVENT_STREAM',
        phase: 'head',
        problem: 'No event stream',
        reason: isStatus ? `the answer is ${status}` : `its type is ${JSON.stringify(type)}`,
        remedy: isStatus
          ? 'Check the URL and the credentials'
          : 'Check the URL; an event stream has the type text/event-stream',
        method: this.#method,
        url,
      },
      status,
      retryAfter === null ? null : retryAfterMs(retryAfter, Date.now()),
    );
  }

  async #pauseBefore(attempt: number, error: Error | null, firstMs: number): Promise<void> {
    const askedMs = error instanceof RefusedStream ? (error.retryAfterMs ?? 0) : 0;
    const plainMs = firstMs * 2 ** (attempt - 1);
    // Never sooner than the server asked, and not together with everybody else that it has just dropped.
    const drawnMs = Math.max(plainMs, askedMs) * (1 + Math.random() / 2);
    const delayMs = Math.min(this.#reconnect?.maxMs ?? Infinity, drawnMs);
    this.#onReconnect?.({ attempt, delayMs, error });
    try {
      await pause(this.#clock, delayMs, this.#signal);
    } catch (aborted) {
      if (!this.#closing.signal.aborted) throw aborted;
    }
  }

  #endedTooOften(times: number): EventStreamError {
    return new EventStreamError({
      code: 'EVENT_STREAM_ENDED',
      phase: 'body',
      problem: 'Event stream given up',
      reason: `it ended ${times} times in a row without an event`,
      remedy: 'Check the server, or raise reconnect.maxAttempts',
      method: this.#method,
      url: this.#url,
    });
  }
}

async function* decodeAll(
  response: StreamedResponse,
  decoder: EventDecoder,
): AsyncGenerator<ServerEvent, void, undefined> {
  for await (const bytes of response) yield* decoder.decode(bytes);
}

/** An answer that is not the stream; kept apart from other errors for its status and its Retry-After. */
class RefusedStream extends EventStreamError {
  readonly status: number;
  readonly retryAfterMs: number | null;

  constructor(
    details: ConstructorParameters<typeof EventStreamError>[0],
    status: number,
    retryAfter: number | null,
  ) {
    super(details);
    this.status = status;
    this.retryAfterMs = retryAfter;
  }
}

/** The network's doing, or a server that is busy; not a certificate, a wrong URL or a broken rule. */
function isWorthAnother(error: unknown): boolean {
  if (error instanceof RefusedStream) return WORTH_ANOTHER.has(error.status);
  return (
    error instanceof ReadError ||
    error instanceof WriteError ||
    error instanceof ConnectError ||
    error instanceof TimeoutError
  );
}

function resolveReconnect(
  reconnect: boolean | ReconnectOptions,
): Required<ReconnectOptions> | null {
  if (reconnect === false) return null;
  const { maxAttempts = 10, minMs = 1000, maxMs = 30_000 } = reconnect === true ? {} : reconnect;
  return {
    maxAttempts: checkedNumber('reconnect.maxAttempts', maxAttempts, 0),
    minMs: checkedNumber('reconnect.minMs', minMs, 0),
    maxMs: checkedNumber('reconnect.maxMs', maxMs, 0),
  };
}
