// Hot: one object for each request; everything else on it is made when it is asked for.
// The dispatcher makes it after routing and keeps it until the answer was handed to the backend.
// Guarded by bench/src/server-frameworks.ts.
import type { FieldMap } from '@needletail/wire';
import { parseCookies } from '../input/cookies.ts';
import { parseQuery, type Query } from '../input/query.ts';
import type { IncomingBody, ServerRequest } from '../listen/exchange.ts';
import { HeadFields } from '../reply/head-fields.ts';
import type { PathParams } from '../router/router.ts';
import { encodeCookie, type CookieOptions } from '../input/encode-cookie.ts';
import type { BodyRequest } from '../input/read-body.ts';
import type { ValidInput } from '../schema/compile-input.ts';
import { HttpError } from './http-error.ts';
import { readBody, type BodyReader } from './body-reader.ts';
import { LimitedBody } from './limited-body.ts';

/** What a route is given by its declaration; each member is typed by the schema of that name. */
export interface ContextTypes {
  readonly params: unknown;
  readonly query: unknown;
  readonly headers: unknown;
  readonly cookies: unknown;
  readonly body: unknown;
  readonly injected: unknown;
}

/** Of a route that declares nothing. */
export interface PlainTypes extends ContextTypes {
  readonly params: PathParams;
  readonly query: Query;
  readonly headers: FieldMap;
  readonly cookies: Readonly<Record<string, string>>;
  readonly body: undefined;
  readonly injected: Readonly<Record<string, never>>;
}

/** Who is at the other end, as trusted proxies in between say. */
export interface Forwarded {
  readonly address: string;
  readonly protocol: 'http' | 'https';
  readonly host: string;
}

/** What of an application a request can see. */
export interface ContextHome {
  readonly state: object;
  readonly bodyLimitBytes: number;
  /** Aborts when the application ends. */
  readonly closing: AbortSignal;
  report(error: unknown, request: ServerRequest): void;
}

/** Where a request was led to. */
export interface ContextRoute {
  /** As it was registered, a name for metrics and logs that does not grow; `null` where no route was found. */
  readonly pattern: string | null;
  readonly bodyLimitBytes: number | null;
}

/** Found by the router; shared by all requests of a route without parameters. */
export interface ContextMatch {
  readonly params?: PathParams;
}

const NO_PARAMS: PathParams = Object.freeze(Object.create(null) as PathParams);
const NO_INPUT: ValidInput = Object.freeze({
  params: undefined,
  query: undefined,
  headers: undefined,
  cookies: undefined,
  body: undefined,
});
const NOTHING_INJECTED = Object.freeze({});

/** One request, and what will be said of it: what handlers, middleware and hooks are given. */
export class Context<State = object, Locals = object, Types extends ContextTypes = PlainTypes> {
  /** As the backend handed it over. */
  readonly request: ServerRequest;
  readonly route: ContextRoute;
  /** Status of the answer where what is returned has none of its own; 0 leaves it to the kind of answer: 200 or 204. */
  status = 0;
  /** Set by middleware that trusts a proxy. */
  forwarded: Forwarded | null = null;
  readonly #home: ContextHome;
  /** What the router found; for the dispatcher. */
  readonly match: ContextMatch;
  #input: ValidInput = NO_INPUT;
  #injected: unknown = NOTHING_INJECTED;
  #fields: HeadFields | null = null;
  #locals: Locals | null = null;
  #query: Query | null = null;
  #cookies: Readonly<Record<string, string>> | null = null;
  #body: BodyReader | null = null;
  #isAbortable = false;
  #abortedBecause: Error | null = null;
  #controller: AbortController | null = null;
  #signal: AbortSignal | null = null;
  /** Of bodies read as a stream, too; null when no middleware set one. */
  #mostBodyBytes: number | null = null;
  #url: URL | null = null;
  #endings: (() => void | Promise<void>)[] | null = null;

  constructor(home: ContextHome, request: ServerRequest, route: ContextRoute, match: ContextMatch) {
    this.#home = home;
    this.request = request;
    this.route = route;
    this.match = match;
  }

  get method(): string {
    return this.request.method;
  }

  /** As it was sent, without the query. */
  get path(): string {
    const { target } = this.request;
    const mark = target.indexOf('?');
    return mark === -1 ? target : target.slice(0, mark);
  }

  /** The query as it was sent, without the question mark. */
  get search(): string {
    const { target } = this.request;
    const mark = target.indexOf('?');
    return mark === -1 ? '' : target.slice(mark + 1);
  }

  /**
   * Absolute: with the protocol and host that the client used, behind trusted proxies too. Throws an HttpError, 400, where the host it
   * sent is none that a URL may have.
   */
  get url(): URL {
    if (this.#url === null) {
      const host = this.host === '' ? 'localhost' : this.host;
      const base = `${this.protocol}://${host}`;
      // A path that begins with two slashes would be taken for a host.
      const whole = base + (this.request.target === '*' ? '/' : this.request.target);
      if (!URL.canParse(whole)) throw new HttpError(400, 'The host is none that a URL may have.');
      this.#url = new URL(whole);
    }
    return this.#url;
  }

  /** What the application shares, as it was given to `new App`. */
  get state(): State {
    return this.#home.state as State;
  }

  /** Values of this request that middleware leaves for those behind it. */
  get locals(): Locals {
    return (this.#locals ??= {} as Locals);
  }

  get params(): Types['params'] {
    return this.#input.params ?? this.match.params ?? NO_PARAMS;
  }

  get query(): Types['query'] {
    return this.#input.query ?? (this.#query ??= parseQuery(this.search));
  }

  /** A `FieldMap`, or what the schema of the route made of it. */
  get headers(): Types['headers'] {
    return this.#input.headers ?? this.request.headers;
  }

  get cookies(): Types['cookies'] {
    return this.#input.cookies ?? this.sentCookies;
  }

  /** As the schema of the route gave it; without one a body is read by `json()` and the like. */
  get body(): Types['body'] {
    return this.#input.body as Types['body'];
  }

  /** What the route asked for with `inject`. */
  get injected(): Types['injected'] {
    return this.#injected as Types['injected'];
  }

  get sentCookies(): Readonly<Record<string, string>> {
    return (this.#cookies ??= parseCookies(this.request.headers.getAll('cookie').join('; ')));
  }

  /** The first field of that name as it was sent, or null. */
  header(name: string): string | null {
    return this.request.headers.get(name);
  }

  get remoteAddress(): string {
    return this.forwarded?.address ?? this.request.remoteAddress;
  }

  get protocol(): 'http' | 'https' {
    return this.forwarded?.protocol ?? (this.request.isSecure ? 'https' : 'http');
  }

  /** With the port if it was sent with one; empty when an HTTP/1.0 client sent none. */
  get host(): string {
    return this.forwarded?.host ?? this.request.headers.get('host') ?? '';
  }

  /** Aborts when the client goes away before it was answered, and when the time of the route is up. */
  get signal(): AbortSignal {
    if (!this.#isAbortable) return this.request.signal;
    return (this.#signal ??= this.#ownSignal());
  }

  /**
   * Aborts when the application was told to close, after its `drain` hooks: an answer without an end should come to one, and what waits
   * for long need wait no longer. Answers get `graceMs` from then on.
   */
  get closing(): AbortSignal {
    return this.#home.closing;
  }

  /** For middleware that may give up waiting, before what comes after it asks for `signal`. */
  mayAbort(): void {
    this.#isAbortable = true;
  }

  /** Aborts `signal`; after `mayAbort`. */
  abort(reason: Error): void {
    this.#abortedBecause = reason;
    this.#controller?.abort(reason);
  }

  /** How the body is read where the route has no schema for it: `json()`, `text()`, `form()`, `multipart()`, … */
  get read(): BodyReader {
    return (this.#body ??= readBody(this.#limitedRequest(), this.bodyLimitBytes, (cleanUp) =>
      this.onEnd(cleanUp),
    ));
  }

  get bodyLimitBytes(): number {
    const own = this.route.bodyLimitBytes ?? this.#home.bodyLimitBytes;
    return this.#mostBodyBytes === null ? own : Math.min(own, this.#mostBodyBytes);
  }

  /** As far as middleware lets it be read; for `read` and the schemas of the route. */
  get sentBody(): IncomingBody {
    const { body } = this.request;
    const maxBytes = this.#mostBodyBytes;
    return maxBytes === null ? body : new LimitedBody(body, maxBytes, this.path);
  }

  /** For middleware: no body above `maxBytes` is read, as a stream or whole. */
  limitBody(maxBytes: number): void {
    this.#mostBodyBytes = Math.min(maxBytes, this.#mostBodyBytes ?? maxBytes);
  }

  /** Has something done when the request is over, however it ended; the last first. */
  onEnd(cleanUp: () => void | Promise<void>): void {
    this.#endings ??= [];
    this.#endings.push(cleanUp);
  }

  get hasEndings(): boolean {
    return this.#endings !== null;
  }

  /** Fields of the answer, whatever it will be. */
  get fields(): HeadFields {
    return (this.#fields ??= new HeadFields());
  }

  get hasFields(): boolean {
    return this.#fields !== null;
  }

  /** Sets a cookie of the answer; throws a CookieError for what browsers would refuse or misunderstand. */
  setCookie(name: string, value: string, options: CookieOptions = {}): this {
    this.fields.append('Set-Cookie', encodeCookie(name, value, options));
    return this;
  }

  /** Has the client forget a cookie; `domain` and `path` have to be those it was set with. */
  deleteCookie(name: string, options: Omit<CookieOptions, 'maxAgeSeconds' | 'expires'> = {}): this {
    return this.setCookie(name, '', { ...options, maxAgeSeconds: 0, expires: new Date(0) });
  }

  /** Sets a field of the answer, in place of others of that name. */
  set(name: string, value: string): this {
    this.fields.set(name, value);
    return this;
  }

  /** Has `onError` of the application told of what can no longer be answered. */
  report(error: unknown): void {
    this.#home.report(error, this.request);
  }

  /** For the dispatcher. */
  takeInput(input: ValidInput): void {
    this.#input = input;
  }

  /** For the dispatcher. */
  async end(report: (error: unknown) => void): Promise<void> {
    const endings = this.#endings ?? [];
    this.#endings = null;
    for (const cleanUp of endings.toReversed()) {
      try {
        await cleanUp();
      } catch (error) {
        report(error);
      }
    }
  }

  /** For the dispatcher. */
  takeInjected(values: unknown): void {
    this.#injected = values;
  }

  /** Aborts with that of the request, too. */
  #ownSignal(): AbortSignal {
    const controller = new AbortController();
    this.#controller = controller;
    if (this.#abortedBecause !== null) controller.abort(this.#abortedBecause);
    return AbortSignal.any([this.request.signal, controller.signal]);
  }

  #limitedRequest(): BodyRequest {
    const { request } = this;
    return this.#mostBodyBytes === null
      ? request
      : { headers: request.headers, body: this.sentBody };
  }
}
