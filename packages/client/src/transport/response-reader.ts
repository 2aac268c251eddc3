// Hot: allocates the response and its body, and for a head unlike the last one its text; nothing else for a small one.
// Invariant: what `feed` is given is borrowed and copied. Guarded by bench/src/client-cpu.ts.
import {
  BODY_EXPECTED,
  BODY_NONE,
  FieldMap,
  ResponseDecoder,
  type ResponseHead,
  type ResponseLimits,
  type ResponseSink,
  type SharedHeads,
} from '@needletail/wire';
import { BodyChannel, type BodyFlow } from '../body/response-body.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { ReceivedBody } from './received-body.ts';
import { WireHead, WireResponse, type Interim } from './wire-response.ts';

/** What a response makes its connection do while it is read. */
export interface ResponseListener extends BodyFlow {
  /** `100 Continue`. */
  onContinue(): void;
  /** The head of the final response. */
  onFinalHead(status: number): void;
}

/** Makes responses of the bytes of one connection, one request at a time. */
export class ResponseReader implements ResponseSink {
  readonly #listener: ResponseListener;
  readonly #decoder: ResponseDecoder;
  readonly #body = new ReceivedBody();
  #request: ClientRequest | null = null;
  #interim: Interim[] | null = null;
  #response: WireResponse | null = null;
  #channel: BodyChannel | null = null;
  #isDiscarding = false;
  #isComplete = false;
  #keepAlive = false;
  #receivedBytes = 0;
  #lastHead: WireHead | null = null;

  constructor(
    limits: Partial<ResponseLimits>,
    listener: ResponseListener,
    sharedHeads: SharedHeads | null,
  ) {
    this.#listener = listener;
    this.#decoder = new ResponseDecoder(this, limits, { sharedHeads });
  }

  begin(request: ClientRequest): void {
    this.#request = request;
    this.#interim = null;
    this.#response = null;
    this.#channel = null;
    this.#isDiscarding = false;
    this.#isComplete = false;
    this.#receivedBytes = 0;
  }

  /** Null until the head is here. */
  get response(): WireResponse | null {
    return this.#response;
  }

  /** Where a streamed body goes; null when it was, or may yet be, all here at once. */
  get channel(): BodyChannel | null {
    return this.#channel;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Whether the connection outlives the response; final when that is complete. */
  get keepAlive(): boolean {
    return this.#keepAlive;
  }

  /** Bytes of the response so far, interim ones included. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  get remainingBodyBytes(): number {
    return this.#body.remainingBytes;
  }

  /** How long the server keeps an idle connection by its last response; Infinity where it says nothing. */
  get keepAliveHintMs(): number {
    return this.#lastHead === null ? Infinity : this.#lastHead.keepAliveHintMs;
  }

  /** Throws what the decoder throws, and DecodingError for a body that is too large. */
  feed(buffer: Buffer, end: number): void {
    this.#receivedBytes += end;
    this.#decoder.feed(buffer, 0, end);
    const response = this.#response;
    if (response === null || !this.#request!.isStreaming || this.#isComplete) return;
    this.#channel ??= new BodyChannel(this.#listener);
    response.body = this.#channel;
  }

  /** The peer sends no more; throws ProtocolError when that is too early. */
  finish(): void {
    this.#decoder.finish();
  }

  /** The rest is read and thrown away. */
  discard(): void {
    this.#isDiscarding = true;
  }

  onInterim(head: ResponseHead): void {
    if (head.status === 100) {
      this.#listener.onContinue();
      return;
    }
    this.#interim ??= [];
    this.#interim.push({ status: head.status, headers: FieldMap.ofHead(head.rawHead()) });
  }

  onHead(head: ResponseHead): 0 | 1 {
    const request = this.#request!;
    const kept = this.#headFor(head);
    this.#lastHead = kept;
    const response = new WireResponse(kept, this.#interim);
    const isBodiless = request.method === 'HEAD' || head.status === 304 || head.status === 204;
    this.#body.begin(isBodiless ? 0 : head.contentLength, request);
    this.#response = response;
    this.#listener.onFinalHead(head.status);
    return request.method === 'HEAD' ? BODY_NONE : BODY_EXPECTED;
  }

  /** What was made of the same head before, on this connection or on one that shares. */
  #headFor(head: ResponseHead): WireHead {
    const { known } = head;
    if (known !== null) return (known.made ??= new WireHead(head)) as WireHead;
    return head.isRepeated && this.#lastHead !== null ? this.#lastHead : new WireHead(head);
  }

  onBody(buffer: Buffer, start: number, end: number): void {
    if (this.#isDiscarding) return;
    const body = this.#body;
    if (!this.#request!.isStreaming || body.isWhole(end - start)) {
      body.add(buffer, start, end);
      return;
    }
    body.count(end - start);
    this.#channel ??= new BodyChannel(this.#listener);
    this.#channel.push(Buffer.from(buffer.subarray(start, end)));
  }

  onTrailers(rawTrailers: string): void {
    this.#response!.trailers = new FieldMap(rawTrailers);
  }

  onEnd(): boolean {
    const response = this.#response!;
    response.body = this.#channel ?? this.#body.take();
    this.#keepAlive = this.#decoder.keepAlive;
    this.#isComplete = true;
    // Requests are not pipelined: whatever follows belongs to none, and the decoder refuses it.
    return false;
  }
}
