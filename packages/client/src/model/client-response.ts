// Made for each response: few fields, and everything else when it is asked for.
import { Buffer } from 'node:buffer';
import { chosenEncoding, decodeText, encodingOf } from '../body/charset.ts';
import { parseJsonBody } from '../body/json-text.ts';
import { BodyStateError } from '../errors.ts';
import type { Exchange } from '../send/layer.ts';
import type { StandardSchema } from './client-options.ts';
import { ResponseHead } from './response-head.ts';
import { validated, validatedLater } from './response-schema.ts';
import { statusError } from './status-error.ts';

/** Statuses with which the platform's Response has no body (Fetch Standard, "null body status"). */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** A response whose body has been read: everything about it answers at once. */
export class ClientResponse extends ResponseHead {
  /** Milliseconds from the call to the end of the body; those in `history` say what the whole call took. */
  readonly elapsedMs: number;
  readonly #exchange: Exchange;
  #history: readonly ClientResponse[] | null = null;
  #encoding: string | null = null;
  #text: string | null = null;

  constructor(exchange: Exchange, elapsedMs: number) {
    super(exchange);
    this.#exchange = exchange;
    this.elapsedMs = elapsedMs;
  }

  /** The answers that led here, oldest first: redirects, challenges. Bodies that were given up are empty. */
  get history(): readonly ClientResponse[] {
    this.#history ??= historyOf(this.#exchange, this.elapsedMs);
    return this.#history;
  }

  /** The body, decoded; not a copy. */
  bytes(): Buffer {
    const { body } = this.#exchange.response;
    if (Buffer.isBuffer(body)) return body;
    throw new BodyStateError({
      code: 'BODY_NOT_READ',
      phase: 'body',
      problem: 'Body cannot be read',
      reason: 'it has not arrived',
      remedy: 'Use await response.read() on a streamed response',
      method: this.request.method,
      url: this.url,
    });
  }

  /**
   * How `text()` decodes the body, by the names of the Encoding Standard: what a byte order mark says, else the charset of
   * Content-Type, else `utf-8`, also where that charset is unknown. Set it to know better; an unknown label throws
   * InvalidRequestError.
   */
  get encoding(): string {
    return this.#encoding ?? encodingOf(this.bytes(), this.headers);
  }

  set encoding(label: string) {
    this.#encoding = chosenEncoding(label);
    this.#text = null;
  }

  /** The body as text, decoded once; malformed bytes become U+FFFD. */
  text(): string {
    this.#text ??= decodeText(this.bytes(), this.encoding);
    return this.#text;
  }

  /**
   * The body as JSON, parsed at each call: UTF-8, UTF-16 or UTF-32, whatever Content-Type says, unless `encoding` was set.
   * Throws DecodingError with the place of the fault, and ValidationError where a schema refuses it.
   */
  json<T = unknown>(): T;
  json<Output>(schema: StandardSchema<Output>): Output;
  json<Output>(schema?: StandardSchema<Output>): Output {
    const value = parseJsonBody(this.bytes(), this.#encoding, this.request);
    return schema === undefined ? (value as Output) : validated(schema, value, this.request);
  }

  /** `json(schema)` for schemas that take their time. */
  async parse<Output>(schema: StandardSchema<Output>): Promise<Output> {
    return await validatedLater(schema, this.json(), this.request);
  }

  /** This response when its status is 2xx; else throws StatusError. */
  raiseForStatus(): this {
    if (this.ok) return this;
    throw statusError(this);
  }

  /** The platform's Response, its body decoded. Throws the platform's RangeError for a status above 599. */
  toFetchResponse(): Response {
    const { status, reason } = this;
    const headers = new Headers();
    for (const [name, value] of this.headers) headers.append(name, value);
    const body = WITHOUT_BODY.has(status) ? null : new Uint8Array(this.bytes());
    return new Response(body, { status, statusText: reason, headers });
  }
}

/** The answers that led to an exchange. */
export function historyOf({ history }: Exchange, elapsedMs: number): readonly ClientResponse[] {
  return history.map((exchange) => new ClientResponse(exchange, elapsedMs));
}
