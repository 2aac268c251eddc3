import { createHash } from 'node:crypto';
import type { AnyContext, Middleware } from '../app/middleware.ts';
import { judgePreconditions } from '../conditional/preconditions.ts';
import { isWhole, type Answer } from '../reply/answer.ts';
import { checkNames, type Names } from '../listen/check-names.ts';

export interface EtagOptions {
  /** `weak` unless given: what goes around it, such as compression, may change the bytes and not what they say. */
  readonly kind?: 'strong' | 'weak';
}

const OPTIONS: Names<EtagOptions> = {
  kind: true,
};

/**
 * An entity tag for whole bodies of GET and HEAD answered with 200, from their bytes, and 304 for clients that have them
 * (RFC 9110 §13.1.2). It saves sending, not making them. An answer that has a tag keeps it; one that says no-store gets none.
 */
export function etag(options: EtagOptions = {}): Middleware {
  checkNames('etag', options, OPTIONS);
  const start = options.kind === 'strong' ? '"' : 'W/"';
  return {
    name: 'etag',
    answer(answer, c) {
      if (!isTaggable(answer, c)) return answer;
      const { fields, body } = answer;
      let tag = fields.get('ETag');
      if (tag === null) {
        if (body === null || !isWhole(body)) return answer;
        tag = `${start}${createHash('sha1').update(body).digest('base64url')}"`;
        fields.set('ETag', tag);
      }
      const ifNoneMatch = c.header('if-none-match');
      if (ifNoneMatch === null) return answer;
      const known = { etag: tag, modifiedMs: null };
      return judgePreconditions(c.method, c.request.headers, known) === 'not-modified'
        ? notModified(answer)
        : answer;
    },
  };
}

function isTaggable({ status, fields }: Answer, { method }: AnyContext): boolean {
  if (status !== 200 || (method !== 'GET' && method !== 'HEAD')) return false;
  const cacheControl = fields.get('Cache-Control');
  return cacheControl === null || !/\bno-store\b/i.test(cacheControl);
}

/** What describes the content goes with it (RFC 9110 §15.4.5). */
function notModified(answer: Answer): Answer {
  const { fields, body } = answer;
  for (const name of ['Content-Type', 'Content-Encoding', 'Content-Language']) fields.delete(name);
  if (body !== null && !isWhole(body)) void body[Symbol.asyncIterator]().return?.();
  answer.status = 304;
  answer.body = null;
  answer.length = null;
  return answer;
}
