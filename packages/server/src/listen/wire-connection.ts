// Hot: `onBytes`, `onHead`, `onMessageEnd` and `answered` run once per request and allocate nothing but the exchange.
// The caller lends its read buffer for the call; what must wait is copied to `#gate`.
// Guarded by bench/src/server-cpu.ts and by the one-write cases of listen-on-wire.test.ts.
import {
  CONTINUE_HEAD,
  ProtocolError,
  type Link,
  type LinkHandler,
  type RequestHead,
} from '@needletail/wire';
import { ClientGoneError, RequestRefusedError, TakeOverError } from '../errors.ts';
import { BodyPace } from './body-pace.ts';
import type { DecoderLane, LaneOwner } from './decoder-lane.ts';
import type { Failure } from './exchange.ts';
import { LinkWriter } from './link-writer.ts';
import { overdueOf } from './overdue.ts';
import { ReadGate } from './read-gate.ts';
import { lastAnswer, ruleOf } from './refusal.ts';
import { WireExchange, type ExchangeOutput } from './wire-exchange.ts';
import type { WireServer } from './wire-server.ts';

/**
 * One connection: feeds the decoder, keeps answers in order, joins those of one read into one write, and knows when to
 * stop. One exchange at a time: while its answer is not complete, what arrives is held (64 KiB, then reading stops).
 *
 *   idle ─bytes─▶ head ─▶ body ─▶ answer ─▶ idle          closing ─▶ lingering ─▶ gone
 *                  └───────┴────────┴── refused, last answer, end of the client ──▲
 */
export class WireConnection implements LinkHandler, LaneOwner, ExchangeOutput {
  readonly remoteAddress: string;
  readonly #link: Link;
  readonly #server: WireServer;
  readonly #writer: LinkWriter;
  readonly #gate: ReadGate;
  #lane: DecoderLane | null = null;
  #exchange: WireExchange | null = null;
  /** Who has the connection after a switch of protocols. */
  #successor: LinkHandler | null = null;
  /** Of the body that is coming in, if there is one. */
  #pace: BodyPace | null = null;
  /** Inside `feed`: what is written waits for its end. */
  #isFeeding = false;
  /** The head of the exchange is there, the end of its body is not. */
  #inBody = false;
  /** The exchange waits, until the end of this read at most, for a body that may be in it. */
  #isUnrun = false;
  #peerEnded = false;
  /** No further request is taken. */
  #isClosing = false;
  /** Our half is closed; what arrives is thrown away. */
  #isLingering = false;
  #wasUsed = false;
  #wantsContinue = false;
  /** No answer will come, on purpose. */
  #hangs = false;
  /** Since when the connection is in the state it is in, on the coarse clock. */
  #sinceMs: number;

  constructor(link: Link, server: WireServer, remoteAddress: string) {
    this.#link = link;
    this.#writer = new LinkWriter(link);
    this.#gate = new ReadGate(link, server.limits);
    this.#server = server;
    this.remoteAddress = remoteAddress;
    this.#sinceMs = server.nowMs;
  }

  get mayPersist(): boolean {
    const isLast = this.#peerEnded && this.#gate.keptBytes === 0;
    return !isLast && !this.#server.isDraining;
  }

  onOpen(): void {
    if (this.#server.refuses(this)) this.#refuse(503, 'too many connections');
  }

  onBytes(buffer: Buffer, end: number): void {
    if (this.#successor !== null) return this.#successor.onBytes(buffer, end);
    if (this.#isClosing) return this.#gate.wastes(end) ? this.#link.destroy() : undefined;
    if (this.#mustWait) this.#gate.keep(buffer, 0, end);
    else this.#consume(buffer, end);
  }

  onDrain(): void {
    this.#writer.drained();
    if (this.#successor !== null) return this.#successor.onDrain();
    if (this.#exchange === null) this.#sinceMs = this.#server.nowMs;
    else this.#exchange.drained();
    this.#advance();
  }

  onEnd(): void {
    this.#peerEnded = true;
    if (this.#successor !== null) return this.#successor.onEnd();
    if (!this.#isLingering) this.#afterPeerEnd();
  }

  onClose(error: Error | null): void {
    this.#isClosing = true;
    this.#isLingering = true;
    this.#writer.drop();
    this.#gate.drop();
    this.#releaseLane();
    const exchange = this.#exchange;
    this.#exchange = null;
    exchange?.gone(new ClientGoneError(exchange.where, error ?? undefined));
    this.#server.forget(this);
    this.#successor?.onClose(error);
  }

  onHead(head: RequestHead): void {
    this.#sinceMs = this.#server.nowMs;
    this.#wasUsed = true;
    if (head.expectUnknown) return this.#refuseHead(417, 'unknown expectation');
    // Bytes after a refused CONNECT could be meant for the tunnel: the connection ends (RFC 9110 §9.3.6).
    if (head.method === 'CONNECT') return this.#refuseHead(501, 'no tunnels here');
    const exchange = new WireExchange(this, this.#server, head);
    this.#exchange = exchange;
    this.#inBody = true;
    if (exchange.receivedBody !== null) this.#gate.forgiveWaste();
    // A body that comes in the read of its head is there before the handler runs, which then need not wait for it.
    this.#isUnrun = head.contentLength > 0 && !head.expectContinue;
    if (this.#isUnrun) exchange.keepHead();
    else this.#server.run(exchange, this, head.upgrade);
  }

  onBody(buffer: Buffer, start: number, end: number): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    const body = exchange.receivedBody!;
    if (this.#isUnrun && end - start < body.length!) this.#run(exchange);
    this.#pace?.add(end - start, this.#server.nowMs);
    body.add(buffer, start, end);
    if (!exchange.isAnswered || exchange.isStreaming || body.isWanted) return;
    if (this.#gate.wastes(end - start)) this.#isClosing = true;
  }

  onMessageEnd(): void {
    const exchange = this.#exchange;
    this.#inBody = false;
    if (exchange === null) return;
    exchange.receivedBody?.end();
    if (this.#isUnrun) this.#run(exchange);
    else if (exchange.isAnswered && !exchange.isStreaming) this.#complete(exchange);
  }

  append(text: string): void {
    this.#writer.append(text);
  }

  writeNow(pieces: readonly (string | Uint8Array)[]): boolean {
    return this.#writer.write(pieces, this.#server.nowMs);
  }

  flushSoon(): void {
    if (!this.#isFeeding) this.#flush();
  }

  answered(exchange: WireExchange): void {
    if (this.#exchange !== exchange) return;
    if (this.#inBody) {
      this.#sinceMs = this.#server.nowMs;
      if (exchange.receivedBody?.isWanted === false) exchange.receivedBody.ignore();
      if (this.#isFeeding) return;
      this.#flush();
      if (!exchange.persists) this.#close();
      return;
    }
    this.#complete(exchange);
    if (this.#isFeeding) return;
    this.#flush();
    if (this.#isClosing) this.#close();
    else this.#advance();
  }

  broken(error: unknown): void {
    this.#server.report(error, this.#exchange);
    this.#exchange?.noteReported(error);
    // A body that ends early is told from a complete one by the reset, or by its framing (RFC 9112 §8).
    this.#link.destroy(error instanceof Error ? error : new Error('The body of an answer failed.'));
  }

  breakOff(how: Failure, latin1: string): void {
    this.append(latin1);
    if (how === 'hang') this.#hangs = true;
    else if (how === 'reset') {
      this.#flush();
      this.#link.destroy(new Error('The handler broke the connection off.'));
    } else if (this.#isFeeding) this.#isClosing = true;
    else this.#close();
  }

  bodyWanted(): void {
    this.#pace ??= new BodyPace();
    this.#pace.start(this.#server.nowMs);
    if (this.#isFeeding) this.#wantsContinue = true;
    else this.#meetExpectation();
  }

  holdBody(): void {
    this.#gate.pause();
  }

  releaseBody(): void {
    this.#pace?.start(this.#server.nowMs);
    this.#gate.resume();
  }

  /** Ends with the answer that is under way, or now. */
  drain(): void {
    const isBusy = this.#exchange !== null || this.#lane !== null || this.#successor !== null;
    if (!isBusy && !this.#isLingering) this.#close();
  }

  /** Gives the connection to another protocol, with the bytes that came after the head of `exchange`. */
  takeOver(exchange: WireExchange, accept: (link: Link) => LinkHandler): void {
    if (this.#exchange !== exchange || exchange.isAnswered || this.#isClosing) {
      throw new TakeOverError(exchange.where);
    }
    this.#flush();
    const successor = accept(this.#link);
    exchange.handOver();
    this.#exchange = null;
    this.#successor = successor;
    if (this.#isFeeding) return;
    const kept = this.#gate.take();
    this.#gate.resume();
    if (kept.length > 0) successor.onBytes(kept, kept.length);
    if (this.#peerEnded) successor.onEnd();
  }

  /** Called twice a second. */
  checkTime(nowMs: number): void {
    if (this.#successor !== null) return;
    const { writeStallMs, drainMs } = this.#server.timeouts;
    if (this.#writer.isStalled(nowMs, writeStallMs)) return this.#link.destroy();
    const ageMs = nowMs - this.#sinceMs;
    if (this.#peerEnded) this.#exchange?.probe();
    if (this.#isLingering) {
      if (!this.#writer.isBlocked && ageMs >= drainMs) this.#link.destroy();
    } else this.#meetDeadline(ageMs);
  }

  get #mustWait(): boolean {
    if (this.#exchange !== null) return !this.#inBody;
    return this.#writer.isBlocked || this.#isClosing;
  }

  #consume(buffer: Buffer, end: number): void {
    const { unsentBytes } = this.#server.limits;
    const wasBetween = this.#lane === null;
    const lane = (this.#lane ??= this.#server.takeLane(this));
    let at = 0;
    this.#isFeeding = true;
    try {
      do {
        at += lane.feed(buffer, at, end);
        if (this.#writer.unwrittenBytes >= unsentBytes) this.#flush();
      } while (at < end && !this.#mustWait && this.#successor === null && !this.#isClosing);
    } catch (error) {
      this.#isFeeding = false;
      if (!(error instanceof ProtocolError)) throw error;
      return this.#refuse(error.status, ruleOf(error), error);
    }
    if (this.#isUnrun) this.#run(this.#exchange!);
    this.#isFeeding = false;
    if (lane.isBetween) this.#releaseLane();
    else if (this.#exchange === null && wasBetween) this.#sinceMs = this.#server.nowMs;
    this.#afterFeed(buffer, at, end);
  }

  #run(exchange: WireExchange): void {
    this.#isUnrun = false;
    this.#server.run(exchange, this, false);
  }

  #afterFeed(buffer: Buffer, at: number, end: number): void {
    if (this.#wantsContinue) this.#meetExpectation();
    this.#flush();
    if (this.#successor !== null) {
      const rest = buffer.subarray(at, end);
      this.#releaseLane();
      if (rest.length > 0) this.#successor.onBytes(rest, rest.length);
      return;
    }
    const exchange = this.#exchange;
    const isLast =
      exchange !== null && this.#inBody && exchange.isAnswered && !exchange.isStreaming;
    if (this.#isClosing || (isLast && !exchange.persists)) return this.#close();
    if (at < end) this.#gate.keep(buffer, at, end);
  }

  /** Answer and body are at their end. */
  #complete(exchange: WireExchange): void {
    this.#exchange = null;
    this.#pace = null;
    this.#sinceMs = this.#server.nowMs;
    if (!exchange.persists || this.#server.closesIdle) this.#isClosing = true;
  }

  /** Goes on with what was held, if nothing keeps it from doing so. */
  #advance(): void {
    if (this.#mustWait) return;
    const kept = this.#gate.take();
    if (this.#exchange?.receivedBody?.isHeld !== true) this.#gate.resume();
    if (kept.length > 0) this.#consume(kept, kept.length);
    if (this.#peerEnded && !this.#isLingering) this.#afterPeerEnd();
  }

  /** A client that has sent its last byte still gets the answers to what it asked (RFC 9112 §9.6). */
  #afterPeerEnd(): void {
    if (this.#hangs) return this.#close();
    if (this.#exchange !== null && !this.#inBody) return this.#exchange.peerEnded();
    if (this.#gate.keptBytes > 0) return;
    try {
      this.#lane?.finish();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.#refuse(error.status, ruleOf(error), error);
    }
    this.#close();
  }

  #meetExpectation(): void {
    this.#wantsContinue = false;
    if (this.#exchange === null || !this.#inBody || !this.#exchange.takeContinue()) return;
    this.append(CONTINUE_HEAD);
    this.flushSoon();
  }

  #flush(): void {
    this.#writer.flush(this.#server.nowMs);
  }

  #releaseLane(): void {
    if (this.#lane !== null) this.#server.giveLane(this.#lane);
    this.#lane = null;
  }

  #refuseHead(status: number, reason: string): void {
    this.#server.noteRefusal(status, this.remoteAddress);
    this.append(lastAnswer(this.#server.heads.opening(status), status, reason));
    this.#isClosing = true;
  }

  /** Says no to what cannot be read any further, if its answer has not begun, and closes. */
  #refuse(status: number, reason: string, cause?: Error): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    if (exchange !== null) {
      const wasStreaming = exchange.isStreaming;
      const wasAnswered = exchange.isAnswered;
      exchange.gone(new RequestRefusedError(status, reason, exchange.where, cause));
      // A second answer would be taken for that of the next request.
      if (wasStreaming) return this.#link.destroy();
      if (wasAnswered) return this.#close();
    }
    this.#refuseHead(status, reason);
    this.#close();
  }

  /** Closes the sending half and reads on a while: a reset for unread bytes would take the answer with it (RFC 9112 §9.6). */
  #close(): void {
    this.#isClosing = true;
    if (this.#isLingering) return;
    this.#isLingering = true;
    this.#sinceMs = this.#server.nowMs;
    this.#gate.forgiveWaste();
    this.#gate.drop();
    const exchange = this.#exchange;
    this.#exchange = null;
    exchange?.gone(new ClientGoneError(exchange.where));
    this.#releaseLane();
    this.#gate.resume();
    this.#writer.end(this.#server.nowMs);
  }

  #meetDeadline(ageMs: number): void {
    const exchange = this.#exchange;
    const state = {
      exchange,
      inBody: this.#inBody,
      pace: this.#pace,
      isInHead: this.#lane !== null,
      wasUsed: this.#wasUsed,
      isBlocked: this.#writer.isBlocked,
      ageMs,
    };
    const overdue = overdueOf(state, this.#server);
    if (overdue === null) return;
    if (overdue === 'close') return this.#close();
    const { status, reason, isOurs } = overdue;
    if (isOurs)
      this.#server.report(new RequestRefusedError(status, reason, exchange!.where), exchange);
    this.#refuse(status, reason);
  }
}
