import {
  CONTINUE_HEAD,
  ProtocolError,
  RequestDecoder,
  type Clock,
  type Link,
  type LinkHandler,
  type TimerHandle,
} from '@needletail/wire';
import { DemoExchange, type ExchangeOutput } from './demo-exchange.ts';
import { DemoReply } from './demo-reply.ts';

/** What all connections of one target share; times are milliseconds. */
export interface DemoShared {
  readonly clock: Clock;
  readonly timeouts: DemoTimeouts;
  /** The clock as of the last tick: precise enough for timeouts of seconds, and free to read. */
  readonly coarseNowMs: number;
  readonly date: string;
  readonly isDraining: boolean;
  random(): number;
  countReply(status: number): void;
  countRequest(): void;
  forget(connection: DemoConnection): void;
}

export interface DemoTimeouts {
  /** From the first byte of a head to its last: absolute, so that a drip does not extend it. */
  readonly headMs: number;
  /** Between two pieces of a body. */
  readonly bodyIdleMs: number;
  /** Between two requests. */
  readonly keepAliveMs: number;
  /** For a client that does not read what it asked for. */
  readonly writeStallMs: number;
}

type Waiting = 'idle' | 'head' | 'body' | 'answer' | 'drain' | 'linger';

const MOST_HELD_BYTES = 65_536;
const MOST_UNWRITTEN_CHARACTERS = 262_144;
const LINGER_MS = 1_000;
const ANSWER_MS = 300_000;
const HTTP_1_1 = { method: 'GET', minorVersion: 1 } as const;
const NOTHING_HELD = Buffer.alloc(0);
const TIMED_OUT = new DemoReply(408, 'the request took too long\n');

/**
 * One connection: feeds the decoder, keeps answers in order, joins those of one read into one write, and knows when to
 * stop. While an answer is not complete, what arrives is held (64 KiB, then the link is paused).
 */
export class DemoConnection implements LinkHandler, ExchangeOutput {
  readonly clock: Clock;
  readonly #link: Link;
  readonly #shared: DemoShared;
  readonly #exchange: DemoExchange;
  readonly #decoder: RequestDecoder;
  #unwritten = '';
  #held: Buffer = NOTHING_HELD;
  #isFeeding = false;
  #isBlocked = false;
  #isPaused = false;
  #isClosing = false;
  #peerEnded = false;
  #waiting: Waiting = 'idle';
  #deadlineMs: number;
  #lingerTimer: TimerHandle;

  constructor(link: Link, shared: DemoShared) {
    this.clock = shared.clock;
    this.#link = link;
    this.#shared = shared;
    this.#exchange = new DemoExchange(this);
    this.#decoder = new RequestDecoder(this.#exchange);
    this.#deadlineMs = shared.coarseNowMs + shared.timeouts.keepAliveMs;
  }

  get date(): string {
    return this.#shared.date;
  }

  get isDraining(): boolean {
    return this.#shared.isDraining;
  }

  onOpen(): void {
    // The client speaks first.
  }

  onBytes(buffer: Buffer, end: number): void {
    if (this.#isClosing) return;
    if (this.#isWaiting) this.#hold(buffer, 0, end);
    else this.#consume(buffer, end);
  }

  onDrain(): void {
    this.#isBlocked = false;
    this.#exchange.onDrain();
    this.#advance();
  }

  onEnd(): void {
    this.#peerEnded = true;
    if (this.#isClosing) return this.#link.end();
    // A client that has left a question hanging will not hear the answer to it.
    if (this.#decoder.midMessage) return this.#link.destroy();
    this.#exchange.onPeerEnd();
    if (!this.#isWaiting) this.#close();
  }

  onClose(): void {
    this.#isClosing = true;
    this.#exchange.cancel();
    this.clock.clearTimer(this.#lingerTimer);
    this.#shared.forget(this);
  }

  taken(): void {
    this.#shared.countRequest();
  }

  append(text: string): void {
    this.#unwritten += text;
  }

  write(bytes: Uint8Array): boolean {
    this.#flush();
    if (this.#link.write(bytes)) return true;
    this.#isBlocked = true;
    return false;
  }

  done(status: number, close: boolean): void {
    this.#shared.countReply(status);
    if (close) this.#isClosing = true;
    else this.#waiting = 'idle';
    if (this.#isFeeding) return;
    this.#flush();
    if (this.#isClosing) this.#close();
    else this.#advance();
  }

  abandon(how: 'reset' | 'end'): void {
    this.#isClosing = true;
    this.#flush();
    if (how === 'end') this.#close();
    else this.#link.destroy(new Error('Connection reset: the request asked for it (demo target).'));
  }

  random(): number {
    return this.#shared.random();
  }

  /** The target closes: at once between requests, else after the answer. */
  drain(): void {
    if (this.#isClosing || this.#exchange.isBusy || this.#decoder.midMessage) return;
    if (this.#held.length === 0) this.#close();
  }

  /** Called now and then; most calls only compare two numbers. */
  checkDeadline(nowMs: number): void {
    if (nowMs < this.#deadlineMs) return;
    if (this.#waiting === 'head' || this.#waiting === 'body') this.#refuse(TIMED_OUT);
    else if (this.#waiting === 'idle') this.#close();
    else this.#link.destroy();
  }

  get #isWaiting(): boolean {
    return this.#isBlocked || this.#isClosing || (this.#exchange.isBusy && !this.#exchange.inBody);
  }

  #consume(buffer: Buffer, end: number): void {
    let at = 0;
    this.#isFeeding = true;
    try {
      while (at < end && !this.#isWaiting && this.#unwritten.length < MOST_UNWRITTEN_CHARACTERS) {
        at += this.#decoder.feed(buffer, at, end);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#isFeeding = false;
      return this.#refuse(new DemoReply(error.status, `${printable(error.message)}\n`));
    }
    this.#isFeeding = false;
    if (this.#exchange.takeContinue()) this.#unwritten += CONTINUE_HEAD;
    this.#flush();
    if (this.#isClosing) return this.#close();
    if (at < end) this.#hold(buffer, at, end);
    this.#watch();
    if (at < end && !this.#isWaiting) this.#advance();
  }

  #flush(): void {
    if (this.#unwritten === '') return;
    const text = this.#unwritten;
    this.#unwritten = '';
    if (!this.#link.write(text)) this.#isBlocked = true;
  }

  #hold(buffer: Buffer, start: number, end: number): void {
    const piece = buffer.subarray(start, end);
    this.#held = Buffer.concat([this.#held, piece]);
    if (this.#held.length < MOST_HELD_BYTES || this.#isPaused) return;
    this.#isPaused = true;
    this.#link.pause();
  }

  /** Goes on with what was held, if nothing keeps it from doing so. */
  #advance(): void {
    if (this.#isWaiting) return this.#watch();
    const held = this.#held;
    this.#held = NOTHING_HELD;
    if (this.#isPaused) {
      this.#isPaused = false;
      this.#link.resume();
    }
    if (held.length > 0) this.#consume(held, held.length);
    else this.#watch();
    if (this.#peerEnded && !this.#isWaiting && this.#held.length === 0) this.#close();
  }

  /** Says no to a request that cannot be read any further, and closes. */
  #refuse(reply: DemoReply): void {
    this.#exchange.cancel();
    this.#shared.countReply(reply.status);
    this.#unwritten += reply.render(HTTP_1_1, false, this.#shared.date);
    this.#isClosing = true;
    this.#flush();
    this.#close();
  }

  /**
   * Closes the sending half and reads on for a second: a close with unread bytes would reset the connection, and take
   * the answer with it (RFC 9112 §9.6).
   */
  #close(): void {
    this.#isClosing = true;
    if (this.#waiting === 'linger') return;
    this.#waiting = 'linger';
    this.#deadlineMs = Infinity;
    this.#held = NOTHING_HELD;
    if (this.#isPaused) this.#link.resume();
    this.#link.end();
    this.#lingerTimer = this.clock.setTimer(
      this.#isBlocked ? this.#shared.timeouts.writeStallMs : LINGER_MS,
      () => this.#link.destroy(),
    );
  }

  #watch(): void {
    if (this.#isClosing) return;
    const waiting = this.#currentWait();
    // The time for a head runs from its first byte, whatever else of it has come since.
    if (waiting === 'head' && this.#waiting === 'head') return;
    this.#waiting = waiting;
    this.#deadlineMs = this.#shared.coarseNowMs + this.#patienceMs(waiting);
  }

  #currentWait(): Waiting {
    if (this.#isBlocked) return 'drain';
    if (this.#exchange.inBody) return 'body';
    if (this.#exchange.isBusy) return 'answer';
    return this.#decoder.midMessage ? 'head' : 'idle';
  }

  #patienceMs(waiting: Waiting): number {
    const { timeouts } = this.#shared;
    if (waiting === 'idle') return timeouts.keepAliveMs;
    if (waiting === 'head') return timeouts.headMs;
    if (waiting === 'body') return timeouts.bodyIdleMs;
    return waiting === 'drain' ? timeouts.writeStallMs : ANSWER_MS;
  }
}

/** The message may quote bytes of the request. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}
