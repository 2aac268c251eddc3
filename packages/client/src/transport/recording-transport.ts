import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readBody } from '../body/read-body.ts';
import { MockError } from '../errors.ts';
import { requestWith, type ClientRequest } from '../model/client-request.ts';
import type { HeaderList } from '../model/header-list.ts';
import { bytesBody } from '../body/whole-body.ts';
import { Cassette, keyOf, type RecordedExchange } from './cassette.ts';
import { transportClosed } from './closed-transport.ts';
import { toTransportResponse } from './made-response.ts';
import { checkedWhole } from './pulled-body.ts';
import { Redaction, type RedactOptions } from './redaction.ts';
import { responseWithBody } from './response-with-body.ts';
import { checkFields, sentBody } from './sent-body.ts';
import type { Transport, TransportResponse } from './transport.ts';

export interface RecordingOptions {
  /** NDJSON, readable and fit for version control. */
  readonly file: string;
  /**
   * 'record' asks and begins the file anew; 'replay' never asks; 'auto' asks for what is not recorded yet, and adds it.
   * 'auto' unless set.
   */
  readonly mode?: 'record' | 'replay' | 'auto';
  /** More to take out; false writes everything as it is. */
  readonly redact?: RedactOptions | false;
  /** Whether two requests with different bodies are different; true unless set. False for multipart, whose boundary varies. */
  readonly matchBody?: boolean;
}

/**
 * Writes the exchanges of `inner` to a file and answers from it later. Requests are told apart by method, URL and a hash of
 * the body; the same request again gets the answers in the order in which they were recorded, then the last for ever. A
 * body is read whole before it is handed on, so a stream without an end cannot be recorded.
 */
export function recording(inner: Transport, options: RecordingOptions): RecordingTransport {
  return new RecordingTransport(inner, options);
}

/** A transport that remembers; see `recording`. */
export class RecordingTransport implements Transport {
  readonly #inner: Transport;
  readonly #options: RecordingOptions;
  readonly #redaction: Redaction | null;
  #cassette: Promise<Cassette> | null = null;
  #isClosed = false;

  /** Use `recording`. */
  constructor(inner: Transport, options: RecordingOptions) {
    this.#inner = inner;
    this.#options = options;
    this.#redaction = options.redact === false ? null : new Redaction(options.redact);
  }

  async send(request: ClientRequest): Promise<TransportResponse> {
    if (this.#isClosed) throw transportClosed(request);
    const { mode = 'auto' } = this.#options;
    this.#cassette ??= this.#open(mode);
    const cassette = await this.#cassette;
    checkFields(request);
    const body = await sentBody(request);
    const asked = this.#describe(request, body);
    const recorded = mode === 'record' ? undefined : cassette.play(keyOf(asked));
    if (recorded !== undefined) return replayed(recorded, request);
    if (mode === 'replay') throw notRecorded(request, this.#options.file);
    const again =
      request.body === null
        ? {}
        : { body: bytesBody(body, request.body.contentType), onUploadProgress: null };
    const response = await this.#inner.send(requestWith(request, again));
    const received = await readBody(response.body, request.maxBodyBytes, request);
    await cassette.record({ request: asked, response: this.#describeResponse(response, received) });
    return responseWithBody(response, received);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#inner.close();
  }

  #open(mode: 'record' | 'replay' | 'auto'): Promise<Cassette> {
    const { file } = this.#options;
    return mode === 'record' ? Cassette.create(file) : Cassette.load(file, mode === 'auto');
  }

  #describe({ method, url, headers }: ClientRequest, body: Buffer): RecordedExchange['request'] {
    const isHashed = body.length > 0 && this.#options.matchBody !== false;
    const fields = linesOf(headers);
    return {
      method,
      url: this.#redaction?.url(url.href) ?? url.href,
      headers: this.#redaction?.fields(fields) ?? fields,
      bodyHash: isHashed ? createHash('sha256').update(body).digest('hex') : null,
    };
  }

  #describeResponse(
    { status, reason, headers, trailers }: TransportResponse,
    body: Buffer,
  ): RecordedExchange['response'] {
    const isText = !headers.has('content-encoding') && isUtf8(body);
    const type = headers.get('content-type') ?? '';
    const text = isText ? body.toString() : '';
    const plain = this.#redaction?.body(text, type) ?? text;
    const fields = [...headers].filter(
      // Another length than it had: what is played back is told its own.
      ([name]) => plain === text || name.toLowerCase() !== 'content-length',
    );
    return {
      status,
      reason,
      headers: this.#redaction?.fields(fields) ?? fields,
      ...(isText ? { text: plain } : { base64: body.toString('base64') }),
      ...(trailers === null
        ? {}
        : { trailers: this.#redaction?.fields(trailers) ?? [...trailers] }),
    };
  }
}

function replayed({ response }: RecordedExchange, request: ClientRequest): TransportResponse {
  const { status, reason, headers, text, base64, trailers } = response;
  const body = base64 === undefined ? Buffer.from(text ?? '') : Buffer.from(base64, 'base64');
  const made = { status, reason, headers, body: checkedWhole(body, request), trailers };
  return toTransportResponse(made, request);
}

function notRecorded({ method, url }: ClientRequest, file: string): MockError {
  return new MockError({
    code: 'NO_RECORDING',
    phase: 'file',
    problem: 'Request not recorded',
    reason: `${file} has no answer for it`,
    remedy: "Record it with mode 'auto' or 'record'; method, URL and body must be the same",
    method,
    url: url.href,
  });
}

function linesOf(headers: HeaderList): [name: string, value: string][] {
  return [...headers].map(([name, value]) => [name, String(value)]);
}
