import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type {
  ClientRequest,
  ExchangeWatch,
  Transport,
  TransportResponse,
} from '@needletail/client';
import {
  maskedHeaders,
  maskedUrl,
  tracedBody,
  type TracedBody,
  type TracedExchange,
} from './traced-exchange.ts';

/** A larger one is shown as it came: a trace is to be read, and a small body may unpack to a huge one. */
const MOST_DECODED_BYTES = 16 * 1024 * 1024;

/** Tells of each exchange that goes through it, when its response is there or it has failed. */
export class TracingTransport implements Transport {
  readonly #inner: Transport;
  readonly #tell: (exchange: TracedExchange, response: TransportResponse | null) => void;

  constructor(
    inner: Transport,
    tell: (exchange: TracedExchange, response: TransportResponse | null) => void,
  ) {
    this.#inner = inner;
    this.#tell = tell;
  }

  // Absent where the inner one has none, as the interface has it; it may come and go with connections.
  get pool(): NonNullable<Transport['pool']> {
    return this.#inner.pool!;
  }

  get connector(): NonNullable<Transport['connector']> {
    return this.#inner.connector!;
  }

  async send(request: ClientRequest): Promise<TransportResponse> {
    const startedAt = performance.now();
    const outer = request.watch;
    const watch = new TracedWatch(outer);
    request.watch = watch;
    let response: TransportResponse | null = null;
    let failure: string | null = null;
    try {
      response = await this.#inner.send(request);
      return response;
    } catch (error) {
      failure = error instanceof Error ? error.message : 'Something that is no Error was thrown.';
      throw error;
    } finally {
      // Whoever measures finds its own again, and hears of a streamed body itself.
      request.watch = outer;
      const timesMs = watch.since(startedAt);
      this.#tell(exchangeOf(request, response, failure, timesMs), response);
    }
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

class TracedWatch implements ExchangeWatch {
  readonly #outer: ExchangeWatch | null;
  #sentAt: number | null = null;
  #firstByteAt: number | null = null;

  constructor(outer: ExchangeWatch | null) {
    this.#outer = outer;
  }

  sent(nowMs: number): void {
    this.#sentAt = performance.now();
    this.#outer?.sent(nowMs);
  }

  firstByte(nowMs: number): void {
    this.#firstByteAt = performance.now();
    this.#outer?.firstByte(nowMs);
  }

  bytesSent(sizeBytes: number): void {
    this.#outer?.bytesSent(sizeBytes);
  }

  bytesReceived(sizeBytes: number, nowMs: number): void {
    this.#outer?.bytesReceived(sizeBytes, nowMs);
  }

  since(startedAt: number): TracedExchange['timesMs'] {
    const after = (at: number | null): number | null => (at === null ? null : at - startedAt);
    return {
      sent: after(this.#sentAt),
      firstByte: after(this.#firstByteAt),
      total: performance.now() - startedAt,
    };
  }
}

function exchangeOf(
  request: ClientRequest,
  response: TransportResponse | null,
  failure: string | null,
  timesMs: TracedExchange['timesMs'],
): TracedExchange {
  const { method, url } = request;
  return {
    name: request.name ?? `${method} ${url.target.split('?', 1)[0]!}`,
    method,
    url: maskedUrl(url.href),
    headers: maskedHeaders(request.headers),
    body: request.body === null ? null : sentBody(request.body.whole),
    response:
      response === null
        ? null
        : {
            status: response.status,
            reason: response.reason,
            httpVersion: response.httpVersion,
            headers: maskedHeaders(response.headers),
            body: receivedBody(response),
          },
    error: failure,
    timesMs,
  };
}

function sentBody(whole: string | Uint8Array | null): TracedBody {
  return tracedBody(typeof whole === 'string' ? Buffer.from(whole) : whole);
}

function receivedBody({ body, headers }: TransportResponse): TracedBody {
  if (!Buffer.isBuffer(body)) return tracedBody(null);
  return tracedBody(decoded(body, headers.get('content-encoding')));
}

/** The content of a body; what cannot be decoded is shown as it came. */
function decoded(body: Buffer, encoding: string | null): Buffer {
  const decode = DECODERS[encoding?.trim().toLowerCase() ?? ''];
  if (decode === undefined || body.length === 0) return body;
  try {
    return decode(body, { maxOutputLength: MOST_DECODED_BYTES });
  } catch {
    return body;
  }
}

const DECODERS: Readonly<Record<string, typeof gunzipSync | undefined>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: (body, options) =>
    brotliDecompressSync(body, { maxOutputLength: options?.maxOutputLength ?? MOST_DECODED_BYTES }),
};
