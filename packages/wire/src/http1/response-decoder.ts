// Hot: the load engine pays this for every response. Allocates nothing per message that arrives whole in one read.
// The caller owns `buffer` and may overwrite it after `feed` returns; what the sink is given is borrowed for the call.
// Guarded by bench/src/codec.ts.
import { BlockCarry } from './block-carry.ts';
import { BodyDecoder, type BodySink } from './body-decoder.ts';
import { brokenRule, CodecStateError, LimitError } from './errors.ts';
import { FieldScanner, NEED_MORE } from './field-scanner.ts';
import { FramingFields } from './framing-fields.ts';
import { HeadMemory } from './head-memory.ts';
import type { KnownHead, SharedHeads } from './shared-heads.ts';
import { isPersistent } from './lifecycle.ts';
import { DEFAULT_RESPONSE_LIMITS, type ResponseLimits } from './limits.ts';
import { StatusLine } from './status-line.ts';

/** The body is framed as the head says. */
export const BODY_EXPECTED = 0;
/** The answer to HEAD: it ends with its head, whatever the head says (RFC 9112 §6.3). */
export const BODY_NONE = 1;
/** A 2xx to CONNECT or an accepted 101: the bytes after the head are not HTTP. */
export const BODY_TUNNEL = 2;

/** What a head says; the decoder itself, so nothing is allocated until `rawHead` is asked for. */
export interface ResponseHead {
  readonly status: number;
  readonly minorVersion: 0 | 1;
  /**
   * Whether the connection survives this message (RFC 9112 §9.3, §9.6); false also for a body that ends at close.
   * After `onHead` answered `BODY_NONE` it no longer counts the missing framing, so it is final in `onEnd`.
   */
  readonly keepAlive: boolean;
  /** -1 when absent. */
  readonly contentLength: number;
  readonly chunked: boolean;
  /** Bytes from the status line to the empty line, both included. */
  readonly headBytes: number;
  /** Whether its bytes are those of the last head given to `onHead`, so that what was made of that one stands. */
  readonly isRepeated: boolean;
  /** Where heads are shared, the place of this one, which may be kept no longer than for the call; else null. */
  readonly known: KnownHead | null;
  /** Status line and fields as latin1, lines joined by CRLF; only during `onHead` and `onInterim`. */
  rawHead(): string;
}

/** Receives what a connection carries, in order. */
export interface ResponseSink extends BodySink {
  /**
   * A final response, or a 101; answers how its body is framed: BODY_EXPECTED, BODY_NONE or BODY_TUNNEL. A 101 that
   * is not answered with BODY_TUNNEL is refused: nobody asked for it.
   */
  onHead(head: ResponseHead): 0 | 1 | 2;
  /** A 1xx other than 101. */
  onInterim?(head: ResponseHead): void;
  /**
   * The message is complete; true when another response is expected on this connection. If false and bytes are left,
   * they belong to no request: the decoder throws UNEXPECTED_BYTES.
   */
  onEnd(): boolean;
}

const IN_HEAD = 0;
const IN_BODY = 1;
const IN_TUNNEL = 2;
/** After a message that ends the connection; anything that follows is refused (RFC 9112 §9.6). */
const AFTER_LAST = 3;

const NO_BYTES = Buffer.alloc(0);

/**
 * Decodes the responses of one connection, strictly: what RFC 9112 lets a recipient repair is refused.
 *
 * The outcome (calls, payload bytes, error) is the same however the bytes are cut. After a throw the decoder is dead
 * until `reset`. It throws ProtocolError and LimitError, and whatever the sink throws.
 */
export class ResponseDecoder implements ResponseHead {
  readonly #sink: ResponseSink;
  readonly #limits: ResponseLimits;
  readonly #line: StatusLine;
  readonly #fields = new FramingFields();
  readonly #scanner: FieldScanner;
  readonly #carry = new BlockCarry();
  readonly #body: BodyDecoder;
  readonly #memory: HeadMemory | null;
  readonly #shared: SharedHeads | null;
  #known: KnownHead | null = null;
  #ready = true;
  #phase = IN_HEAD;
  #fedBytes = 0;
  #headOffset = 0;
  #interims = 0;
  #bodiless = false;
  #isRepeated = false;
  #headBuffer: Buffer = NO_BYTES;
  #headStart = 0;
  #headBytes = 0;

  /**
   * `options.headCache: false` parses every head anew; behaviour is the same, only slower. With `sharedHeads` connections
   * with the same limits parse what any of them has seen once.
   */
  constructor(
    sink: ResponseSink,
    limits: Partial<ResponseLimits> = {},
    options: { readonly headCache?: boolean; readonly sharedHeads?: SharedHeads | null } = {},
  ) {
    this.#sink = sink;
    this.#limits = { ...DEFAULT_RESPONSE_LIMITS, ...limits };
    this.#line = new StatusLine(this.#limits.startLineBytes);
    this.#scanner = new FieldScanner(this.#line, this.#fields, {
      blockBytes: this.#limits.headBytes,
      blockName: 'headBytes',
      lineBytes: this.#limits.fieldLineBytes,
      fields: this.#limits.fields,
      fieldsName: 'fields',
    });
    this.#body = new BodyDecoder(sink, this.#limits, this.#carry);
    const { headCache = true, sharedHeads = null } = options;
    this.#shared = sharedHeads;
    this.#memory = headCache && sharedHeads === null ? new HeadMemory() : null;
  }

  get status(): number {
    return this.#line.status;
  }

  get minorVersion(): 0 | 1 {
    return this.#line.minorVersion;
  }

  get keepAlive(): boolean {
    return (
      isPersistent(this.#line.minorVersion, this.#fields.close, this.#fields.keepAlive) &&
      (this.#bodiless || this.#fields.chunked || this.#fields.contentLength !== -1)
    );
  }

  get contentLength(): number {
    return this.#fields.contentLength;
  }

  get chunked(): boolean {
    return this.#fields.chunked;
  }

  get headBytes(): number {
    return this.#headBytes;
  }

  get isRepeated(): boolean {
    return this.#isRepeated;
  }

  get known(): KnownHead | null {
    return this.#known;
  }

  rawHead(): string {
    if (this.#headBuffer === NO_BYTES) {
      throw new CodecStateError('No head to read: it is gone after onHead. Call rawHead inside.');
    }
    return this.#headBuffer.toString(
      'latin1',
      this.#headStart,
      this.#headStart + this.#headBytes - 4,
    );
  }

  /** Whether some bytes of a message were seen and it has not ended; interim responses do not end it. */
  get midMessage(): boolean {
    return this.#phase === IN_BODY || this.#carry.length > 0 || this.#interims > 0;
  }

  /** Bytes kept because a read ended inside a head or trailers; bounded by the limits. */
  get heldBytes(): number {
    return this.#carry.length;
  }

  /**
   * Takes the bytes `[start, end)`; returns how many were used, which is fewer than given only after a hand-over to a
   * tunnel. Not to be called from inside the sink.
   *
   * After `onEnd` answered false, bytes fed later are taken as the answer to a request sent since: refusing what
   * arrives on an idle connection is up to the caller, who knows that it is idle.
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
    while (at < end && this.#phase !== IN_TUNNEL) {
      if (this.#phase === IN_HEAD) at = this.#feedHead(buffer, at, end, delta);
      else if (this.#phase === IN_BODY) at = this.#feedBody(buffer, at, end, delta);
      else throw brokenRule('UNEXPECTED_BYTES', delta + at);
    }
    this.#fedBytes = delta + at;
    this.#ready = true;
    return at - start;
  }

  /**
   * The peer closed its sending half: completes a body that ends there, throws INCOMPLETE_* inside a message. Does
   * nothing when idle, and nothing when dead: the error that killed it was told.
   */
  finish(): void {
    if (!this.#ready) return;
    if (this.#phase === IN_BODY) {
      if (!this.#body.endsAtClose) throw this.#incomplete('INCOMPLETE_BODY');
      this.#body.reset();
      this.#phase = AFTER_LAST;
      this.#sink.onEnd();
      return;
    }
    if (this.midMessage) throw this.#incomplete('INCOMPLETE_HEAD');
  }

  /** Makes the decoder as good as new, for another connection; between calls of `feed` only. */
  reset(): void {
    this.#ready = true;
    this.#phase = IN_HEAD;
    this.#fedBytes = 0;
    this.#interims = 0;
    this.#carry.clear();
    this.#body.reset();
    this.#headBuffer = NO_BYTES;
  }

  #feedHead(buffer: Buffer, start: number, end: number, delta: number): number {
    if (this.#carry.length > 0) return this.#resumeHead(buffer, start, end, delta);
    if (this.#shared !== null) {
      const known = this.#shared.find(buffer, start, end);
      this.#known = known;
      if (known !== null) {
        known.tell(this.#line, this.#fields);
        this.#headStart = start;
        this.#headBytes = known.sizeBytes;
        return this.#deliver(buffer, buffer, start + known.sizeBytes, end, delta);
      }
    }
    const known = this.#memory === null ? 0 : this.#memory.match(buffer, start, end);
    this.#isRepeated = known > 0;
    if (known > 0) {
      this.#headStart = start;
      this.#headBytes = known;
      return this.#deliver(buffer, buffer, start + known, end, delta);
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
    return this.#deliver(buffer, buffer, at, end, delta);
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
    return this.#deliver(bytes, buffer, at, end, delta);
  }

  /** The checks that need the whole head; what passes them may be remembered. */
  #accept(buffer: Buffer, offset: number): void {
    const { status, minorVersion } = this.#line;
    const fields = this.#fields;
    fields.check(minorVersion, offset);
    // RFC 9112 §6.1: no Transfer-Encoding in 1xx and 204; RFC 9110 §8.6: no Content-Length either.
    const isBodiless = status < 200 || status === 204;
    if (isBodiless && (fields.chunked || fields.contentLength > 0)) {
      throw brokenRule('BODY_NOT_ALLOWED', offset, `status ${status}`);
    }
    if (status >= 200) {
      const end = this.#headStart + this.#headBytes;
      this.#memory?.remember(buffer, this.#headStart, end);
      if (this.#shared !== null) {
        this.#known = this.#shared.remember(buffer, this.#headStart, end, this.#line, fields);
      }
    }
  }

  #deliver(head: Buffer, buffer: Buffer, start: number, end: number, delta: number): number {
    const { status } = this.#line;
    this.#headBuffer = head;
    this.#bodiless = status === 204 || status === 304;
    if (status < 200 && status !== 101) {
      this.#countInterim(delta + start);
      this.#sink.onInterim?.(this);
      this.#headBuffer = NO_BYTES;
      return start;
    }
    const framing = this.#sink.onHead(this);
    this.#headBuffer = NO_BYTES;
    if (framing === BODY_TUNNEL) {
      this.#phase = IN_TUNNEL;
      this.#interims = 0;
      return start;
    }
    if (status === 101) throw brokenRule('UNEXPECTED_SWITCH', delta + start);
    if (framing === BODY_NONE) this.#bodiless = true;
    const { contentLength } = this.#fields;
    if (this.#bodiless || contentLength === 0) return this.#end(start, end, delta);
    if (contentLength > 0 && contentLength <= end - start) {
      return this.#passWhole(buffer, start, end, delta);
    }
    this.#beginBody(delta + start);
    return start;
  }

  /** Fast path: the whole body is in the read that held the end of its head. */
  #passWhole(buffer: Buffer, start: number, end: number, delta: number): number {
    const { contentLength } = this.#fields;
    if (contentLength > this.#limits.bodyBytes) {
      throw new LimitError('bodyBytes', this.#limits.bodyBytes, contentLength, delta + start);
    }
    this.#phase = IN_BODY;
    this.#sink.onBody(buffer, start, start + contentLength);
    return this.#end(start + contentLength, end, delta);
  }

  #beginBody(offset: number): void {
    const { chunked, contentLength } = this.#fields;
    this.#phase = IN_BODY;
    if (chunked) this.#body.beginChunked();
    else if (contentLength === -1) this.#body.beginUntilClose();
    else this.#body.beginSized(contentLength, offset);
  }

  #feedBody(buffer: Buffer, start: number, end: number, delta: number): number {
    const at = this.#body.feed(buffer, start, end, delta);
    return this.#body.done ? this.#end(at, end, delta) : at;
  }

  #end(at: number, end: number, delta: number): number {
    this.#phase = this.keepAlive ? IN_HEAD : AFTER_LAST;
    this.#interims = 0;
    const isMoreExpected = this.#sink.onEnd();
    if (!isMoreExpected && at < end) throw brokenRule('UNEXPECTED_BYTES', delta + at);
    return at;
  }

  #countInterim(offset: number): void {
    const { interimResponses } = this.#limits;
    this.#interims += 1;
    if (this.#interims > interimResponses) {
      throw new LimitError('interimResponses', interimResponses, this.#interims, offset);
    }
  }

  #incomplete(code: 'INCOMPLETE_HEAD' | 'INCOMPLETE_BODY'): Error {
    this.#ready = false;
    return brokenRule(code, this.#fedBytes);
  }
}
