// Hot: `dispatch` runs once per request and allocates the context, a match where the route has parameters, and the text of the
// answer. A handler that returns no promise is answered before `dispatch` returns.
// Guarded by bench/src/server-frameworks.ts.
import { EncodeError, encodeFields } from '@needletail/wire';
import { InvalidReplyError } from '../errors.ts';
import type { ServerReply, ServerRequest } from '../listen/exchange.ts';
import { isClientsDoing, statusOf } from '../listen/handler-errors.ts';
import type { TakeOver } from '../listen/server-options.ts';
import { isWhole, type Answer } from '../reply/answer.ts';
import { CountedPieces } from '../reply/counted-pieces.ts';
import { HeadFields } from '../reply/head-fields.ts';
import { JSON_TYPE, Reply, TEXT_TYPE, type ReplyPieces } from '../reply/reply.ts';
import { encodeJson, isJsonObject, toAnswer } from '../reply/to-answer.ts';
import type { FindResult } from '../router/router.ts';
import type { CompiledRoute } from './compile-route.ts';
import { Context, type ContextHome, type ContextMatch } from './context.ts';
import type { Hooks } from './hooks.ts';
import { HttpError, problem, problemOf } from './http-error.ts';
import type { AnyContext, Outcome } from './middleware.ts';
import { DEALT_WITH, UpgradeContext, type FindSocket } from './socket-routes.ts';

const JSON_HEAD = encodeFields([['Content-Type', JSON_TYPE]]);
const TEXT_HEAD = encodeFields([['Content-Type', TEXT_TYPE]]);

/** What an application has decided by the time it starts. */
export interface Dispatching extends ContextHome {
  find(method: string, path: string): FindResult<CompiledRoute>;
  /** The route that answers where none was found, and what it finds its reason in. */
  missed(found: FindResult<CompiledRoute>, request: ServerRequest): CompiledRoute;
  /** Null where no path speaks WebSocket. */
  readonly findSocket: FindSocket | null;
  readonly onRequest: readonly Hooks['request'][];
  /** Runs `run` so that `currentContext()` finds `c`; null when nobody asked for it. */
  readonly within: ((c: AnyContext, run: (c: AnyContext) => unknown) => unknown) | null;
}

/** Leads requests to their routes, and what routes give to the reply. */
export class Dispatcher {
  readonly #home: Dispatching;

  constructor(home: Dispatching) {
    this.#home = home;
  }

  dispatch(request: ServerRequest, reply: ServerReply): void | Promise<void> {
    const home = this.#home;
    const { target } = request;
    const mark = target.indexOf('?');
    const found = home.find(request.method, mark === -1 ? target : target.slice(0, mark));
    const route = found.outcome === 'found' ? found.value : home.missed(found, request);
    const c = new Context(home, request, route, found as ContextMatch) as unknown as AnyContext;
    const startedMs = route.onDone.length === 0 ? 0 : performance.now();
    if (home.onRequest.length > 0) return this.#askFirst(c, reply, route, startedMs);
    return this.#run(c, reply, route, startedMs);
  }

  /** Whether a request to switch protocols is dealt with here; if not it is one like any other. */
  upgrade(request: ServerRequest, reply: ServerReply, takeOver: TakeOver): boolean {
    const home = this.#home;
    if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') return false;
    const [path = ''] = request.target.split('?', 1);
    const found = home.findSocket?.(path) ?? null;
    if (found === null) return false;
    const asked = { request, reply, takeOver };
    const c = new UpgradeContext(home, asked, found) as unknown as AnyContext;
    const startedMs = performance.now();
    // Errors are answered by `#fail`, which gives no error of its own.
    if (home.onRequest.length > 0) void this.#askFirst(c, reply, found.route, startedMs);
    else void this.#run(c, reply, found.route, startedMs);
    return true;
  }

  async #askFirst(
    c: AnyContext,
    reply: ServerReply,
    route: CompiledRoute,
    startedMs: number,
  ): Promise<void> {
    try {
      for (const hook of this.#home.onRequest) {
        const value = await hook(c);
        if (value !== undefined) return await this.#finish(c, reply, route, value, startedMs);
      }
    } catch (error) {
      return this.#fail(c, reply, route, error, startedMs);
    }
    return this.#run(c, reply, route, startedMs);
  }

  #run(
    c: AnyContext,
    reply: ServerReply,
    route: CompiledRoute,
    startedMs: number,
  ): void | Promise<void> {
    let value: unknown;
    try {
      const { within } = this.#home;
      value = within === null ? route.run(c) : within(c, route.run);
    } catch (error) {
      return this.#fail(c, reply, route, error, startedMs);
    }
    if (!isThenable(value)) return this.#finish(c, reply, route, value, startedMs);
    return value.then(
      (settled) => this.#finish(c, reply, route, settled, startedMs),
      (error: unknown) => this.#fail(c, reply, route, error, startedMs),
    );
  }

  /** Sends what a route gave. */
  #finish(
    c: AnyContext,
    reply: ServerReply,
    route: CompiledRoute,
    value: unknown,
    startedMs: number,
  ): void | Promise<void> {
    try {
      if (!c.hasFields && route.transforms.length === 0) {
        const body = bareBody(value, route);
        if (body !== null) return this.#sendBare(c, reply, route, value, body, startedMs);
      }
      if (value === DEALT_WITH || this.#isBrokenOff(reply, value)) {
        const status = value === DEALT_WITH ? c.status : 0;
        return this.#done(c, route, startedMs, { status, sizeBytes: null, error: null });
      }
      const coming = toAnswer(value, { status: c.status, fields: c.fields, filter: route.filter });
      const answer =
        coming instanceof Promise
          ? coming.then((encoded) => transformed(encoded, c, route, 0))
          : transformed(coming, c, route, 0);
      if (!(answer instanceof Promise)) return this.#send(c, reply, route, answer, startedMs);
      return this.#sendLater(c, reply, route, answer, startedMs);
    } catch (error) {
      return this.#fail(c, reply, route, error, startedMs);
    }
  }

  #isBrokenOff(reply: ServerReply, value: unknown): boolean {
    if (!(value instanceof Reply) || value.body.kind !== 'broken') return false;
    if (reply.breakOff === undefined) return false;
    reply.breakOff(value.body.how, value.body.latin1);
    return true;
  }

  /** Nothing of the answer but the value itself. */
  #sendBare(
    c: AnyContext,
    reply: ServerReply,
    route: CompiledRoute,
    value: unknown,
    body: string | Uint8Array,
    startedMs: number,
  ): void {
    let status = c.status === 0 ? 200 : c.status;
    let head = typeof value === 'string' ? TEXT_HEAD : JSON_HEAD;
    if (value instanceof Reply) {
      status = value.status;
      head = value.encodedHead();
    }
    reply.send(status, head, body);
    if (route.onDone.length === 0 && !c.hasEndings) return;
    this.#done(c, route, startedMs, { status, sizeBytes: sizeOf(body), error: null });
  }

  async #sendLater(
    c: AnyContext,
    reply: ServerReply,
    route: CompiledRoute,
    coming: Promise<Answer>,
    startedMs: number,
  ): Promise<void> {
    let answer: Answer;
    try {
      answer = await coming;
    } catch (error) {
      return this.#fail(c, reply, route, error, startedMs);
    }
    return this.#send(c, reply, route, answer, startedMs);
  }

  #send(
    c: AnyContext,
    reply: ServerReply,
    route: CompiledRoute,
    answer: Answer,
    startedMs: number,
  ): void | Promise<void> {
    const { status, body } = answer;
    let head: string;
    try {
      head = answer.fields.encode();
      if (body === null || isWhole(body)) {
        reply.send(status, head, body);
        return this.#done(c, route, startedMs, { status, sizeBytes: sizeOf(body), error: null });
      }
    } catch (error) {
      return this.#fail(c, reply, route, error, startedMs);
    }
    return this.#stream(c, reply, route, answer, startedMs);
  }

  async #stream(
    c: AnyContext,
    reply: ServerReply,
    route: CompiledRoute,
    { status, fields, body, length }: Answer,
    startedMs: number,
  ): Promise<void> {
    let error: unknown = null;
    const pieces = new CountedPieces(body as ReplyPieces);
    try {
      await reply.stream(status, fields.encode(), pieces, length);
    } catch (cause) {
      if (!reply.isAnswered) return this.#fail(c, reply, route, cause, startedMs);
      // The backend has reported it, and broken the answer off.
      error = cause;
    }
    this.#done(c, route, startedMs, { status, sizeBytes: pieces.sizeBytes, error });
  }

  /** Answers what went wrong: by a hook, by the status that the error has, or with 500. */
  async #fail(
    c: AnyContext,
    reply: ServerReply,
    route: CompiledRoute,
    error: unknown,
    startedMs: number,
  ): Promise<void> {
    const cause = await this.#answerByHook(c, reply, route, error, startedMs);
    if (cause === ANSWERED) return;
    const status = statusOf(cause);
    if (status >= 500 && !isClientsDoing(cause)) this.#home.report(cause, c.request);
    if (reply.isAnswered)
      return this.#done(c, route, startedMs, { status, sizeBytes: null, error: cause });
    try {
      const answer = await this.#errorAnswer(c, route, cause);
      reply.send(answer.status, answer.fields.encode(), answer.body as string);
      this.#done(c, route, startedMs, { status, sizeBytes: sizeOf(answer.body), error: cause });
    } catch (second) {
      this.#home.report(second, c.request);
      if (!reply.isAnswered) reply.send(500, '', null);
      this.#done(c, route, startedMs, { status: 500, sizeBytes: 0, error: second });
    }
  }

  /** The fields that middleware set stay, so that a page of another origin can read the error too. */
  async #errorAnswer(c: AnyContext, route: CompiledRoute, cause: unknown): Promise<Answer> {
    const isOfFields = cause instanceof EncodeError || cause instanceof InvalidReplyError;
    const fields = isOfFields ? new HeadFields() : c.fields;
    for (const name of REPRESENTATION_FIELDS) fields.delete(name);
    const fallback = cause instanceof HttpError ? problemOf(cause) : problem(statusOf(cause));
    const answer = await toAnswer(fallback, { status: 0, fields, filter: null });
    return transformed(answer, c, route, 0);
  }

  /** `ANSWERED`, or the error that is left to answer. */
  async #answerByHook(
    c: AnyContext,
    reply: ServerReply,
    route: CompiledRoute,
    error: unknown,
    startedMs: number,
  ): Promise<unknown> {
    for (const hook of route.onError) {
      try {
        const value = await hook(error, c);
        if (value === undefined || reply.isAnswered) continue;
        await this.#finish(c, reply, { ...route, onError: [] }, value, startedMs);
        return ANSWERED;
      } catch (next) {
        error = next;
      }
    }
    return error;
  }

  #done(
    c: AnyContext,
    route: CompiledRoute,
    startedMs: number,
    end: Omit<Outcome, 'durationMs'>,
  ): void {
    if (c.hasEndings) void c.end((error) => this.#home.report(error, c.request));
    if (route.onDone.length === 0) return;
    const outcome: Outcome = {
      status: end.status,
      durationMs: performance.now() - startedMs,
      sizeBytes: end.sizeBytes,
      error: end.error,
    };
    for (const hook of route.onDone) {
      try {
        const ended: unknown = hook(c, outcome);
        if (ended instanceof Promise) ended.catch((error: unknown) => c.report(error));
      } catch (error) {
        this.#home.report(error, c.request);
      }
    }
  }
}

/** They were about the answer that will not be sent. */
const REPRESENTATION_FIELDS = [
  'Cache-Control',
  'Content-Disposition',
  'Content-Encoding',
  'Content-Language',
  'Content-Location',
  'Content-Range',
  'ETag',
  'Expires',
  'Last-Modified',
  'Location',
];

const ANSWERED = Symbol('answered');

/** The body of an answer that is nothing but the value itself; null where there is more to it. */
function bareBody(value: unknown, route: CompiledRoute): string | Uint8Array | null {
  // A response schema has its say on text too.
  if (route.filter !== null) return null;
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return null;
  if (isJsonObject(value)) return encodeJson(value);
  return value instanceof Reply && value.body.kind === 'whole' ? value.body.data : null;
}

/** What the middleware of a route makes of an answer, from the one at `from`; a promise only where one of them waits. */
function transformed(
  answer: Answer,
  c: AnyContext,
  route: CompiledRoute,
  from: number,
): Answer | Promise<Answer> {
  const { transforms } = route;
  for (let at = from; at < transforms.length; at += 1) {
    const next = transforms[at]!(answer, c);
    if (next instanceof Promise) return next.then((given) => transformed(given, c, route, at + 1));
    answer = next;
  }
  return answer;
}

function isThenable(value: unknown): value is Promise<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { readonly then?: unknown }).then === 'function'
  );
}

function sizeOf(body: Answer['body']): number | null {
  if (body === null) return 0;
  if (typeof body === 'string') return Buffer.byteLength(body);
  return body instanceof Uint8Array ? body.byteLength : null;
}
