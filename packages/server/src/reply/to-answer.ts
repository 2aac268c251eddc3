import { HandlerError } from '../errors.ts';
import { type Answer } from './answer.ts';
import type { HeadFields } from './head-fields.ts';
import { BYTES_TYPE, JSON_TYPE, Reply, TEXT_TYPE, type ReplyPieces } from './reply.ts';

export interface AnswerBase {
  /** 0 leaves it to the value. */
  readonly status: number;
  /** Of the context; the answer goes on with them. */
  readonly fields: HeadFields;
  /** What a response schema makes of a value that becomes JSON. */
  readonly filter: ((status: number, value: unknown) => unknown) | null;
}

const CONTENT_TYPE = 'Content-Type';

/** What a handler returned, encoded. A promise where a response schema or the value needs one. */
export function toAnswer(value: unknown, base: AnswerBase): Answer | Promise<Answer> {
  if (value instanceof Reply) return ofReply(value, base);
  const { fields } = base;
  const status = base.status === 0 ? 200 : base.status;
  if (value === undefined) return whole(base.status === 0 ? 204 : status, fields, null, null);
  if (typeof value === 'string') return ofText(value, status, base);
  if (typeof value !== 'object' || value === null || isJsonObject(value)) {
    return ofJson(value, status, base);
  }
  // `return` for `throw`: what the error holds is none of the client's business.
  if (value instanceof Error) throw value;
  if (value instanceof Uint8Array) return whole(status, fields, BYTES_TYPE, value);
  if (value instanceof ArrayBuffer) return whole(status, fields, BYTES_TYPE, new Uint8Array(value));
  if (value instanceof Response) return ofResponse(value, fields);
  if (value instanceof Blob) {
    return pieces(status, fields, value.type || BYTES_TYPE, value.stream(), value.size);
  }
  if (Symbol.asyncIterator in value) {
    return pieces(status, fields, BYTES_TYPE, value as ReplyPieces, null);
  }
  if (Symbol.iterator in value && 'next' in value) {
    return pieces(status, fields, BYTES_TYPE, piecesOf(value as IterableIterator<string>), null);
  }
  return ofJson(value, status, base);
}

/** Objects and arrays that are nothing else: by far the most there are. */
export function isJsonObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}

/** A generator that is not asynchronous, asked for its pieces one at a time all the same. */
async function* piecesOf(values: Iterable<string | Uint8Array>): ReplyPieces {
  yield* values;
}

/**
 * Throws a `HandlerError` for what JSON has no text for: functions, symbols, big integers, circles, and for maps, sets and their like,
 * which it would make `{}` of.
 */
export function encodeJson(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    const [why = ''] = String((cause as Error | null)?.message).split('\n', 1);
    throw new HandlerError(`what it returned cannot be made JSON: ${why}`, '', cause);
  }
  if (text === undefined) {
    throw new HandlerError(`JSON has no text for what it returned (${typeof value})`, '');
  }
  if (text === '{}' && isLost(value)) {
    const kind = Object.prototype.toString.call(value).slice('[object '.length, -1);
    const instead = 'give [...it], Object.fromEntries(it) or ndjson(it)';
    throw new HandlerError(`JSON would make {} of the ${kind} that it returned: ${instead}`, '');
  }
  return text;
}

/** Maps, sets, generators and the like have members, and JSON sees none of them. */
function isLost(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || isJsonObject(value)) return false;
  const hasMore = Symbol.iterator in value || Symbol.asyncIterator in value;
  return (hasMore || ArrayBuffer.isView(value)) && !('toJSON' in value);
}

function ofReply(reply: Reply, base: AnswerBase): Answer | Promise<Answer> {
  const { fields } = base;
  for (const [name, value] of reply.fields) addField(fields, name, value);
  if (reply.type !== null) fields.set(CONTENT_TYPE, reply.type);
  const { body, status } = reply;
  if (body.kind === 'json') return ofJson(body.value, status, base);
  if (body.kind === 'whole') return whole(status, fields, null, body.data);
  if (body.kind === 'empty') return whole(status, fields, null, null);
  if (body.kind === 'broken') throw new HandlerError('this backend cannot break off', '');
  return pieces(status, fields, null, body.pieces, body.length);
}

function ofText(value: string, status: number, base: AnswerBase): Answer | Promise<Answer> {
  const { filter, fields } = base;
  if (filter === null) return whole(status, fields, TEXT_TYPE, value);
  const asKept = (kept: unknown): Answer =>
    typeof kept === 'string'
      ? whole(status, fields, TEXT_TYPE, kept)
      : whole(status, fields, JSON_TYPE, encodeJson(kept));
  const filtered = filter(status, value);
  return filtered instanceof Promise ? filtered.then(asKept) : asKept(filtered);
}

function ofJson(value: unknown, status: number, base: AnswerBase): Answer | Promise<Answer> {
  const { filter, fields } = base;
  if (filter === null) return whole(status, fields, JSON_TYPE, encodeJson(value));
  const filtered = filter(status, value);
  return filtered instanceof Promise
    ? filtered.then((kept: unknown) => whole(status, fields, JSON_TYPE, encodeJson(kept)))
    : whole(status, fields, JSON_TYPE, encodeJson(filtered));
}

/** A web `Response`; one whose body was read already is refused by the runtime. */
function ofResponse(response: Response, fields: HeadFields): Answer {
  let length: number | null = null;
  for (const [name, value] of response.headers) {
    if (name === 'content-length') length = Number(value);
    else if (!CONNECTION_FIELDS.has(name)) addField(fields, name, value);
  }
  if (response.bodyUsed) throw new HandlerError('the body of its Response was read already', '');
  if (response.body === null) return whole(response.status, fields, null, null);
  return pieces(response.status, fields, null, response.body, length);
}

/** In place of what was set before, but for fields that middleware and handler say together. */
function addField(fields: HeadFields, name: string, value: string): void {
  const lower = name.toLowerCase();
  if (lower === 'set-cookie') fields.append(name, value);
  else if (lower !== 'vary') fields.set(name, value);
  else for (const member of value.split(',')) fields.addToList(name, member.trim());
}

/** Those are between the server and the next hop (RFC 9110 §7.6.1). */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'date',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

function whole(
  status: number,
  fields: HeadFields,
  type: string | null,
  body: string | Uint8Array | null,
): Answer {
  if (type !== null && !fields.has(CONTENT_TYPE)) fields.set(CONTENT_TYPE, type);
  return { status, fields, body, length: null };
}

function pieces(
  status: number,
  fields: HeadFields,
  type: string | null,
  body: ReplyPieces,
  length: number | null,
): Answer {
  return { ...whole(status, fields, type, null), body, length };
}
