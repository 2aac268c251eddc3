import type { Clock } from '@needletail/wire';
import { chosenEncoding, TextStream } from '../body/charset.ts';
import { parseJsonText } from '../body/json-text.ts';
import { LineSplitter } from '../body/line-splitter.ts';
import { readBody } from '../body/read-body.ts';
import { bodyConsumed, bodyOf, type ResponseBody } from '../body/response-body.ts';
import { ClientError, DecodingError } from '../errors.ts';
import type { Exchange } from '../send/layer.ts';
import { responseWithBody } from '../transport/response-with-body.ts';
import { ClientResponse, historyOf } from './client-response.ts';
import { ResponseHead } from './response-head.ts';
import { statusError } from './status-error.ts';

const MOST_READ_BYTES = 64 * 1024 * 1024;
const MOST_LINE_CHARACTERS = 16 * 1024 * 1024;
/** Of the body that comes with a status that is refused. */
const ERROR_EXCERPT_BYTES = 65_536;

/** How text is cut into lines. */
export interface LineOptions {
  /** Characters of the longest line; 16 Mi unless set. */
  readonly maxLineCharacters?: number;
  /** A label of the Encoding Standard; by default as `ClientResponse.encoding` has it. */
  readonly encoding?: string;
}

/**
 * A response whose body is still arriving. It is read once, in one of the ways here; leaving a loop early gives the rest
 * up. Read it to its end or close it, for until then it holds a connection: `await using` does that.
 */
export class StreamingResponse extends ResponseHead implements AsyncIterable<Buffer> {
  /** Milliseconds from the call to the head. */
  readonly elapsedMs: number;
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  readonly #body: Buffer | ResponseBody;
  #history: readonly ClientResponse[] | null = null;
  #isTaken = false;
  #receivedBytes = 0;
  #stream: ReadableStream<Uint8Array> | null = null;

  /** `clock` is the one that `request.startedAtMs` was read from. */
  constructor(exchange: Exchange, clock: Clock) {
    super(exchange);
    this.#exchange = exchange;
    this.#clock = clock;
    this.#body = exchange.response.body;
    this.elapsedMs = clock.now() - exchange.request.startedAtMs;
  }

  /** The answers that led here, oldest first. */
  get history(): readonly ClientResponse[] {
    this.#history ??= historyOf(this.#exchange, this.elapsedMs);
    return this.#history;
  }

  /** Bytes of the body that were read so far, as they came: before decoding. */
  get receivedBytes(): number {
    if (Buffer.isBuffer(this.#body)) return this.#receivedBytes;
    return this.#body.receivedBytes ?? this.#receivedBytes;
  }

  /** The body, decoded, in pieces as they arrive. Throws BodyStateError when it was taken before. */
  [Symbol.asyncIterator](): AsyncGenerator<Buffer, undefined> {
    if (this.#isTaken) throw bodyConsumed();
    this.#isTaken = true;
    return this.#chunks();
  }

  /** The body as a web stream, which takes it; the same one each time. */
  get body(): ReadableStream<Uint8Array> {
    this.#stream ??= this.#webStream();
    return this.#stream;
  }

  /** The body as text in pieces. `encoding` is a label; by default as `ClientResponse.encoding` has it. */
  async *textStream(encoding?: string): AsyncGenerator<string, undefined> {
    const name = encoding === undefined ? null : chosenEncoding(encoding);
    const decoder = new TextStream(name, this.headers);
    for await (const chunk of this) {
      const text = decoder.push(chunk);
      if (text !== '') yield text;
    }
    const last = decoder.end();
    if (last !== '') yield last;
  }

  /** Lines without their ends, which are LF, CR or CRLF. Throws DecodingError at one that is too long. */
  async *lines(options: LineOptions = {}): AsyncGenerator<string, undefined> {
    const { maxLineCharacters = MOST_LINE_CHARACTERS, encoding } = options;
    const splitter = new LineSplitter(maxLineCharacters, () => this.#tooLong(maxLineCharacters));
    for await (const text of this.textStream(encoding)) yield* splitter.push(text);
    const last = splitter.end();
    if (last !== null) yield last;
  }

  /** The JSON value of each line that is not blank. Throws DecodingError with the number of the line. */
  async *ndjson<T = unknown>(options: LineOptions = {}): AsyncGenerator<T, undefined> {
    let number = 0;
    for await (const line of this.lines(options)) {
      number += 1;
      if (line.trim() !== '') yield parseJsonText(line, this.request, number) as T;
    }
  }

  /** All of it as a response that answers at once; rejects with DecodingError beyond `maxBytes`, 64 MiB unless given. */
  async read(maxBytes: number = MOST_READ_BYTES): Promise<ClientResponse> {
    if (this.#isTaken) throw bodyConsumed();
    this.#isTaken = true;
    return this.#readResponse(await readBody(this.#body, maxBytes, this.request));
  }

  /**
   * This response when its status is 2xx. Else rejects with StatusError, in whose `response` the body is: 64 KiB of it at
   * most, and what came of it where it broke off; see `cause` then.
   */
  async raiseForStatus(): Promise<this> {
    if (this.ok) return this;
    const chunks: Buffer[] = [];
    let length = 0;
    let cause: unknown;
    try {
      for await (const chunk of this) {
        chunks.push(chunk);
        length += chunk.length;
        if (length >= ERROR_EXCERPT_BYTES) break;
      }
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      cause = error;
    }
    const excerpt = Buffer.concat(chunks, length).subarray(0, ERROR_EXCERPT_BYTES);
    throw statusError(this.#readResponse(excerpt), cause);
  }

  /** Gives up what has not been read, and with it the connection where that is cheaper than reading on. */
  close(): Promise<void> {
    this.#isTaken = true;
    if (!Buffer.isBuffer(this.#body)) this.#body.cancel();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *#chunks(): AsyncGenerator<Buffer, undefined> {
    const body = Buffer.isBuffer(this.#body) ? bodyOf(this.#body) : this.#body;
    for await (const chunk of body) {
      this.#receivedBytes += chunk.length;
      yield chunk;
    }
  }

  #webStream(): ReadableStream<Uint8Array> {
    const chunks = this[Symbol.asyncIterator]();
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const step = await chunks.next();
          if (step.done === true) controller.close();
          else controller.enqueue(step.value);
        },
        cancel: () => this.close(),
      },
      { highWaterMark: 0 },
    );
  }

  #readResponse(body: Buffer): ClientResponse {
    const response = responseWithBody(this.#exchange.response, body);
    const elapsedMs = this.#clock.now() - this.request.startedAtMs;
    return new ClientResponse({ ...this.#exchange, response }, elapsedMs);
  }

  #tooLong(maxCharacters: number): DecodingError {
    return new DecodingError({
      code: 'LINE_TOO_LONG',
      phase: 'decode',
      problem: 'Response refused',
      reason: `a line of its body is longer than ${maxCharacters} characters`,
      remedy: 'Raise maxLineCharacters, or read the body in pieces',
      method: this.request.method,
      url: this.url,
    });
  }
}
