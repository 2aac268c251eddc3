import type { FieldMap } from '@needletail/wire';
import { AnsweredTwiceError, ClientGoneError, RequestRefusedError } from '../../errors.ts';
import { BodyPace } from '../body-pace.ts';
import type { IncomingBody, ServerReply, ServerRequest } from '../exchange.ts';
import { NO_BODY, ReceivedBody, type BodySource } from '../received-body.ts';
import { REFUSAL_HEAD, refusalText } from '../refusal.ts';
import { checkFinalStatus, checkLength, interimLines } from '../reply-rules.ts';
import { lengthWithoutBody, mayHaveBody } from '../reply-rules.ts';
import { ReplyStream, type StreamOutput } from '../reply-stream.ts';
import type { CarriedHead, Carrier } from './carrier.ts';
import type { HostedServer } from './hosted-server.ts';

const OPEN = 0;
const STREAMING = 1;
const ANSWERED = 2;
const GONE = 3;

/** As many zeros are before a size that every client can read. */
const MOST_PROBES = 6;

/** One request and its answer on a server that is not ours; the rules of the contract are here, the server is in `carrier`. */
export class HostedExchange implements ServerRequest, ServerReply, BodySource {
  readonly #carrier: Carrier;
  readonly #server: HostedServer;
  readonly #body: ReceivedBody | null;
  readonly #sinceMs: number;
  #fields: FieldMap | null = null;
  #state = OPEN;
  #stream: ReplyStream | null = null;
  #controller: AbortController | null = null;
  #goneBecause: Error | null = null;
  #reported: unknown;
  #pace: BodyPace | null = null;
  /** Since when the client does not take what was written; -1 while it does. */
  #blockedSinceMs = -1;
  /** After the end of what the client sends. */
  #probesLeft = 0;

  constructor(carrier: Carrier, server: HostedServer) {
    this.#carrier = carrier;
    this.#server = server;
    this.#sinceMs = server.nowMs;
    this.#body =
      carrier.bodyLength === 0
        ? null
        : new ReceivedBody(this, carrier.bodyLength, {
            where: this.where,
            maxBytes: server.limits.bodyBytes,
          });
  }

  get method(): string {
    return this.#carrier.method;
  }

  get target(): string {
    return this.#carrier.target;
  }

  get httpVersion(): '1.0' | '1.1' | '2' {
    return this.#carrier.httpVersion;
  }

  get headers(): FieldMap {
    return (this.#fields ??= this.#carrier.readFields());
  }

  get body(): IncomingBody {
    return this.#body ?? NO_BODY;
  }

  get remoteAddress(): string {
    return this.#carrier.remoteAddress;
  }

  get isSecure(): boolean {
    return this.#carrier.isSecure;
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

  /** Method and target, for errors. */
  get where(): string {
    return `${this.#carrier.method} ${this.#carrier.target}`;
  }

  send(status: number, head: string, body: string | Uint8Array | null): void {
    if (this.#state !== OPEN) return this.#refuseAnswer();
    const { fields, isLast } = this.#checkedHead(status, head);
    const { method } = this.#carrier;
    this.#state = ANSWERED;
    if (body === null || !mayHaveBody(method, status)) {
      const length = lengthWithoutBody(method, status, body);
      this.#carrier.respond({ status, fields, isLast, length, body: null });
    } else this.#carrier.respond({ status, fields, isLast, length: null, body });
  }

  interim(status: number, fields: readonly (readonly [name: string, value: string])[]): void {
    if (this.#state !== OPEN) return this.#refuseAnswer();
    interimLines(status, fields, this.where);
    if (this.#carrier.httpVersion !== '1.0') this.#carrier.interim(status, fields);
  }

  stream(
    status: number,
    head: string,
    pieces: AsyncIterable<Uint8Array | string>,
    length: number | null = null,
  ): Promise<void> {
    const done = this.#runStream(status, head, pieces, length);
    // Unawaited, a client that leaves must not end the process; what the pieces throw is reported.
    done.catch(() => undefined);
    return done;
  }

  bodyWanted(): void {
    this.#pace ??= new BodyPace();
    this.#pace.start(this.#server.nowMs);
    this.#carrier.bodyWanted();
  }

  holdBody(): void {
    this.#carrier.holdBody();
  }

  releaseBody(): void {
    this.#pace?.start(this.#server.nowMs);
    this.#carrier.releaseBody();
  }

  /** A piece of the body has come; it is copied. */
  received(piece: Buffer): void {
    this.#pace?.add(piece.length, this.#server.nowMs);
    this.#body?.add(piece, 0, piece.length);
  }

  receivedAll(): void {
    this.#body?.end();
  }

  /** The client does not take what was written, or does again. */
  setBlocked(isBlocked: boolean): void {
    if (!isBlocked) {
      this.#blockedSinceMs = -1;
      this.#stream?.drained();
    } else if (this.#blockedSinceMs === -1) this.#blockedSinceMs = this.#server.nowMs;
  }

  /**
   * The client sends no more: most have left then, some wait for the answer (RFC 9112 §9.6). A handler is told by its signal, and
   * may answer all the same; an answer that is under way goes on until the client is found to be gone.
   */
  peerEnded(): void {
    this.#probesLeft = MOST_PROBES;
    if (this.#state === STREAMING) return this.#probe();
    if (this.#state !== OPEN) return;
    this.#goneBecause = new ClientGoneError(this.where);
    this.#controller?.abort(this.#goneBecause);
  }

  /** No answer will reach the client, or none but what the server said itself. */
  gone(cause?: unknown): void {
    this.#endWith(new ClientGoneError(this.where, cause));
  }

  /** What a handler threw: answered if it can be. */
  failed(status: number): void {
    if (this.#state === OPEN) this.send(status, REFUSAL_HEAD, refusalText(status));
  }

  wasReported(error: unknown): boolean {
    return this.#reported !== undefined && this.#reported === error;
  }

  /** The connection belongs to another protocol now. */
  handOver(): void {
    this.#state = ANSWERED;
  }

  /** Called twice a second. */
  checkTime(nowMs: number): void {
    const { timeouts, limits } = this.#server;
    if (this.#probesLeft > 0) this.#probe();
    if (this.#blockedSinceMs !== -1 && nowMs - this.#blockedSinceMs >= timeouts.writeStallMs) {
      return this.#carrier.abort();
    }
    if (this.#state === OPEN && nowMs - this.#sinceMs >= timeouts.requestMs) {
      const late = new RequestRefusedError(503, 'no answer in time', this.where);
      this.#server.report(late, this);
      return this.#refuse(late, 'no answer in time');
    }
    const body = this.#body;
    if (body === null || this.#carrier.isBodyComplete || !body.isWanted || body.isHeld) return;
    if (this.#pace?.isTooSlow(nowMs, timeouts, limits) === true) {
      this.refuse(408, 'the body took too long');
    }
  }

  /** Says no to what is not read any further, if its answer has not begun, and ends the connection. */
  refuse(status: number, reason: string, cause?: unknown): void {
    this.#refuse(new RequestRefusedError(status, reason, this.where, cause), reason);
  }

  #probe(): void {
    if (this.#state !== STREAMING) return;
    this.#probesLeft -= 1;
    this.#carrier.probe?.();
  }

  #refuse(error: RequestRefusedError, reason: string): void {
    const wasOpen = this.#state === OPEN;
    const answer = { ...this.#checkedHead(error.status, REFUSAL_HEAD), isLast: true };
    this.#endWith(error);
    if (!wasOpen) return this.#carrier.abort();
    const body = mayHaveBody(this.method, error.status) ? refusalText(error.status, reason) : null;
    this.#carrier.respond({ ...answer, body });
  }

  #endWith(reason: Error): void {
    if (this.#state === ANSWERED) return this.#body?.fail(reason);
    if (this.#state === GONE) return;
    this.#state = GONE;
    this.#goneBecause = reason;
    this.#body?.fail(reason);
    this.#stream?.stop(reason);
    this.#controller?.abort(reason);
  }

  #checkedHead(status: number, head: string): CarriedHead {
    checkFinalStatus(status);
    const fields = this.#server.fieldsOf(head);
    return { status, fields, length: null, isLast: this.#server.isDraining || this.#leavesTooMuch };
  }

  /** Whether what is left of the body is too long to be drained for the sake of the connection. */
  get #leavesTooMuch(): boolean {
    const body = this.#body;
    if (body === null || this.#carrier.isBodyComplete) return false;
    if (this.#carrier.owesContinue) return true;
    if (body.isWanted) return false;
    return (body.length ?? 0) - body.receivedBytes > this.#server.limits.drainBytes;
  }

  async #runStream(
    status: number,
    head: string,
    pieces: AsyncIterable<Uint8Array | string>,
    length: number | null,
  ): Promise<void> {
    if (this.#state === GONE) throw this.#goneBecause ?? new ClientGoneError(this.where);
    if (this.#state !== OPEN) throw new AnsweredTwiceError(this.where);
    const answer = this.#checkedHead(status, head);
    checkLength(length, this.where);
    if (!mayHaveBody(this.method, status)) {
      this.#state = ANSWERED;
      const told = status === 205 ? 0 : this.method === 'HEAD' ? length : null;
      this.#carrier.respond({ ...answer, length: told, body: null });
      await pieces[Symbol.asyncIterator]().return?.();
      return;
    }
    this.#state = STREAMING;
    const output = this.#carrier.begin({ ...answer, length });
    await this.#pour(output, pieces, length);
  }

  async #pour(
    output: StreamOutput,
    pieces: AsyncIterable<Uint8Array | string>,
    length: number | null,
  ): Promise<void> {
    // The server frames pieces itself.
    const framing = length === null ? 'until-close' : 'length';
    const stream = new ReplyStream(output, pieces, framing, length);
    this.#stream = stream;
    try {
      await stream.run();
    } catch (error) {
      if (this.#state === STREAMING) this.#broken(error);
      throw error;
    } finally {
      this.#stream = null;
    }
    this.#state = ANSWERED;
    this.#carrier.finish();
  }

  #broken(error: unknown): void {
    this.#server.report(error, this);
    this.#reported = error;
    this.#carrier.abort();
  }

  /** Says so to a handler that answers twice; to one whose client is gone it is no fault of its own. */
  #refuseAnswer(): void {
    if (this.#state !== GONE) throw new AnsweredTwiceError(this.where);
  }
}
