import type { AnyContext, Middleware } from '../app/middleware.ts';
import { isWhole, type Answer } from '../reply/answer.ts';
import { fieldBlock, type HeadFields } from '../reply/head-fields.ts';
import { Reply } from '../reply/reply.ts';
import { ReplyCache } from './reply-cache.ts';
import { checkNames, type Names } from '../listen/check-names.ts';

export interface CacheRepliesOptions {
  /** How long an answer is given again, in milliseconds. */
  readonly ttlMs: number;
  /** Of all answers together; 16 MiB unless given. */
  readonly maxBytes?: number;
  /** Request fields that make other answers: those the handler reads; none unless given. */
  readonly varyBy?: readonly string[];
  /** Says in an X-Cache field whether an answer was `hit` or `miss`. False unless given. */
  readonly header?: boolean;
  /** Milliseconds that only grow, for tests. */
  readonly now?: () => number;
}

const OPTIONS: Names<CacheRepliesOptions> = {
  ttlMs: true,
  maxBytes: true,
  varyBy: true,
  header: true,
  now: true,
};

/** Middleware whose answers can be thrown away. */
export interface ReplyCaching extends Middleware {
  clear(): void;
}

interface Lookup {
  /** Under which the answer is to be kept; null for one that was found. */
  readonly key: string | null;
  /** Fields that the middleware in front had set. */
  readonly before: ReadonlyMap<string, string>;
}

const NOTHING: ReadonlyMap<string, string> = new Map();
const FOUND: Lookup = { key: null, before: NOTHING };
const LONGEST_KEY = 4096;
/** Of maps and strings around an answer. */
const OVERHEAD_BYTES = 256;

/**
 * Gives whole answers of GET and HEAD with 200, 404 or 410 again, without asking the handler, to requests with the same target
 * and `varyBy` fields: for routes that answer all clients alike. Nothing is kept for requests with Authorization or a Cookie that
 * is not in `varyBy`, and none of the answers with Set-Cookie, `Vary: *`, or a Cache-Control of no-store or private. It keeps what
 * the middleware behind it made of the answer; give it before `compression()` to keep what is compressed too.
 */
export function cacheReplies(options: CacheRepliesOptions): ReplyCaching {
  checkNames('cacheReplies', options, OPTIONS);
  const { ttlMs, maxBytes = 16 * 1024 * 1024, header = false } = options;
  const now = options.now ?? (() => performance.now());
  const varyBy = (options.varyBy ?? []).map((name) => name.toLowerCase());
  const cache = new ReplyCache(maxBytes);
  const lookups = new WeakMap<AnyContext, Lookup>();
  return {
    name: 'cache-replies',
    clear: () => cache.clear(),
    handle(c, next) {
      const key = keyOf(c, varyBy);
      if (key === null) return next();
      const kept = cache.get(key, now());
      if (kept === null) {
        lookups.set(c, { key, before: c.hasFields ? new Map(c.fields) : NOTHING });
        return next();
      }
      lookups.set(c, FOUND);
      const body = kept.body === null ? ({ kind: 'empty' } as const) : wholeOf(kept.body);
      return new Reply(body, { status: kept.status, headers: kept.block.fields });
    },
    answer(answer, c) {
      const lookup = lookups.get(c);
      if (lookup === undefined) return answer;
      const { key, before } = lookup;
      const own = key === null ? null : ownFields(answer.fields, before);
      if (key !== null && own !== null && isKeepable(answer, own, varyBy)) {
        const block = fieldBlock(own);
        const body = answer.body as string | Uint8Array | null;
        const sizeBytes = OVERHEAD_BYTES + 2 * key.length + block.lines.length + lengthOf(body);
        cache.set(key, { status: answer.status, block, body, sizeBytes, untilMs: now() + ttlMs });
      }
      if (header) answer.fields.set('X-Cache', key === null ? 'hit' : 'miss');
      return answer;
    },
  };
}

function wholeOf(data: string | Uint8Array): { kind: 'whole'; data: string | Uint8Array } {
  return { kind: 'whole', data };
}

function lengthOf(body: string | Uint8Array | null): number {
  return body === null ? 0 : Buffer.byteLength(body);
}

function keyOf(c: AnyContext, varyBy: readonly string[]): string | null {
  const { method, request } = c;
  if (method !== 'GET' && method !== 'HEAD') return null;
  const { headers } = request;
  for (const name of ['authorization', 'cookie']) {
    if (headers.has(name) && !varyBy.includes(name)) return null;
  }
  // Parts of other answers, or none at all.
  if (headers.has('range')) return null;
  let key = `${method} ${request.target}`;
  for (const name of varyBy) key += `\n${JSON.stringify(headers.getAll(name))}`;
  return key.length > LONGEST_KEY ? null : key;
}

type Pairs = readonly (readonly [name: string, value: string])[];

/** Without those of the middleware in front, which sets them for each request: ids, limits, who may read. */
function ownFields(fields: HeadFields, before: ReadonlyMap<string, string>): Pairs {
  const own: (readonly [name: string, value: string])[] = [];
  for (const [name, value] of fields) {
    if (before.get(name) === value) continue;
    const other = name === 'Vary' ? before.get(name) : undefined;
    own.push([name, other === undefined ? value : value.slice(other.length).replace(/^, /, '')]);
  }
  return own;
}

function isKeepable({ status, body }: Answer, own: Pairs, varyBy: readonly string[]): boolean {
  if (status !== 200 && status !== 404 && status !== 410) return false;
  if (body !== null && !isWhole(body)) return false;
  return own.every(([name, value]) => {
    const lower = name.toLowerCase();
    if (lower === 'set-cookie') return false;
    if (lower === 'cache-control') return !/\b(?:no-store|private)\b/i.test(value);
    if (lower !== 'vary') return true;
    return value.split(',').every((member) => varyBy.includes(member.trim().toLowerCase()));
  });
}
