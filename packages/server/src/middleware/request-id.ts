import { randomUUID } from 'node:crypto';
import type { AnyContext, Middleware } from '../app/middleware.ts';
import { ulid } from './ulid.ts';
import { checkNames, type Names } from '../listen/check-names.ts';

export interface RequestIdOptions {
  /** Field of the answer, and of the request where that is believed; X-Request-Id unless given. */
  readonly header?: string;
  /**
   * Takes the one the request came with, where it is 1 to 128 letters, digits and `._~+/=-`. For servers behind a proxy that sets
   * it: anybody else can say what they like. False unless given.
   */
  readonly acceptIncoming?: boolean;
  /** `uuid` (version 4, random), `ulid` (in the order of time), or your own; `uuid` unless given. */
  readonly generate?: 'uuid' | 'ulid' | (() => string);
}

const OPTIONS: Names<RequestIdOptions> = {
  header: true,
  acceptIncoming: true,
  generate: true,
};

interface WithRequestId {
  requestId?: string;
}

const VALID = /^[A-Za-z0-9._~+/=-]{1,128}$/;

/** Names each request: `c.locals.requestId`, and a field of its answer. */
export function requestId(options: RequestIdOptions = {}): Middleware<{ requestId: string }> {
  checkNames('requestId', options, OPTIONS);
  const { header = 'X-Request-Id', acceptIncoming = false, generate = 'uuid' } = options;
  const make = generate === 'uuid' ? randomUUID : generate === 'ulid' ? ulid : generate;
  return {
    name: 'request-id',
    handle(c, next) {
      const sent = acceptIncoming ? c.header(header) : null;
      const id = sent !== null && VALID.test(sent) ? sent : make();
      (c.locals as WithRequestId).requestId = id;
      c.fields.append(header, id);
      return next();
    },
  };
}

/** Undefined where the middleware is not in front. */
export function requestIdOf(c: AnyContext): string | undefined {
  return (c.locals as WithRequestId).requestId;
}
