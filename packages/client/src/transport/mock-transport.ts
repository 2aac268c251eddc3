import { systemClock, type Clock } from '@needletail/wire';
import { pause } from '../send/pause.ts';
import { MockError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { HeaderList, type HeadersInput } from '../model/header-list.ts';
import { transportClosed } from './closed-transport.ts';
import { toTransportResponse, unsendableField } from './made-response.ts';
import { MockRouter, type MockRoutes } from './mock-routes.ts';
import { appFailed, checkedWhole, PulledBody } from './pulled-body.ts';
import { checkFields, sentBody } from './sent-body.ts';
import type { Transport, TransportResponse } from './transport.ts';
import { withinLimits } from './within-limits.ts';

/** What a mock answers: at most one of `json`, `text`, `body` and `stream`. */
export interface MockAnswer {
  /** 200 unless set. */
  readonly status?: number;
  readonly reason?: string;
  readonly headers?: HeadersInput;
  /** Serialised; Content-Type application/json unless set. */
  readonly json?: unknown;
  /** Content-Type text/plain unless set. */
  readonly text?: string;
  readonly body?: string | Uint8Array;
  /** Sent piece by piece; what it throws breaks the body off. */
  readonly stream?: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;
  readonly trailers?: Readonly<Record<string, string>>;
  /** Before the head; the request's read timeout and signal hold meanwhile. */
  readonly delayMs?: number;
  /** Rejects with it instead: an error of this package as it is, any other as the cause of one. */
  readonly error?: Error;
}

/** May be asynchronous; what it throws is treated as `error`. */
export type MockHandler = (
  call: MockCall,
) => MockAnswer | Response | Promise<MockAnswer | Response>;

export interface MockOptions {
  /** Calls that are kept, the latest; 1 000 unless set. */
  readonly keptCalls?: number;
  /** For tests. */
  readonly clock?: Clock;
}

/** A request as a server would have seen it. */
export class MockCall {
  readonly method: string;
  readonly url: string;
  readonly headers: HeaderList;
  readonly body: Buffer;
  /** What `:name` in the route stood for. */
  readonly params: Readonly<Record<string, string>>;
  /** Everything else about it. */
  readonly request: ClientRequest;

  constructor(request: ClientRequest, body: Buffer, params: Readonly<Record<string, string>>) {
    this.method = request.method;
    this.url = request.url.href;
    this.headers = request.headers.copy();
    this.body = body;
    this.params = params;
    this.request = request;
  }

  get path(): string {
    return new URL(this.url).pathname;
  }

  get query(): URLSearchParams {
    return new URL(this.url).searchParams;
  }

  text(): string {
    return this.body.toString();
  }

  json<T = unknown>(): T {
    return JSON.parse(this.text()) as T;
  }
}

/** A transport that answers from `routes`, or from what one function says, without a network. */
export function mock(answers: MockRoutes | MockHandler, options: MockOptions = {}): MockTransport {
  return new MockTransport(answers, options);
}

/** Stands in for the network in tests, and remembers what was asked of it. */
export class MockTransport implements Transport {
  /** Latest last. */
  readonly calls: readonly MockCall[];
  readonly #calls: MockCall[] = [];
  readonly #router: MockRouter;
  readonly #keptCalls: number;
  readonly #clock: Clock;
  #callCount = 0;
  #isClosed = false;

  /** Use `mock`. */
  constructor(answers: MockRoutes | MockHandler, options: MockOptions) {
    this.calls = this.#calls;
    this.#router = new MockRouter(typeof answers === 'function' ? { '*': answers } : answers);
    this.#keptCalls = options.keptCalls ?? 1000;
    this.#clock = options.clock ?? systemClock;
  }

  /** Those that are no longer kept included. */
  get callCount(): number {
    return this.#callCount;
  }

  async send(request: ClientRequest): Promise<TransportResponse> {
    if (this.#isClosed) throw transportClosed(request);
    return withinLimits(this.#answer(request), request, this.#clock, 0);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  async #answer(request: ClientRequest): Promise<TransportResponse> {
    checkFields(request);
    const { answer, params } = this.#router.find(request);
    const call = new MockCall(request, await sentBody(request), params);
    this.#remember(call);
    try {
      const given = typeof answer === 'function' ? await answer(call) : answer;
      if (given instanceof Response) return await this.#ofResponse(given, request);
      if (given.delayMs !== undefined) {
        await pause(this.#clock, given.delayMs, request.signal, request);
      }
      if (given.error !== undefined) throw given.error;
      return this.#ofAnswer(given, request);
    } catch (error) {
      throw appFailed(error, request, 'head');
    }
  }

  #ofAnswer(answer: MockAnswer, request: ClientRequest): TransportResponse {
    const { status = 200, reason, stream, trailers } = answer;
    if (!Number.isInteger(status) || status < 200 || status > 999) {
      throw invalidAnswer(request, `its status is ${status}`, 'Give one from 200 to 999');
    }
    const headers = new HeaderList(answer.headers);
    const [whole, type] = wholeOf(answer);
    if (type !== null && !headers.has('content-type')) headers.append('content-type', type);
    const isSized = headers.has('content-length') || headers.has('transfer-encoding');
    if (stream === undefined && !isSized && status !== 204 && status !== 304) {
      headers.append('content-length', whole.length);
    }
    const fields = linesOf(headers);
    const broken = unsendableField([...fields, ...Object.entries(trailers ?? {})]);
    if (broken !== null) {
      throw invalidAnswer(request, `its field ${broken} cannot be sent`, 'Leave out line ends');
    }
    const body =
      stream === undefined
        ? checkedWhole(whole, request)
        : new PulledBody(asynchronous(stream), request, this.#clock);
    const made = { status, headers: fields, body, ...(reason === undefined ? {} : { reason }) };
    const ending = trailers === undefined ? undefined : Object.entries(trailers);
    return toTransportResponse({ ...made, trailers: ending }, request);
  }

  async #ofResponse(response: Response, request: ClientRequest): Promise<TransportResponse> {
    // A copy: the same Response may be the answer to many requests.
    const body = checkedWhole(Buffer.from(await response.clone().arrayBuffer()), request);
    const { status, statusText: reason, headers } = response;
    return toTransportResponse({ status, reason, headers, body }, request);
  }

  #remember(call: MockCall): void {
    this.#callCount += 1;
    this.#calls.push(call);
    if (this.#calls.length > this.#keptCalls) this.#calls.shift();
  }
}

function wholeOf({ json, text, body }: MockAnswer): [body: Buffer, type: string | null] {
  if (json !== undefined) return [Buffer.from(JSON.stringify(json)), 'application/json'];
  if (text !== undefined) return [Buffer.from(text), 'text/plain; charset=utf-8'];
  return [typeof body === 'string' ? Buffer.from(body) : Buffer.from(body ?? []), null];
}

function linesOf(headers: HeaderList): [name: string, value: string][] {
  return [...headers].flatMap(([name, value]) => {
    const values = Array.isArray(value) ? (value as readonly string[]) : [String(value)];
    return values.map((one): [string, string] => [name, one]);
  });
}

async function* asynchronous(
  stream: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
): AsyncGenerator<Uint8Array | string> {
  yield* stream;
}

function invalidAnswer({ method, url }: ClientRequest, reason: string, remedy: string): MockError {
  return new MockError({
    code: 'INVALID_ANSWER',
    phase: 'send',
    problem: 'Mock gives no proper answer',
    reason,
    remedy,
    method,
    url: url.href,
  });
}
