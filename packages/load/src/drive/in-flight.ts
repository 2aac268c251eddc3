// Allocates: nothing per request. Invariant: at most `places` requests at a time; the oldest is answered first
// (RFC 9112 §9.3.2). Guarded by bench/src/cpu-per-request.ts.
import { BODY_EXPECTED, BODY_NONE } from '@needletail/wire';
import type { ResponseHead, ResponseSink } from '@needletail/wire';
import type { Recorder } from '../collect/recorder.ts';
import type { FailureKind } from '../collect/run-summary.ts';
import type { RenderedRequest } from './render-request.ts';

/** The requests one connection waits for, and the counting sink of its decoder: answers are recorded and forgotten. */
export class InFlight implements ResponseSink {
  readonly places: number;
  /** When the bytes now being decoded were read. */
  readAt = 0;
  /** When the first byte of the answer now being decoded was read. */
  firstByteAt = 0;
  /** The peer said that this answer is its last on the connection. */
  lastAnswer = false;
  count = 0;
  #oldest = 0;
  #status = 0;
  readonly #dueAt: Float64Array;
  readonly #sentAt: Float64Array;
  readonly #endpoint: Int32Array;
  readonly #recorder: Recorder;
  readonly #requests: readonly RenderedRequest[];

  constructor(places: number, requests: readonly RenderedRequest[], recorder: Recorder) {
    this.places = places;
    this.#requests = requests;
    this.#recorder = recorder;
    this.#dueAt = new Float64Array(places);
    this.#sentAt = new Float64Array(places);
    this.#endpoint = new Int32Array(places);
  }

  push(endpoint: number, dueAt: number, sentAt: number): void {
    let place = this.#oldest + this.count;
    if (place >= this.places) place -= this.places;
    this.#dueAt[place] = dueAt;
    this.#sentAt[place] = sentAt;
    this.#endpoint[place] = endpoint;
    this.count += 1;
  }

  /** When the oldest was sent; meaningless when none is in flight. */
  get oldestSentAt(): number {
    return this.#sentAt[this.#oldest]!;
  }

  onHead(head: ResponseHead): 0 | 1 {
    this.#status = head.status;
    if (!head.keepAlive) this.lastAnswer = true;
    const request = this.#requests[this.#endpoint[this.#oldest]!]!;
    return request.isHead ? BODY_NONE : BODY_EXPECTED;
  }

  onBody(): void {
    // Its bytes were counted when they were read; nobody keeps them.
  }

  onEnd(): boolean {
    const place = this.#oldest;
    this.#recorder.answered(
      this.#endpoint[place]!,
      this.#status,
      this.#dueAt[place]!,
      this.#sentAt[place]!,
      this.firstByteAt,
      this.readAt,
    );
    this.firstByteAt = this.readAt;
    this.#pop();
    return this.count > 0 && !this.lastAnswer;
  }

  failOldest(kind: FailureKind, message: string, now: number): void {
    const place = this.#oldest;
    this.#recorder.failed(
      this.#endpoint[place]!,
      kind,
      message,
      this.#dueAt[place]!,
      this.#sentAt[place]!,
      now,
    );
    this.#pop();
  }

  failAll(kind: FailureKind, message: string, now: number): void {
    while (this.count > 0) this.failOldest(kind, message, now);
  }

  timeOutOldest(message: string, now: number): void {
    const place = this.#oldest;
    this.#recorder.timedOut(
      this.#endpoint[place]!,
      message,
      this.#dueAt[place]!,
      this.#sentAt[place]!,
      now,
    );
    this.#pop();
  }

  /** The run has ended: whatever is left is counted as in flight. */
  leaveAll(): void {
    for (; this.count > 0; this.#pop()) {
      this.#recorder.leftInFlight(this.#endpoint[this.#oldest]!, this.#dueAt[this.#oldest]!);
    }
  }

  #pop(): void {
    this.#oldest += 1;
    if (this.#oldest === this.places) this.#oldest = 0;
    this.count -= 1;
  }
}
