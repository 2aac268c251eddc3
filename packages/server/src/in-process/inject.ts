import { encodeFields, FieldMap } from '@needletail/wire';
import type { Dispatcher } from '../app/dispatcher.ts';
import { pairsOf, type ReplyFields } from '../reply/reply.ts';
import { MemoryBody } from './memory-body.ts';
import { answerOf, MemoryExchange, type MemoryInterim } from './memory-exchange.ts';

export interface InjectRequest {
  /** GET unless given. */
  readonly method?: string;
  /** Path and query. */
  readonly url: string;
  readonly headers?: ReplyFields;
  /** An object is sent as JSON, with its Content-Type unless one is given. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array> | object;
  readonly remoteAddress?: string;
  readonly isSecure?: boolean;
  readonly signal?: AbortSignal;
}

/** An answer that was given in the same process, whole. */
export interface Injected {
  readonly status: number;
  readonly headers: FieldMap;
  readonly bytes: Buffer;
  /** Informational answers that came before. */
  readonly interim: readonly MemoryInterim[];
  text(): string;
  json<Value = unknown>(): Value;
}

const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** Sends `request` to the application without a socket, and waits for the end of its answer. */
export async function inject(
  dispatcher: Dispatcher,
  request: InjectRequest | string,
): Promise<Injected> {
  const asked: InjectRequest = typeof request === 'string' ? { url: request } : request;
  const { method = 'GET', url, body } = asked;
  const fields = [...pairsOf(asked.headers)];
  const has = (name: string): boolean => fields.some(([own]) => own.toLowerCase() === name);
  if (isJson(body) && !has('content-type')) fields.push(['Content-Type', 'application/json']);
  const host = has('host') ? '' : 'Host: localhost\r\n';
  const exchange = new MemoryExchange({
    method,
    target: url,
    headers: new FieldMap(host + lines(fields)),
    body: new MemoryBody(sourceOf(body), { where: `${method} ${url}`, maxBytes: NO_LIMIT }),
    remoteAddress: asked.remoteAddress ?? '127.0.0.1',
    isSecure: asked.isSecure ?? false,
    signal: asked.signal ?? null,
  });
  const answer = await answerOf(dispatcher, exchange);
  return injectedOf(answer.status, answer.head, await wholeOf(answer.body), answer.interim);
}

function injectedOf(
  status: number,
  head: string,
  bytes: Buffer,
  interim: readonly MemoryInterim[],
): Injected {
  return {
    status,
    headers: new FieldMap(head),
    bytes,
    interim,
    text: () => bytes.toString(),
    json: <Value>() => JSON.parse(bytes.toString()) as Value,
  };
}

function isJson(body: InjectRequest['body']): boolean {
  if (typeof body !== 'object' || body === null) return false;
  return !(body instanceof Uint8Array) && !(Symbol.asyncIterator in body);
}

function sourceOf(body: InjectRequest['body']): Uint8Array | AsyncIterable<Uint8Array> {
  if (body === undefined) return new Uint8Array();
  if (typeof body === 'string') return Buffer.from(body);
  if (isJson(body)) return Buffer.from(JSON.stringify(body));
  return body as Uint8Array | AsyncIterable<Uint8Array>;
}

/** Without the rule that some names are the encoder's: a test may send what a client would. */
function lines(fields: readonly (readonly [name: string, value: string])[]): string {
  return fields
    .map(([name, value]) => {
      const isReserved = /^(host|content-length|transfer-encoding|connection|upgrade|expect)$/i;
      return isReserved.test(name) ? `${name}: ${value}\r\n` : encodeFields([[name, value]]);
    })
    .join('');
}

async function wholeOf(
  body: string | Uint8Array | ReadableStream<Uint8Array> | null,
): Promise<Buffer> {
  if (body === null) return Buffer.alloc(0);
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body);
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}
