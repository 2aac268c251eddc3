import { InvalidReplyError } from '../errors.ts';
import type { Failure } from '../listen/exchange.ts';
import { HeadFields } from './head-fields.ts';

export type ReplyFields =
  | Readonly<Record<string, string>>
  | Iterable<readonly [name: string, value: string]>;

/** Bytes in pieces: an async generator, a web stream, a Node stream. */
export type ReplyPieces = AsyncIterable<Uint8Array | string>;

export interface ReplyOptions {
  /** 200 unless given. */
  readonly status?: number;
  readonly headers?: ReplyFields;
  /** Content-Type, in place of the one that goes with the kind of body. */
  readonly type?: string;
}

export interface StreamOptions extends ReplyOptions {
  /** In bytes, when it is known: the answer has a Content-Length then. */
  readonly length?: number | null;
}

/**
 * What a handler returns when an object, a string or bytes alone do not say it: status, fields, and a body. It is data and
 * can be made once and returned for many requests, unless its body comes in pieces.
 */
export class Reply {
  readonly status: number;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Null where the caller of the constructor leaves it to `headers`. */
  readonly type: string | null;
  readonly body: ReplyBody;
  #head: string | null = null;

  constructor(body: ReplyBody, { status = 200, headers, type }: ReplyOptions, ownType?: string) {
    this.status = status;
    this.fields = pairsOf(headers);
    this.type = type ?? ownType ?? null;
    this.body = body;
  }

  /** Its fields as lines, encoded once; throws an `EncodeError` for what no head may hold. */
  encodedHead(): string {
    if (this.#head === null) {
      const fields = new HeadFields(this.fields);
      if (this.type !== null) fields.set('Content-Type', this.type);
      this.#head = fields.encode();
    }
    return this.#head;
  }
}

export type ReplyBody =
  | { readonly kind: 'empty' }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'whole'; readonly data: string | Uint8Array }
  | { readonly kind: 'pieces'; readonly pieces: ReplyPieces; readonly length: number | null }
  | { readonly kind: 'broken'; readonly how: Failure; readonly latin1: string };

const EMPTY: ReplyBody = Object.freeze({ kind: 'empty' });

export const JSON_TYPE = 'application/json';
export const TEXT_TYPE = 'text/plain; charset=utf-8';
const HTML_TYPE = 'text/html; charset=utf-8';
export const BYTES_TYPE = 'application/octet-stream';

/** JSON with a status or fields of its own; a response schema of the route applies to the value. */
export function json(value: unknown, options: ReplyOptions = {}): Reply {
  return new Reply({ kind: 'json', value }, options, JSON_TYPE);
}

/** UTF-8. */
export function text(body: string, options: ReplyOptions = {}): Reply {
  return new Reply({ kind: 'whole', data: body }, options, TEXT_TYPE);
}

/** The markup as it is: what comes from outside must have been escaped. */
export function html(body: string, options: ReplyOptions = {}): Reply {
  return new Reply({ kind: 'whole', data: body }, options, HTML_TYPE);
}

export function bytes(body: Uint8Array, options: ReplyOptions = {}): Reply {
  return new Reply({ kind: 'whole', data: body }, options, BYTES_TYPE);
}

/** No body: 204 unless a status is given. */
export function empty(options: ReplyOptions = {}): Reply {
  return new Reply(EMPTY, { status: 204, ...options });
}

/** A body in pieces, sent as fast as the client takes them; the producer is ended when the client leaves. */
export function stream(
  pieces: ReplyPieces,
  { length = null, ...options }: StreamOptions = {},
): Reply {
  return new Reply({ kind: 'pieces', pieces, length }, options, BYTES_TYPE);
}

/**
 * A failure in place of an answer, behind `latin1`, which is sent as it is. For servers that fail on purpose, under test; where
 * a backend cannot, the client gets a 500.
 */
export function breakOff(how: Failure, latin1 = ''): Reply {
  return new Reply({ kind: 'broken', how, latin1 }, {});
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * To `location`, made ASCII; 302 unless given. A `location` that comes from the request leads wherever its sender likes:
 * check it first.
 */
export function redirect(location: string | URL, options: ReplyOptions = {}): Reply {
  const status = options.status ?? 302;
  if (!REDIRECTS.has(status)) {
    throw new InvalidReplyError({
      code: 'INVALID_STATUS',
      problem: 'Answer not sent',
      reason: `${status} is no redirect (RFC 9110 §15.4)`,
      remedy: 'Give 301, 302, 303, 307 or 308',
    });
  }
  const headers = [...pairsOf(options.headers), ['Location', asciiUrl(String(location))] as const];
  return new Reply(EMPTY, { ...options, status, headers });
}

/** Percent-encodes what no field may hold; line ends among it. */
function asciiUrl(url: string): string {
  return url.replaceAll(/[^\x21-\x7e]/gu, (character) => {
    const encoded = Buffer.from(character).toString('hex').toUpperCase();
    return encoded.replaceAll(/../g, '%$&');
  });
}

export function pairsOf(
  fields: ReplyFields | undefined,
): readonly (readonly [name: string, value: string])[] {
  if (fields === undefined) return [];
  return Symbol.iterator in fields
    ? [...(fields as Iterable<readonly [string, string]>)]
    : Object.entries(fields);
}
