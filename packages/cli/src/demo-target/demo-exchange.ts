import {
  encodeChunk,
  LAST_CHUNK,
  type AnsweredRequest,
  type Clock,
  type RequestHead,
  type RequestSink,
  type TimerHandle,
} from '@needletail/wire';
import { DemoReply, PLAIN_TEXT, renderHead } from './demo-reply.ts';
import {
  DONE_REPLY,
  findDemoAction,
  FLAKY_REPLY,
  refuseExpectation,
  type BrokenHow,
  type DemoAction,
} from './demo-routes.ts';

/** What an exchange may do to its connection. */
export interface ExchangeOutput {
  readonly clock: Clock;
  readonly date: string;
  /** True once the target is closing: each answer is then the last of its connection. */
  readonly isDraining: boolean;
  /** A request head was accepted. */
  taken(): void;
  /** Puts latin1 text behind what is to be written; it goes out at the end of this read, or in `done`. */
  append(text: string): void;
  /** Writes everything appended and then `bytes`, now; on false, `onDrain` of the exchange will be called. */
  write(bytes: Uint8Array): boolean;
  /** The answer is complete, with this status; after `close` the connection takes no more requests. */
  done(status: number, close: boolean): void;
  /** Leaves the connection as a failing server would: with a reset, or with an end. */
  abandon(how: 'reset' | 'end'): void;
  /** A number in [0, 1), the next of a seeded row. */
  random(): number;
}

const BLOCK: Buffer = Buffer.alloc(65_536, 'x');
/** Up to here a body is joined with its head to one latin1 string: one write, 58% cheaper than two for small ones. */
const JOINED_BYTES = 16_384;
const SLOW_PIECES = 10;
const SLOW_PIECE = 'ten bytes\n';
const SLOW_PIECE_MS = 100;
const CHUNKS = ['first chunk\n', 'second chunk\n', 'third chunk\n'];
const REFUSED_STATUS = 400;
const GARBAGE = '\u0000\u0001 this is not HTTP\r\n\r\n';

/** The request a connection is at: taken from the decoder, answered by its route. One object serves all in turn. */
export class DemoExchange implements RequestSink {
  readonly #output: ExchangeOutput;
  readonly #request: { method: string; minorVersion: 0 | 1 } = { method: '', minorVersion: 1 };
  #action: DemoAction = { kind: 'reply', reply: DONE_REPLY };
  #keepAlive = true;
  #isAnswered = true;
  #inBody = false;
  #owesContinue = false;
  #body: Buffer[] = [];
  #remainingBytes = 0;
  #timer: TimerHandle;

  constructor(output: ExchangeOutput) {
    this.#output = output;
  }

  /** Whether a request was taken whose answer is not complete. */
  get isBusy(): boolean {
    return !this.#isAnswered;
  }

  /** Whether the head is there and the body is not. */
  get inBody(): boolean {
    return this.#inBody;
  }

  /** True once, when the client waits for `100 Continue` and has not sent body bytes on its own. */
  takeContinue(): boolean {
    const owes = this.#owesContinue;
    this.#owesContinue = false;
    return owes;
  }

  onHead(head: RequestHead): 0 {
    this.#request.method = head.method;
    this.#request.minorVersion = head.minorVersion;
    this.#keepAlive = head.keepAlive;
    this.#inBody = true;
    this.#isAnswered = false;
    this.#output.taken();
    this.#action = head.expectUnknown
      ? refuseExpectation()
      : findDemoAction(head.method, head.target);
    if (head.expectContinue) this.#meetExpectation();
    return 0;
  }

  onBody(buffer: Buffer, start: number, end: number): void {
    this.#owesContinue = false;
    if (this.#action.kind !== 'echo' || this.#isAnswered) return;
    this.#body.push(Buffer.from(buffer.subarray(start, end)));
  }

  onTrailers(): void {
    // No route has a use for trailers; the decoder has checked and counted them.
  }

  onEnd(): boolean {
    this.#inBody = false;
    this.#owesContinue = false;
    if (!this.#isAnswered) this.#answer(this.#action);
    return this.#isAnswered && this.#persists;
  }

  /** The connection can take bytes again. */
  onDrain(): void {
    if (this.#remainingBytes > 0) this.#pour();
  }

  /** The client will send no more: what hangs on purpose has served it. */
  onPeerEnd(): void {
    if (this.isBusy && this.#action.kind === 'broken') this.#output.abandon('end');
  }

  /** The connection is gone: nothing of this exchange may happen any more. */
  cancel(): void {
    this.#output.clock.clearTimer(this.#timer);
    this.#remainingBytes = 0;
    this.#body = [];
    this.#isAnswered = true;
  }

  /** Asked when the answer is written, for the target may have begun to close since the question. */
  get #persists(): boolean {
    return this.#keepAlive && !this.#output.isDraining;
  }

  /** A request that will be refused anyway is refused before its body is sent; others are told to go on. */
  #meetExpectation(): void {
    const action = this.#action;
    if (action.kind !== 'reply' || action.reply.status < REFUSED_STATUS) {
      this.#owesContinue = true;
      return;
    }
    this.#keepAlive = false;
    this.#reply(action.reply);
  }

  #answer(action: DemoAction): void {
    switch (action.kind) {
      case 'reply':
        if (action.mustClose === true) this.#keepAlive = false;
        return this.#reply(action.reply);
      case 'delay':
        return this.#after(action.delayMs, () => this.#reply(DONE_REPLY));
      case 'flaky':
        return this.#reply(this.#output.random() * 100 < action.percent ? FLAKY_REPLY : DONE_REPLY);
      case 'size':
        return this.#replySized(action.sizeBytes);
      case 'echo':
        return this.#replyEcho();
      case 'chunked':
        return this.#replyChunked();
      case 'slow':
        this.#output.append(this.#head(SLOW_PIECES * SLOW_PIECE.length));
        return this.#request.method === 'HEAD' ? this.#done() : this.#drip(SLOW_PIECES);
      case 'broken':
        return this.#break(action.how);
    }
  }

  #reply(reply: DemoReply): void {
    this.#output.append(reply.render(this.#request, this.#persists, this.#output.date));
    this.#done(reply.status);
  }

  #done(status = 200): void {
    this.#isAnswered = true;
    this.#output.done(status, !this.#persists);
  }

  #head(contentLength: number | undefined, contentType: string = PLAIN_TEXT): string {
    const request: AnsweredRequest = this.#request;
    return renderHead({
      status: 200,
      headers: [
        ['Content-Type', contentType],
        ['X-Content-Type-Options', 'nosniff'],
      ],
      request,
      keepAlive: this.#persists,
      date: this.#output.date,
      contentLength,
      chunked: contentLength === undefined,
    });
  }

  #replySized(sizeBytes: number): void {
    this.#output.append(this.#head(sizeBytes));
    if (this.#request.method === 'HEAD') return this.#done();
    if (sizeBytes <= JOINED_BYTES) {
      this.#output.append(BLOCK.toString('latin1', 0, sizeBytes));
      return this.#done();
    }
    this.#remainingBytes = sizeBytes;
    this.#pour();
  }

  #pour(): void {
    while (this.#remainingBytes > 0) {
      const sizeBytes = Math.min(this.#remainingBytes, BLOCK.length);
      this.#remainingBytes -= sizeBytes;
      const isAccepted = this.#output.write(BLOCK.subarray(0, sizeBytes));
      if (!isAccepted && this.#remainingBytes > 0) return;
    }
    this.#done();
  }

  #replyEcho(): void {
    const body = this.#body.length === 1 ? this.#body[0] : Buffer.concat(this.#body);
    this.#body = [];
    // Always of this type, whatever was sent: nobody's browser shall run what somebody posted.
    this.#output.append(this.#head(body.length, 'application/octet-stream'));
    if (body.length <= JOINED_BYTES) this.#output.append(body.toString('latin1'));
    else this.#output.write(body);
    this.#done();
  }

  /** In one piece for HTTP/1.0, which knows no chunks. */
  #replyChunked(): void {
    const isChunked = this.#request.minorVersion === 1;
    const whole = CHUNKS.join('');
    this.#output.append(this.#head(isChunked ? undefined : whole.length));
    if (this.#request.method !== 'HEAD') {
      const pieces = CHUNKS.flatMap((chunk) => encodeChunk(Buffer.from(chunk, 'latin1')));
      this.#output.append(isChunked ? joinLatin1(pieces) + LAST_CHUNK : whole);
    }
    this.#done();
  }

  #drip(pieces: number): void {
    if (pieces === 0) return this.#done();
    this.#after(SLOW_PIECE_MS, () => {
      this.#output.write(Buffer.from(SLOW_PIECE, 'latin1'));
      this.#drip(pieces - 1);
    });
  }

  #break(how: BrokenHow): void {
    switch (how) {
      case 'hang':
        return;
      case 'reset':
        return this.#output.abandon('reset');
      case 'truncate':
        this.#output.append(`${this.#head(100)}cut short`);
        return this.#output.abandon('end');
      case 'garbage':
        this.#output.append(GARBAGE);
        return this.#output.abandon('end');
    }
  }

  /** A timer may be up to a millisecond early by the finer clock; an answer may not. */
  #after(delayMs: number, callback: () => void): void {
    const { clock } = this.#output;
    const dueMs = clock.now() + delayMs;
    const check = (): void => {
      const earlyMs = dueMs - clock.now();
      if (earlyMs > 0) {
        this.#timer = clock.setTimer(Math.ceil(earlyMs), check);
      } else {
        callback();
      }
    };
    this.#timer = clock.setTimer(delayMs, check);
  }
}

function joinLatin1(pieces: readonly (string | Uint8Array)[]): string {
  return pieces
    .map((piece) =>
      typeof piece === 'string'
        ? piece
        : Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('latin1'),
    )
    .join('');
}
