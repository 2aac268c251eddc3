// Hot: one object for each request is all this allocates, and one string for its answer; fields, signal and body when asked.
// The connection calls `keepHead` or `dropHead` before its read buffer is overwritten.
// Guarded by bench/src/server-cpu.ts.
import { FieldMap, REASON_PHRASES, type RequestHead } from '@needletail/wire';
import { AnsweredTwiceError, ClientGoneError, HeadGoneError } from '../errors.ts';
import type { Failure, IncomingBody, ServerReply, ServerRequest } from './exchange.ts';
import { originForm, withHostOf } from './origin-form.ts';
import type { ReplyHeads } from './reply-head.ts';
import { checkLength, interimLines, lengthWithoutBody, mayHaveBody } from './reply-rules.ts';
import { ReplyStream, type StreamFraming, type StreamOutput } from './reply-stream.ts';
import { NO_BODY, ReceivedBody, type BodySource } from './received-body.ts';
import type { ServerLimits } from './server-options.ts';

/** The connection of an exchange, as far as it is concerned. */
export interface ExchangeOutput extends StreamOutput, BodySource {
  readonly remoteAddress: string;
  /** False when this answer must be the last. */
  readonly mayPersist: boolean;
  /** Writes what was appended, at the end of the read that is being handled or now. */
  flushSoon(): void;
  /** The answer is complete. */
  answered(exchange: WireExchange): void;
  /** The answer was begun and cannot be completed. */
  broken(error: unknown): void;
  /** There will be none: see `ServerReply.breakOff`. */
  breakOff(how: Failure, latin1: string): void;
}

/** What all exchanges of a server share. */
export interface ExchangeServer {
  readonly heads: ReplyHeads;
  readonly limits: ServerLimits;
  readonly isSecure: boolean;
}

const OPEN = 0;
const STREAMING = 1;
const ANSWERED = 2;
const GONE = 3;

/** Up to here a body is made text and joined with its head to one write; above, a second piece costs less than copying. */
const JOINED_BYTES = 16 * 1024;
const CHUNKED = 'Transfer-Encoding: chunked\r\n\r\n';
const EMPTY = 'Content-Length: 0\r\n\r\n';

/** One request and its answer. */
export class WireExchange implements ServerRequest, ServerReply {
  readonly method: string;
  readonly target: string;
  /** Whether the client would go on after the answer. */
  readonly #keepAlive: boolean;
  readonly #minorVersion: 0 | 1;
  readonly #output: ExchangeOutput;
  readonly #server: ExchangeServer;
  readonly #body: ReceivedBody | null;
  #head: RequestHead | null;
  #rawHead = '';
  #fields: FieldMap | null = null;
  #state = OPEN;
  #persists = false;
  /** The client waits for `100 Continue` and has not been told. */
  #owesContinue: boolean;
  #stream: ReplyStream | null = null;
  #controller: AbortController | null = null;
  #goneBecause: Error | null = null;
  #reported: unknown;

  constructor(output: ExchangeOutput, server: ExchangeServer, head: RequestHead) {
    this.method = head.method;
    this.target = originForm(head.target);
    this.#keepAlive = head.keepAlive;
    this.#minorVersion = head.minorVersion;
    this.#output = output;
    this.#server = server;
    this.#head = head;
    const { chunked, contentLength } = head;
    const hasBody = chunked || contentLength > 0;
    this.#owesContinue = hasBody && head.expectContinue;
    this.#body = hasBody
      ? new ReceivedBody(output, chunked ? null : contentLength, {
          where: `${this.method} ${this.target}`,
          maxBytes: server.limits.bodyBytes,
        })
      : null;
  }

  get httpVersion(): '1.0' | '1.1' {
    return this.#minorVersion === 1 ? '1.1' : '1.0';
  }

  get headers(): FieldMap {
    return (this.#fields ??= this.#readFields());
  }

  get body(): IncomingBody {
    return this.#body ?? NO_BODY;
  }

  get remoteAddress(): string {
    return this.#output.remoteAddress;
  }

  get isSecure(): boolean {
    return this.#server.isSecure;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#goneBecause !== null) this.#controller.abort(this.#goneBecause);
    }
    return this.#controller.signal;
  }

  get isAnswered(): boolean {
    return this.#state !== OPEN;
  }

  /** Whether the answer was begun and is not complete. */
  get isStreaming(): boolean {
    return this.#state === STREAMING;
  }

  /** Whether the answer leaves the connection open; of an answer that is complete. */
  get persists(): boolean {
    return this.#persists;
  }

  get receivedBody(): ReceivedBody | null {
    return this.#body;
  }

  /** Method and target, for errors. */
  get where(): string {
    return `${this.method} ${this.target}`;
  }

  send(status: number, head: string, body: string | Uint8Array | null): void {
    if (this.#state !== OPEN) return this.#refuseAnswer();
    const output = this.#output;
    const { heads } = this.#server;
    const opening = heads.opening(status);
    const fields = heads.checkedHead(head);
    const start = opening + this.#settleConnection() + fields;
    this.#state = ANSWERED;
    if (body === null || !mayHaveBody(this.method, status)) {
      output.append(start + this.#bodilessEnd(status, body));
    } else if (typeof body === 'string') this.#sendText(start, body);
    else this.#sendBytes(start, body);
    output.answered(this);
  }

  interim(status: number, fields: readonly (readonly [name: string, value: string])[]): void {
    if (this.#state !== OPEN) return this.#refuseAnswer();
    const lines = interimLines(status, fields, this.where);
    if (this.#minorVersion === 0) return;
    this.#output.append(`HTTP/1.1 ${status} ${REASON_PHRASES[status] ?? ''}\r\n${lines}\r\n`);
    this.#output.flushSoon();
  }

  breakOff(how: Failure, latin1: string): void {
    if (this.#state !== OPEN) return this.#refuseAnswer();
    // What hangs has begun and comes to no end.
    this.#state = how === 'hang' ? STREAMING : GONE;
    this.#output.breakOff(how, latin1);
  }

  stream(
    status: number,
    head: string,
    pieces: AsyncIterable<Uint8Array | string>,
    length: number | null = null,
  ): Promise<void> {
    const done = this.#runStream(status, head, pieces, length);
    // Unawaited, a client that leaves must not end the process; what the pieces throw is reported by the connection.
    done.catch(() => undefined);
    return done;
  }

  /** Makes the fields outlive the read buffer. */
  keepHead(): void {
    if (this.#head !== null && this.#fields === null) this.#rawHead = this.#head.rawHead();
    this.#head = null;
  }

  dropHead(): void {
    this.#head = null;
  }

  /** True once: the body is asked for by a client that waits to be told to send it (RFC 9110 §10.1.1). */
  takeContinue(): boolean {
    const owes = this.#owesContinue && this.#state !== GONE && this.#body!.receivedBytes === 0;
    this.#owesContinue = false;
    return owes;
  }

  drained(): void {
    this.#stream?.drained();
  }

  /**
   * The client sends no more: most have left then, some wait for the answer (RFC 9112 §9.6). A handler is told by its signal, and
   * may answer all the same; an answer that is under way goes on until `probe` has found out.
   */
  peerEnded(): void {
    if (this.#state !== OPEN) return this.probe();
    this.#goneBecause = new ClientGoneError(this.where);
    this.#controller?.abort(this.#goneBecause);
  }

  /** Called twice a second after `peerEnded`. */
  probe(): void {
    this.#stream?.probe();
  }

  /** No answer will reach the client, or none but what the connection said itself. */
  gone(reason: Error): void {
    if (this.#state === ANSWERED) return this.#body?.fail(reason);
    if (this.#state === GONE) return;
    this.#state = GONE;
    this.#goneBecause = reason;
    this.#body?.fail(reason);
    this.#stream?.stop(reason);
    this.#controller?.abort(reason);
  }

  /** Keeps an error of a streamed answer from being reported again when the handler passes it on. */
  noteReported(error: unknown): void {
    this.#reported = error;
  }

  wasReported(error: unknown): boolean {
    return this.#reported !== undefined && this.#reported === error;
  }

  /** The connection belongs to another protocol now. */
  handOver(): void {
    this.#state = ANSWERED;
  }

  /** The Connection field of the answer; decides whether the connection is kept. */
  #settleConnection(): string {
    this.#persists = this.#keepAlive && this.#output.mayPersist && this.#canReachNext();
    if (!this.#persists) return 'Connection: close\r\n';
    return this.#minorVersion === 1 ? '' : 'Connection: keep-alive\r\n';
  }

  /** Whether the next request can be found: after a body that is short, or that the client was told to send. */
  #canReachNext(): boolean {
    const body = this.#body;
    if (body === null) return true;
    if (this.#owesContinue && body.receivedBytes === 0) return false;
    const unreadBytes = (body.length ?? 0) - body.receivedBytes;
    return body.isWanted || unreadBytes <= this.#server.limits.drainBytes;
  }

  /** The end of a head whose answer carries no body. */
  #bodilessEnd(status: number, body: string | Uint8Array | null): string {
    const length = lengthWithoutBody(this.method, status, body);
    if (length === 0) return EMPTY;
    return length === null ? '\r\n' : `Content-Length: ${length}\r\n\r\n`;
  }

  #sendText(start: string, body: string): void {
    const length = Buffer.byteLength(body);
    if (length > JOINED_BYTES) return this.#sendBytes(start, Buffer.from(body));
    const isAscii = length === body.length;
    const text = isAscii ? body : Buffer.from(body).toString('latin1');
    this.#output.append(`${start}Content-Length: ${length}\r\n\r\n${text}`);
  }

  #sendBytes(start: string, body: Uint8Array): void {
    const { byteLength } = body;
    this.#output.append(`${start}Content-Length: ${byteLength}\r\n\r\n`);
    if (byteLength > JOINED_BYTES) this.#output.writeNow([body]);
    else
      this.#output.append(Buffer.from(body.buffer, body.byteOffset, byteLength).toString('latin1'));
  }

  async #runStream(
    status: number,
    head: string,
    pieces: AsyncIterable<Uint8Array | string>,
    length: number | null,
  ): Promise<void> {
    if (this.#state === GONE) throw this.#goneBecause ?? new ClientGoneError(this.where);
    if (this.#state !== OPEN) throw new AnsweredTwiceError(this.where);
    const output = this.#output;
    const opening = this.#server.heads.opening(status);
    const fields = this.#server.heads.checkedHead(head);
    checkLength(length, this.where);
    const hasBody = mayHaveBody(this.method, status);
    const framing = this.#framing(length);
    // The end of the body is the end of the connection where nothing else can mark it (RFC 9112 §6.3).
    const connection = this.#settleConnection();
    const mustClose = framing === 'until-close' && hasBody && this.#persists;
    if (mustClose) this.#persists = false;
    output.append(opening + (mustClose ? 'Connection: close\r\n' : connection) + fields);
    output.append(this.#streamEnd(status, framing, length));
    if (!hasBody) {
      this.#state = ANSWERED;
      output.answered(this);
      await pieces[Symbol.asyncIterator]().return?.();
      return;
    }
    this.#state = STREAMING;
    output.flushSoon();
    await this.#pour(new ReplyStream(output, pieces, framing, length));
  }

  async #pour(stream: ReplyStream): Promise<void> {
    this.#stream = stream;
    try {
      await stream.run();
    } catch (error) {
      if (this.isStreaming) this.#output.broken(error);
      throw error;
    } finally {
      this.#stream = null;
    }
    this.#state = ANSWERED;
    this.#output.answered(this);
  }

  #framing(length: number | null): StreamFraming {
    if (length !== null) return 'length';
    return this.#minorVersion === 1 ? 'chunked' : 'until-close';
  }

  #streamEnd(status: number, framing: StreamFraming, length: number | null): string {
    if (status === 204 || status === 304) return '\r\n';
    if (status === 205) return EMPTY;
    if (framing === 'length') return `Content-Length: ${length}\r\n\r\n`;
    return framing === 'chunked' ? CHUNKED : '\r\n';
  }

  #readFields(): FieldMap {
    const rawHead = this.#head === null ? this.#rawHead : this.#head.rawHead();
    if (rawHead === '') throw new HeadGoneError(this.where);
    return FieldMap.ofHead(withHostOf(rawHead));
  }

  /** Says so to a handler that answers twice; to one whose client is gone it is no fault of its own. */
  #refuseAnswer(): void {
    if (this.#state !== GONE) throw new AnsweredTwiceError(this.where);
  }
}
