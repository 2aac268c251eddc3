// Hot for a server. Allocates two strings at most per message (see request-line.ts).
// The caller owns `buffer` and may overwrite it after `feed` returns; what the sink is given is borrowed for the call.
// Guarded by bench/src/codec.ts.
import { BlockCarry } from './block-carry.ts';
import { BodyDecoder, type BodySink } from './body-decoder.ts';
import { brokenRule, CodecStateError, LimitError } from './errors.ts';
import { FieldScanner, NEED_MORE } from './field-scanner.ts';
import { HeadMemory } from './head-memory.ts';
import { canUpgrade, isPersistent } from './lifecycle.ts';
import { DEFAULT_REQUEST_LIMITS, type RequestLimits } from './limits.ts';
import { RequestFields } from './request-fields.ts';
import { RequestLine } from './request-line.ts';

/** What a head says; the decoder itself, so nothing is allocated until `rawHead` is asked for. */
export interface RequestHead {
  readonly method: string;
  /** As received; `authorityOf` tells whom it is for. */
  readonly target: string;
  readonly minorVersion: 0 | 1;
  /** Whether the client will send more on this connection (RFC 9112 §9.3, §9.6). */
  readonly keepAlive: boolean;
  /** -1 when absent, which for a request means no body. */
  readonly contentLength: number;
  readonly chunked: boolean;
  /** The client waits for `100 Continue` before it sends the body; never true for HTTP/1.0. */
  readonly expectContinue: boolean;
  /** An expectation other than `100-continue`, to be answered with 417; never true for HTTP/1.0. */
  readonly expectUnknown: boolean;
  /** The client would switch protocols: Upgrade, listed in Connection, HTTP/1.1, no body (RFC 9110 §7.8). */
  readonly upgrade: boolean;
  /** Bytes from the request line to the empty line, both included. */
  readonly headBytes: number;
  /** Request line and fields as latin1, lines joined by CRLF; only during `onHead`. */
  rawHead(): string;
}

/** Receives what a connection carries, in order. */
export interface RequestSink extends BodySink {
  /** Answers 0 to read the body as the head says, or 2 (BODY_TUNNEL) when the bytes after the head are not HTTP. */
  onHead(head: RequestHead): 0 | 2;
  /** The message is complete; false stops the decoder there, so that a client cannot queue requests without end. */
  onEnd(): boolean;
}

const IN_HEAD = 0;
const IN_BODY = 1;
const IN_TUNNEL = 2;
/** After a request that announced the end; what follows is read and ignored (RFC 9112 §9.6). */
const AFTER_LAST = 3;

const TUNNEL = 2;
const CR = 0x0d;
const LF = 0x0a;

const NO_BYTES = Buffer.alloc(0);

/**
 * Decodes the requests of one connection, strictly: what RFC 9112 lets a recipient repair is refused, and each error
 * carries the `status` to answer with. After a throw the decoder is dead until `reset`; answer, then close.
 *
 * The outcome (calls, payload bytes, error) is the same however the bytes are cut. Throws ProtocolError and
 * LimitError, and whatever the sink throws.
 */
export class RequestDecoder implements RequestHead {
  readonly #sink: RequestSink;
  readonly #limits: RequestLimits;
  readonly #line: RequestLine;
  readonly #fields = new RequestFields();
  readonly #scanner: FieldScanner;
  readonly #carry = new BlockCarry();
  readonly #body: BodyDecoder;
  readonly #memory: HeadMemory | null;
  #ready = true;
  #phase = IN_HEAD;
  #fedBytes = 0;
  #headOffset = 0;
  /** Bytes of the one empty line that may precede a request: 0, 1 (CR) or 2 (CRLF). */
  #emptyLine = 0;
  #headBuffer: Buffer = NO_BYTES;
  #headStart = 0;
  #headBytes = 0;

  /** `options.headCache: false` parses every head anew; behaviour is the same, only slower. */
  constructor(
    sink: RequestSink,
    limits: Partial<RequestLimits> = {},
    options: { readonly headCache?: boolean } = {},
  ) {
    this.#sink = sink;
    this.#limits = { ...DEFAULT_REQUEST_LIMITS, ...limits };
    this.#line = new RequestLine(this.#limits.startLineBytes, this.#limits.methodBytes);
    this.#scanner = new FieldScanner(this.#line, this.#fields, {
      blockBytes: this.#limits.headBytes,
      blockName: 'headBytes',
      lineBytes: this.#limits.fieldLineBytes,
      fields: this.#limits.fields,
      fieldsName: 'fields',
    });
    this.#body = new BodyDecoder(sink, this.#limits, this.#carry);
    this.#memory = options.headCache === false ? null : new HeadMemory();
  }

  get method(): string {
    return this.#line.method;
  }

  get target(): string {
    return this.#line.target;
  }

  get minorVersion(): 0 | 1 {
    return this.#line.minorVersion;
  }

  get keepAlive(): boolean {
    const { close, keepAlive } = this.#fields.framing;
    return isPersistent(this.#line.minorVersion, close, keepAlive);
  }

  get contentLength(): number {
    return this.#fields.framing.contentLength;
  }

  get chunked(): boolean {
    return this.#fields.framing.chunked;
  }

  get expectContinue(): boolean {
    return this.#line.minorVersion === 1 && this.#fields.expectsContinue;
  }

  get expectUnknown(): boolean {
    return this.#line.minorVersion === 1 && this.#fields.expectsOther;
  }

  get upgrade(): boolean {
    return canUpgrade({
      minorVersion: this.#line.minorVersion,
      hasUpgradeField: this.#fields.hasUpgrade,
      isUpgradeListed: this.#fields.framing.upgrade,
      hasBody: this.#hasBody,
    });
  }

  get headBytes(): number {
    return this.#headBytes;
  }

  rawHead(): string {
    if (this.#headBuffer === NO_BYTES) {
      throw new CodecStateError('No head to read: it is gone after onHead. Call rawHead inside.');
    }
    const end = this.#headStart + this.#headBytes - 4;
    return this.#headBuffer.toString('latin1', this.#headStart, end);
  }

  /** Whether some bytes of a message were seen and it has not ended. */
  get midMessage(): boolean {
    return this.#phase === IN_BODY || this.#carry.length > 0 || this.#emptyLine === 1;
  }

  /** Bytes kept because a read ended inside a head or trailers; bounded by the limits. */
  get heldBytes(): number {
    return this.#carry.length;
  }

  /**
   * Takes the bytes `[start, end)`; returns how many were used. Fewer than given after `onEnd` answered false (feed
   * the rest again when ready for it) or after a hand-over to a tunnel. Not to be called from inside the sink.
   */
  feed(buffer: Buffer, start: number, end: number): number {
    if (!this.#ready) {
      throw new CodecStateError(
        'Decoder unusable: it threw, or feed was called from inside. Reset.',
      );
    }
    this.#ready = false;
    const delta = this.#fedBytes - start;
    let at = start;
    let isOpen = true;
    while (at < end && isOpen && this.#phase !== IN_TUNNEL) {
      if (this.#phase === IN_HEAD) at = this.#feedHead(buffer, at, end, delta);
      else if (this.#phase === IN_BODY) at = this.#body.feed(buffer, at, end, delta);
      else at = end;
      if (this.#phase === IN_BODY && this.#body.done) isOpen = this.#end();
    }
    this.#fedBytes = delta + at;
    this.#ready = true;
    return at - start;
  }

  /**
   * The peer closed its sending half: throws INCOMPLETE_* inside a message. Does nothing when idle, and nothing when
   * dead: the error that killed it was told.
   */
  finish(): void {
    if (!this.#ready || !this.midMessage) return;
    this.#ready = false;
    throw brokenRule(
      this.#phase === IN_BODY ? 'INCOMPLETE_BODY' : 'INCOMPLETE_HEAD',
      this.#fedBytes,
    );
  }

  /** Makes the decoder as good as new, for another connection; between calls of `feed` only. */
  reset(): void {
    this.#ready = true;
    this.#phase = IN_HEAD;
    this.#fedBytes = 0;
    this.#emptyLine = 0;
    this.#carry.clear();
    this.#body.reset();
    this.#headBuffer = NO_BYTES;
  }

  get #hasBody(): boolean {
    return this.#fields.framing.chunked || this.#fields.framing.contentLength > 0;
  }

  #feedHead(buffer: Buffer, start: number, end: number, delta: number): number {
    if (this.#carry.length > 0) return this.#resumeHead(buffer, start, end, delta);
    const byte = buffer[start];
    if (byte === CR || this.#emptyLine === 1) return this.#skipEmptyLine(byte, start, delta);
    const known = this.#memory === null ? 0 : this.#memory.match(buffer, start, end);
    if (known > 0) {
      this.#headStart = start;
      this.#headBytes = known;
      return this.#deliver(buffer, start + known, delta);
    }
    this.#fields.begin();
    this.#scanner.begin();
    this.#memory?.forget();
    const at = this.#scanner.scan(buffer, start, start, end, delta);
    if (at === NEED_MORE) {
      this.#headOffset = delta + start;
      this.#carry.hold(buffer, start, end);
      return end;
    }
    this.#headStart = start;
    this.#headBytes = at - start;
    this.#accept(buffer, delta + at);
    return this.#deliver(buffer, at, delta);
  }

  #resumeHead(buffer: Buffer, start: number, end: number, delta: number): number {
    const carry = this.#carry;
    const at = carry.resume(this.#scanner, buffer, start, end, this.#headOffset);
    if (at === NEED_MORE) return end;
    const { bytes } = carry;
    this.#headStart = 0;
    this.#headBytes = carry.length;
    carry.clear();
    this.#accept(bytes, delta + at);
    return this.#deliver(bytes, at, delta);
  }

  /** One CRLF before a request line is ignored, for the sake of old clients; not two (RFC 9112 §2.2). */
  #skipEmptyLine(byte: number, at: number, delta: number): number {
    if (this.#emptyLine === 2) throw brokenRule('LEADING_EMPTY_LINES', delta + at);
    if (this.#emptyLine === 1 && byte !== LF) throw brokenRule('BARE_CR', delta + at - 1);
    this.#emptyLine += 1;
    return at + 1;
  }

  /** The checks that need the whole head; what passes them may be remembered. */
  #accept(buffer: Buffer, offset: number): void {
    const { method, minorVersion } = this.#line;
    const { framing, hasHost } = this.#fields;
    framing.check(minorVersion, offset);
    if (minorVersion === 1 && !hasHost) throw brokenRule('MISSING_HOST', offset);
    // RFC 9110 §9.3.6 gives a body of CONNECT no meaning: it could only be taken for the start of the tunnel.
    if (method === 'CONNECT' && this.#hasBody) {
      throw brokenRule('BODY_NOT_ALLOWED', offset, 'CONNECT');
    }
    const { bodyBytes } = this.#limits;
    if (framing.contentLength > bodyBytes) {
      throw new LimitError('bodyBytes', bodyBytes, framing.contentLength, offset);
    }
    this.#memory?.remember(buffer, this.#headStart, this.#headStart + this.#headBytes);
  }

  #deliver(head: Buffer, at: number, delta: number): number {
    this.#emptyLine = 0;
    this.#headBuffer = head;
    const framing = this.#sink.onHead(this);
    this.#headBuffer = NO_BYTES;
    if (framing === TUNNEL) {
      if (this.#hasBody) {
        throw new CodecStateError(
          'Tunnel refused: the request has a body. Check head.upgrade first.',
        );
      }
      this.#phase = IN_TUNNEL;
      return at;
    }
    this.#phase = IN_BODY;
    const { chunked, contentLength } = this.#fields.framing;
    if (chunked) this.#body.beginChunked();
    else this.#body.beginSized(contentLength === -1 ? 0 : contentLength, delta + at);
    return at;
  }

  #end(): boolean {
    this.#phase = this.keepAlive ? IN_HEAD : AFTER_LAST;
    return this.#sink.onEnd();
  }
}
