// Hot: one per request, besides the response.
import { mayResend } from '@needletail/wire';
import type { BodyChannel } from '../body/response-body.ts';
import { AbortedError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import type { Opening } from './opening.ts';
import type { RequestHeads } from './request-head.ts';
import type { ResponseReceiver, TransportResponse } from './transport.ts';
import type { WireConnection } from './wire-connection.ts';

/** Where an exchange leaves from when it ends early. */
export interface ExchangeOwner {
  /** It waits no longer. */
  leave(exchange: Exchange): void;
}

/**
 * A request on its way through the pool: it waits in line, perhaps for a connection that is being opened for it, is
 * carried by a connection, and is settled once. A streamed one stays with its connection until its body has ended.
 */
export class Exchange {
  readonly request: ClientRequest;
  readonly owner: ExchangeOwner;
  /** The order of arrival, over all origins. */
  readonly order: number;
  /** The head as it will be sent. */
  head: string;
  expectsContinue: boolean;
  resends = 0;
  /** Kept by the line it waits in. */
  isWaiting = false;
  /** When a scan first saw it waiting; NaN before. */
  waitingSinceMs: number = Number.NaN;
  opening: Opening | null = null;
  connection: WireConnection | null = null;
  readonly #heads: RequestHeads;
  readonly #receiver: ResponseReceiver;
  #isAnswered = false;
  #isDone = false;
  #channel: BodyChannel | null = null;
  #onAbort: (() => void) | null = null;

  /** Throws InvalidRequestError or LocalProtocolError when the request cannot be written. */
  constructor(
    request: ClientRequest,
    heads: RequestHeads,
    owner: ExchangeOwner,
    order: number,
    receiver: ResponseReceiver,
  ) {
    this.request = request;
    this.owner = owner;
    this.order = order;
    this.expectsContinue =
      request.expectContinue && request.body !== null && request.body.length !== 0;
    this.head = heads.render(request, this.expectsContinue);
    this.#heads = heads;
    this.#receiver = receiver;
    if (request.signal !== null) this.#listen(request.signal);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** Whether it may go out again, should a kept connection turn out to be closed before any answer. */
  get mayBeResent(): boolean {
    const { method, body } = this.request;
    return mayResend({
      isReusedConnection: true,
      method,
      responseBytes: 0,
      isBodyReplayable: body === null || body.isReplayable,
      resends: this.resends,
    });
  }

  /** RFC 9110 §10.1.1: after a 417 the request is sent again without the expectation. */
  dropExpectation(): void {
    this.expectsContinue = false;
    this.head = this.#heads.render(this.request, false);
  }

  /** Everything is here. */
  complete(response: TransportResponse, channel: BodyChannel | null): void {
    if (this.#isDone) return;
    this.#finish();
    channel?.end();
    if (!this.#isAnswered) this.#receiver.answered(response);
  }

  /** The head is here; the body comes through `channel`. */
  answer(response: TransportResponse, channel: BodyChannel): void {
    if (this.#isDone) return;
    this.#isAnswered = true;
    this.#channel = channel;
    this.#receiver.answered(response);
  }

  fail(error: Error): void {
    if (this.#isDone) return;
    this.#finish();
    if (!this.#isAnswered) this.#receiver.failed(error);
    else this.#channel?.end(error);
  }

  /** The reader has had enough: nothing more is told to anybody. */
  abandon(): void {
    this.#finish();
  }

  #listen(signal: AbortSignal): void {
    this.#onAbort = () => this.#abort(signal);
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  #abort(signal: AbortSignal): void {
    const { connection, request } = this;
    this.fail(AbortedError.of(signal, request.method, request.url.href));
    if (connection === null) this.owner.leave(this);
    else connection.drop();
  }

  #finish(): void {
    this.#isDone = true;
    if (this.#onAbort === null) return;
    this.request.signal!.removeEventListener('abort', this.#onAbort);
    this.#onAbort = null;
  }
}
