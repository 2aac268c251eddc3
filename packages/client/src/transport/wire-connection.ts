// Hot: `begin`, `onBytes` and `#finish` run once per exchange and allocate nothing of their own for small bodies.
// Invariants: one exchange at a time; after a broken rule, a time-out or an early end the connection is dropped and never
// used again. Guarded by bench/src/client-cpu.ts.
import type { Connector, Link, LinkHandler, OpenTimings, TimerHandle } from '@needletail/wire';
import type { ClientError } from '../errors.ts';
import type { AnswerTurn, TurnWriter } from './answer-turn.ts';
import type { ConnectionOwner, OpeningListener } from './connection-owner.ts';
import type { Exchange } from './exchange.ts';
import type { ExchangeWatch } from './exchange-watch.ts';
import { closedEarly, explainLoss, explainProtocol, type ResponseState } from './explain.ts';
import { ResponseReader, type ResponseListener } from './response-reader.ts';
import { joinSmallBody } from './small-body.ts';
import { exchangeTimedOut, readTimedOut, writeTimedOut } from './timeout-errors.ts';
import { Upload } from './upload.ts';

/** What is left of a body that nobody wants is read when it is this little and soon here, so that the connection can be kept. */
const DRAIN_BYTES = 16_384;
const DRAIN_MS = 500;
const SWITCHING_PROTOCOLS = 101;
const EXPECTATION_FAILED = 417;

/** HTTP/1.1 on one link. */
export class WireConnection implements LinkHandler, ResponseListener, TurnWriter {
  /** Kept by the pool: the turn in which it was put aside, until when it may rest, and whether it does. */
  idleSinceTurn = 0;
  idleUntilMs: number = Infinity;
  isSettled = false;
  readonly #owner: ConnectionOwner;
  readonly #link: Link;
  readonly #reader: ResponseReader;
  readonly #answerTurn: AnswerTurn | null;
  #listener: OpeningListener | null;
  #exchange: Exchange | null = null;
  #upload: Upload | null = null;
  #watch: ExchangeWatch | null = null;
  #hasServed = false;
  #isReused = false;
  #isAnswered = false;
  #isUnheld = false;
  /** Its request is written when the turn is over. */
  #isUnsent = false;
  #isPaused = false;
  #isOpen = false;
  #isGone = false;
  /** Something came or went since the last look at the clock. */
  #hasMoved = false;
  #stillSinceMs = 0;
  /** When the head was sent, where anybody wants to know. */
  #sentAtMs = 0;
  #drainTimer: TimerHandle = null;

  constructor(owner: ConnectionOwner, connector: Connector, listener: OpeningListener) {
    this.#owner = owner;
    this.#listener = listener;
    this.#answerTurn = owner.answerTurn;
    this.#reader = new ResponseReader(owner.responseLimits, this, owner.sharedHeads);
    this.#link = connector.connect(this);
  }

  /** What the last response said about how long the server keeps an idle connection. */
  get keepAliveHintMs(): number {
    return this.#reader.keepAliveHintMs;
  }

  /** Nobody needs it for now: unless it `holdsProcess`, it keeps none alive until it is used again. */
  settle(idleUntilMs: number, holdsProcess: boolean): void {
    this.isSettled = true;
    this.idleUntilMs = idleUntilMs;
    if (holdsProcess) return;
    this.#isUnheld = true;
    this.#link.unref();
  }

  begin(exchange: Exchange): void {
    this.isSettled = false;
    if (this.#isUnheld) {
      this.#isUnheld = false;
      this.#link.ref();
    }
    this.#isReused = this.#hasServed;
    this.#hasServed = true;
    this.#exchange = exchange;
    exchange.connection = this;
    this.#hasMoved = true;
    this.#isAnswered = false;
    this.#reader.begin(exchange.request);
    this.#watch = exchange.request.watch;
    if (this.#answerTurn?.isOpen !== true) return this.#send(exchange);
    this.#isUnsent = true;
    this.#answerTurn.add(this);
  }

  // ── from the turn ──

  writeOut(): void {
    if (!this.#isUnsent) return;
    this.#isUnsent = false;
    this.#send(this.#exchange!);
  }

  // ── from the pool ──

  /** Closes it at once; whoever was on it has been told. */
  drop(): void {
    if (this.#isGone) return;
    this.#leave();
    this.#owner.lost(this);
  }

  /** As `drop`, for its owner, who knows. */
  abandon(): void {
    if (!this.#isGone) this.#leave();
  }

  /** Ends it with what is on it. */
  close(errorFor: (exchange: Exchange) => ClientError): void {
    const exchange = this.#exchange;
    this.abandon();
    if (exchange !== null) exchange.fail(errorFor(exchange));
  }

  fail(error: ClientError): void {
    const exchange = this.#exchange;
    this.drop();
    exchange?.fail(error);
  }

  /** To be called every now and then while it is busy: fails the exchange when nothing has moved for too long. */
  checkDeadline(nowMs: number): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    const { request } = exchange;
    if (nowMs - this.#sentAtMs >= request.timeouts.exchange) {
      return this.fail(exchangeTimedOut(request, request.timeouts.exchange, this.#answeredBytes));
    }
    const upload = this.#upload;
    const isSending = upload !== null && !upload.isOver;
    // A slow source, a wait for 100 Continue and a slow reader are no fault of the server's.
    const isOurTurn = (isSending && !upload.isBlocked) || this.#isPaused;
    if (this.#hasMoved || isOurTurn) {
      this.#hasMoved = false;
      this.#stillSinceMs = nowMs;
      return;
    }
    const limitMs = isSending ? request.timeouts.write : request.timeouts.read;
    if (nowMs - this.#stillSinceMs < limitMs) return;
    this.fail(
      isSending
        ? writeTimedOut(request, limitMs)
        : readTimedOut(request, limitMs, this.#answeredBytes),
    );
  }

  // ── from the link ──

  onOpen({ connectMs, tlsMs }: OpenTimings): void {
    const listener = this.#listener;
    this.#listener = null;
    if (this.#isGone) return;
    this.#isOpen = true;
    this.#owner.connectionWatch?.opened(connectMs, tlsMs);
    listener?.opened(this);
  }

  onBytes(buffer: Buffer, end: number): void {
    if (this.#isGone) return;
    const exchange = this.#exchange;
    // Bytes that nobody asked for must never pass for the answer to the next request (RFC 9112 §6.3, CVE-2026-48931).
    if (exchange === null) return this.drop();
    this.#hasMoved = true;
    const reader = this.#reader;
    if (this.#watch !== null) this.#report(this.#watch, end);
    try {
      reader.feed(buffer, end);
    } catch (error) {
      return this.#refuse(exchange, error);
    }
    if (reader.isComplete) this.#finish(exchange, reader.keepAlive);
    else if (reader.channel !== null && !this.#isAnswered) this.#answer(exchange);
  }

  onDrain(): void {
    this.#hasMoved = true;
    this.#upload?.drained();
  }

  onEnd(): void {
    if (this.#isGone) return;
    const exchange = this.#exchange;
    if (exchange === null) return this.drop();
    const reader = this.#reader;
    try {
      reader.finish();
    } catch (error) {
      return this.fail(closedEarly(exchange.request, this.#progress(), error));
    }
    if (reader.isComplete) this.#finish(exchange, false);
    else if (!this.#resend(exchange)) {
      this.fail(closedEarly(exchange.request, this.#progress()));
    }
  }

  onClose(error: Error | null): void {
    const listener = this.#listener;
    this.#listener = null;
    if (this.#isGone) return;
    if (listener !== null) {
      this.#isGone = true;
      listener.failed(error);
      return;
    }
    const exchange = this.#exchange;
    if (exchange === null) return this.drop();
    if (this.#resend(exchange)) return;
    const isSent = this.#upload === null || this.#upload.isDone;
    this.fail(explainLoss(error, exchange.request, { isSent, ...this.#progress() }));
  }

  // ── from the response ──

  onContinue(): void {
    this.#upload?.proceed();
  }

  onFinalHead(status: number): void {
    const upload = this.#upload;
    // RFC 9112 §9.5: who is refused stops sending. With a 2xx the server may well answer while it reads.
    if (upload !== null && (upload.isHeld || status >= 300)) upload.cancel();
  }

  pause(): void {
    this.#isPaused = true;
    this.#link.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#hasMoved = true;
    this.#link.resume();
  }

  /** The reader of the body has had enough. */
  cancel(): void {
    const exchange = this.#exchange;
    if (exchange === null || this.#isGone) return;
    exchange.abandon();
    const isUploading = this.#upload !== null && !this.#upload.isDone;
    if (isUploading || this.#reader.remainingBodyBytes > DRAIN_BYTES) return this.drop();
    this.#reader.discard();
    this.resume();
    const { clock } = this.#owner;
    this.#drainTimer = clock.setTimer(DRAIN_MS, () => this.drop());
    clock.unrefTimer?.(this.#drainTimer);
  }

  // ── private ──

  /** Bytes of the response from the end of its head on, or from any place after it. */
  get #answeredBytes(): number {
    return this.#reader.response === null ? 0 : this.#reader.receivedBytes;
  }

  #report(watch: ExchangeWatch, sizeBytes: number): void {
    const nowMs = this.#owner.clock.now();
    if (this.#reader.receivedBytes === 0) watch.firstByte(nowMs);
    watch.bytesReceived(sizeBytes, nowMs);
  }

  #send(exchange: Exchange): void {
    const { request, expectsContinue, head } = exchange;
    const { body, watch, timeouts } = request;
    if (watch !== null || timeouts.exchange !== Infinity) this.#sentAtMs = this.#owner.clock.now();
    watch?.sent(this.#sentAtMs);
    if (body === null) {
      watch?.bytesSent(head.length);
      this.#link.write(head);
      return;
    }
    const isPlain = !expectsContinue && request.onUploadProgress === null;
    const joined = isPlain ? joinSmallBody(head, body) : null;
    if (joined !== null) {
      watch?.bytesSent(joined.length);
      this.#link.write(joined);
      return;
    }
    this.#upload = new Upload({
      link: this.#link,
      clock: this.#owner.clock,
      request,
      body,
      head,
      expectsContinue,
      onDone: () => (this.#hasMoved = true),
      onFailed: (error) => this.fail(error),
    });
    this.#upload.start();
  }

  #answer(exchange: Exchange): void {
    this.#isAnswered = true;
    exchange.answer(this.#reader.response!, this.#reader.channel!);
  }

  #finish(exchange: Exchange, keepAlive: boolean): void {
    const upload = this.#upload;
    const response = this.#reader.response!;
    if (response.status === EXPECTATION_FAILED && this.#retryUnexpecting(exchange)) return;
    this.#exchange = null;
    this.#watch = null;
    this.#upload = null;
    exchange.connection = null;
    this.#stopDraining();
    const isSent = upload === null || upload.isDone;
    if (!isSent) upload.cancel();
    if (keepAlive && isSent && this.#owner.keepsConnections) {
      // A reader that lags behind holds the link back; what it has yet to read is all here.
      this.resume();
      this.#owner.released(this);
    } else this.drop();
    const { channel } = this.#reader;
    if (channel === null && this.#answerTurn !== null) this.#answerTurn.hand(exchange, response);
    else exchange.complete(response, channel);
  }

  /** RFC 9110 §10.1.1; the body never left, so the server may be waiting for it: another connection serves. */
  #retryUnexpecting(exchange: Exchange): boolean {
    if (
      !this.#owner.mayResend ||
      !exchange.expectsContinue ||
      this.#upload?.hasBegun !== false ||
      exchange.isDone
    ) {
      return false;
    }
    exchange.dropExpectation();
    this.#leave();
    this.#owner.redo(this, exchange);
    return true;
  }

  /** A kept connection may turn out to be closed (RFC 9112 §9.3.1); that happens once to a request at most. */
  #resend(exchange: Exchange): boolean {
    if (!this.#isReused || this.#reader.receivedBytes > 0) return false;
    if (!this.#owner.mayResend || !exchange.mayBeResent || exchange.isDone) return false;
    exchange.resends += 1;
    this.#leave();
    this.#owner.redo(this, exchange);
    return true;
  }

  #progress(): ResponseState {
    const { response, receivedBytes } = this.#reader;
    return { hasHead: response !== null, responseBytes: receivedBytes };
  }

  #refuse(exchange: Exchange, error: unknown): void {
    // Bytes after a complete response: that one stands, the connection does not.
    if (this.#reader.isComplete) return this.#finish(exchange, false);
    const { response } = this.#reader;
    const phase = response === null || response.status === SWITCHING_PROTOCOLS ? 'head' : 'body';
    this.fail(explainProtocol(error, exchange.request, phase));
  }

  #stopDraining(): void {
    if (this.#drainTimer === null) return;
    this.#owner.clock.clearTimer(this.#drainTimer);
    this.#drainTimer = null;
  }

  #leave(): void {
    this.#isGone = true;
    this.#isUnsent = false;
    this.#stopDraining();
    this.#upload?.cancel();
    this.#upload = null;
    if (this.#exchange !== null) this.#exchange.connection = null;
    this.#exchange = null;
    this.#watch = null;
    this.#link.destroy();
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#owner.connectionWatch?.closed();
  }
}
