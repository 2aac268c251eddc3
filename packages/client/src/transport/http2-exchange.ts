import type { EventEmitter } from 'node:events';
import {
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { mayResend, type Clock, type TimerHandle } from '@needletail/wire';
import { BodyChannel } from '../body/response-body.ts';
import { AbortedError, type ClientError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { bodySourceFailed } from './explain.ts';
import { receivedFields, requestFields } from './http2-fields.ts';
import { explainStream } from './http2-failure.ts';
import { Http2Response } from './http2-response.ts';
import { Http2Upload } from './http2-upload.ts';
import { ReceivedBody } from './received-body.ts';
import {
  connectTimedOut,
  exchangeTimedOut,
  poolTimedOut,
  readTimedOut,
  writeTimedOut,
} from './timeout-errors.ts';
import type { TransportResponse } from './transport.ts';
import type { Interim } from './wire-response.ts';

/** What an exchange waits for, which says what limits it; nothing while its reader is slow. */
type Awaited = 'pool' | 'connect' | 'write' | 'read' | null;

/** RFC 9110 §10.1.1: a client does not wait for ever. */
const CONTINUE_WAIT_MS = 1000;

/** The session that carries an exchange. */
export interface ExchangeCarrier {
  readonly session: ClientHttp2Session;
  readonly isReused: boolean;
  /** Streams after this one were not looked at; null before a GOAWAY. */
  readonly lastStreamId: number | null;
  /** Why the session is gone, where it said so. */
  readonly error: Error | null;
}

export interface ExchangeOwner {
  readonly clock: Clock;
  /** Whether a request that was not processed may go out again. */
  readonly mayResend: boolean;
  /** It is settled before it was carried. */
  leave(exchange: Http2Exchange): void;
  /** It was not processed, and may be carried again. */
  resend(exchange: Http2Exchange): void;
}

/** One request over HTTP/2: it waits for a session, is carried by a stream, and is settled once. */
export class Http2Exchange {
  readonly request: ClientRequest;
  readonly #owner: ExchangeOwner;
  readonly #fields: OutgoingHttpHeaders;
  readonly #expectsContinue: boolean;
  readonly #resolve: (response: TransportResponse) => void;
  readonly #reject: (error: Error) => void;
  readonly #body = new ReceivedBody();
  /** Kept by the line it waits in. */
  isWaiting = false;
  #resends = 0;
  #carrier: ExchangeCarrier | null = null;
  #stream: ClientHttp2Stream | null = null;
  #upload: Http2Upload | null = null;
  #brokenOff: AbortController | null = null;
  #hasBodyBegun = false;
  #response: Http2Response | null = null;
  #channel: BodyChannel | null = null;
  #interim: Interim[] = [];
  #receivedBytes = 0;
  #error: Error | null = null;
  #isDone = false;
  #awaited: Awaited = 'connect';
  #sinceMs: number;
  /** When the head was sent, by the last look at the clock before it. */
  #sentAtMs = Infinity;
  #isHeard = false;
  #continueTimer: TimerHandle = null;
  readonly #onAbort: (() => void) | null = null;

  /** Throws InvalidRequestError when the request cannot be written. */
  constructor(
    request: ClientRequest,
    owner: ExchangeOwner,
    resolve: (response: TransportResponse) => void,
    reject: (error: Error) => void,
  ) {
    this.request = request;
    this.#owner = owner;
    this.#expectsContinue =
      request.expectContinue && request.body !== null && request.body.length !== 0;
    this.#fields = requestFields(request, this.#expectsContinue);
    this.#resolve = resolve;
    this.#reject = reject;
    this.#sinceMs = owner.clock.now();
    const { signal } = request;
    if (signal !== null) {
      this.#onAbort = () => this.fail(AbortedError.of(signal, request.method, request.url.href));
      signal.addEventListener('abort', this.#onAbort, { once: true });
    }
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  awaits(what: 'pool' | 'connect'): void {
    if (this.#awaited === what) return;
    this.#await(what);
  }

  checkDeadline(nowMs: number): void {
    if (this.#isDone) return;
    const { exchange } = this.request.timeouts;
    if (nowMs - this.#sentAtMs >= exchange) {
      return this.fail(exchangeTimedOut(this.request, exchange, this.#receivedBytes));
    }
    const awaited = this.#awaited;
    if (awaited === null) return;
    const limitMs = this.request.timeouts[awaited];
    if (nowMs - this.#sinceMs < limitMs) return;
    this.fail(this.#timedOut(awaited, limitMs));
  }

  /** Sends the request on a stream of its own; `onClosed` says that the stream counts no longer. */
  carry(carrier: ExchangeCarrier, onClosed: () => void): void {
    const { body } = this.request;
    const hasBody = body !== null && body.length !== 0;
    let stream: ClientHttp2Stream;
    this.#brokenOff = hasBody ? new AbortController() : null;
    this.#isHeard = false;
    this.#sentAtMs = this.#owner.clock.now();
    this.request.watch?.sent(this.#sentAtMs);
    try {
      stream = carrier.session.request(this.#fields, {
        endStream: !hasBody,
        ...(this.#brokenOff === null ? {} : { signal: this.#brokenOff.signal }),
      });
    } catch (error) {
      onClosed();
      this.fail(explainStream(error as Error, this.request, this.#state(0)));
      return;
    }
    this.#carrier = carrier;
    this.#stream = stream;
    this.#error = null;
    this.#follow(stream, onClosed);
    if (!hasBody) return this.#await('read');
    this.#upload = new Http2Upload(stream, this.request, body, () => this.#await('write'));
    stream.on('finish', () => this.#await('read'));
    if (this.#expectsContinue) this.#holdBody();
    else this.#sendBody();
  }

  /** Settles it with `error`, and gives up its stream if it has one. */
  fail(error: ClientError): void {
    if (this.#isDone) return;
    const stream = this.#stream;
    this.#finish();
    if (this.#response === null || this.#channel === null) this.#reject(error);
    else this.#channel.end(error);
    if (stream === null) this.#owner.leave(this);
    else this.#giveUp(stream);
  }

  #follow(stream: ClientHttp2Stream, onClosed: () => void): void {
    stream.on('continue', () => {
      this.#hear();
      this.#sendBody();
    });
    onFields(stream, 'headers', (status, raw) => {
      this.#hear();
      this.#interim.push({ status, headers: receivedFields(raw) });
      this.#await(this.#awaited);
    });
    onFields(stream, 'response', (status, raw) => this.#begin(status, raw));
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    onFields(stream, 'trailers', (_status, raw) => {
      if (this.#response !== null) this.#response.trailers = receivedFields(raw);
    });
    stream.on('end', () => this.#end());
    stream.on('error', (error) => (this.#error ??= error));
    stream.on('close', () => {
      onClosed();
      this.#closed(stream);
    });
  }

  #hear(): void {
    if (this.#isHeard) return;
    this.#isHeard = true;
    this.request.watch?.firstByte(this.#owner.clock.now());
  }

  #begin(status: number, raw: readonly string[]): void {
    if (this.#isDone) return;
    this.#hear();
    const response = new Http2Response(status, receivedFields(raw), this.#interim);
    this.#response = response;
    this.#receivedBytes = 1;
    this.#await('read');
    const length = /^\d+$/.exec(response.headers.get('content-length') ?? '');
    try {
      const isBodiless = this.request.method === 'HEAD' || status === 204 || status === 304;
      this.#body.begin(isBodiless ? 0 : length === null ? -1 : Number(length[0]), this.request);
    } catch (error) {
      return this.fail(error as ClientError);
    }
    if (!this.request.isStreaming) return;
    this.#channel = new BodyChannel({
      pause: () => {
        this.#awaited = null;
        this.#stream?.pause();
      },
      resume: () => {
        this.#await('read');
        this.#stream?.resume();
      },
      cancel: () => this.#abandon(),
    });
    response.body = this.#channel;
    this.#resolve(response);
  }

  #take(chunk: Buffer): void {
    if (this.#isDone) return;
    this.#receivedBytes += chunk.length;
    this.request.watch?.bytesReceived(chunk.length, this.#owner.clock.now());
    if (this.#awaited === 'read') this.#await('read');
    try {
      if (this.#channel === null) this.#body.add(chunk, 0, chunk.length);
      else this.#body.count(chunk.length);
    } catch (error) {
      return this.fail(error as ClientError);
    }
    this.#channel?.push(chunk);
  }

  #end(): void {
    const response = this.#response;
    const stream = this.#stream;
    if (this.#isDone || response === null || stream === null) return;
    // Reset in the middle of its body: Node ends the stream too, before it closes it.
    if (stream.aborted || stream.rstCode !== constants.NGHTTP2_NO_ERROR) return;
    this.#finish();
    // An answer that did not need the whole request (RFC 9113 §8.1).
    if (!stream.writableEnded) this.#giveUp(stream);
    if (this.#channel !== null) return this.#channel.end();
    response.body = this.#body.take();
    this.#resolve(response);
  }

  #closed(stream: ClientHttp2Stream): void {
    if (this.#isDone || stream !== this.#stream) return;
    const carrier = this.#carrier!;
    const isSessionGone = carrier.session.destroyed || carrier.session.closed;
    // So does Node close streams whose session is lost; a server that means it leaves the session.
    const isCancelled = stream.rstCode === constants.NGHTTP2_CANCEL;
    const code = isCancelled && isSessionGone ? 0 : (stream.rstCode ?? 0);
    if (this.#mayGoAgain(stream, code)) {
      this.#resends += 1;
      this.#sentAtMs = Infinity;
      this.#stream = null;
      this.#upload = null;
      this.#hasBodyBegun = false;
      this.#interim = [];
      this.#await('connect');
      this.#owner.resend(this);
      return;
    }
    const error = carrier.error ?? this.#error;
    this.fail(explainStream(error, this.request, this.#state(code)));
  }

  /** Not processed, as the server says, or lost on a session that had gone stale (RFC 9113 §8.7, RFC 9112 §9.3.1). */
  #mayGoAgain(stream: ClientHttp2Stream, code: number): boolean {
    const { body, method } = this.request;
    const { lastStreamId, isReused } = this.#carrier!;
    const isBodyReplayable = body === null || !this.#hasBodyBegun || body.isReplayable;
    if (!this.#owner.mayResend || this.#resends > 0 || this.#receivedBytes > 0 || !isBodyReplayable)
      return false;
    const isUnprocessed =
      code === constants.NGHTTP2_REFUSED_STREAM ||
      stream.id === undefined ||
      (lastStreamId !== null && stream.id > lastStreamId);
    if (isUnprocessed) return true;
    const isLost = this.#carrier!.session.destroyed && code !== constants.NGHTTP2_PROTOCOL_ERROR;
    return (
      isLost &&
      mayResend({
        isReusedConnection: isReused,
        method,
        responseBytes: 0,
        isBodyReplayable,
        resends: 0,
      })
    );
  }

  #holdBody(): void {
    this.#await('write');
    this.#continueTimer = this.#owner.clock.setTimer(CONTINUE_WAIT_MS, () => this.#sendBody());
  }

  #sendBody(): void {
    this.#stopContinueTimer();
    if (this.#hasBodyBegun || this.#upload === null || this.#isDone) return;
    if (this.#response !== null) return;
    this.#hasBodyBegun = true;
    this.#await('write');
    this.#upload.run().catch((error: unknown) => this.fail(bodySourceFailed(error, this.request)));
  }

  #stopContinueTimer(): void {
    if (this.#continueTimer !== null) this.#owner.clock.clearTimer(this.#continueTimer);
    this.#continueTimer = null;
  }

  #abandon(): void {
    const stream = this.#stream;
    this.#finish();
    if (stream !== null) this.#giveUp(stream);
  }

  /**
   * Resets the stream with CANCEL. `close` would first end a body that is half sent, and the server would take it for a
   * whole one.
   */
  #giveUp(stream: ClientHttp2Stream): void {
    if (stream.writableEnded) stream.close(constants.NGHTTP2_CANCEL);
    else this.#brokenOff?.abort();
  }

  #finish(): void {
    this.#isDone = true;
    this.#awaited = null;
    this.#stopContinueTimer();
    this.#upload?.cancel();
    if (this.#onAbort !== null) this.request.signal!.removeEventListener('abort', this.#onAbort);
  }

  #await(what: Awaited): void {
    if (this.#isDone) return;
    this.#awaited = what;
    this.#sinceMs = this.#owner.clock.now();
  }

  #state(code: number): { code: number; responseBytes: number; isSent: boolean } {
    const isSent = this.#stream?.writableFinished ?? false;
    return { code, responseBytes: this.#receivedBytes, isSent };
  }

  #timedOut(awaited: Exclude<Awaited, null>, limitMs: number): ClientError {
    switch (awaited) {
      case 'pool':
        return poolTimedOut(this.request, limitMs);
      case 'connect':
        return connectTimedOut(this.request, limitMs);
      case 'write':
        return writeTimedOut(this.request, limitMs);
      case 'read':
        return readTimedOut(this.request, limitMs, this.#receivedBytes);
    }
  }
}

/** Fields as they came, in turn names and values; the types of Node leave this third argument out. */
function onFields(
  stream: ClientHttp2Stream,
  event: 'response' | 'headers' | 'trailers',
  listener: (status: number, raw: readonly string[]) => void,
): void {
  (stream as EventEmitter).on(
    event,
    (headers: IncomingHttpStatusHeader, _flags: number, raw: readonly string[]) =>
      listener(headers[':status'] ?? 0, raw),
  );
}
