// Allocates: nothing per answered request; a string and a map entry per new kind of failure (their number is capped).
// Invariant: every request is scheduled once and then ends in exactly one of answered, failed, timedOut or dropped.
// Guarded by bench/src/cpu-per-request.ts.
import type { StatusRange } from '../plan/plan.ts';
import { MeasuredTime } from './measured-time.ts';
import type { FailureCount, FailureKind } from './run-summary.ts';
import {
  BYTES_IN,
  BYTES_OUT,
  DROPPED,
  EPOCH,
  FAILED,
  FIRST_STATUS,
  IN_FLIGHT,
  LAST_ANSWER_MS,
  LAST_END_MS,
  LAST_STATUS,
  OK,
  OUT_OF_SOCKETS,
  SATISFIED,
  SCHEDULED,
  TIMED_OUT,
  TOLERATING,
} from './tally.ts';
import type { Tally } from './tally.ts';
import type { TrafficRecorder } from './traffic-recorder.ts';

/** Kinds of failure beyond this many are counted together. */
const MAX_FAILURE_MESSAGES = 100;
const MICROS = 1000;

export interface RecorderOptions {
  readonly success: readonly StatusRange[];
  readonly onlyOk: boolean;
  readonly apdexMs: number;
}

/** Writes what happened to requests into a tally; all times are milliseconds on the run's clock. */
export class Recorder implements TrafficRecorder {
  readonly tally: Tally;
  readonly #time: MeasuredTime;
  readonly #success = new Uint8Array(LAST_STATUS + 1);
  readonly #onlyOk: boolean;
  readonly #satisfiedMs: number;
  readonly #toleratedMs: number;
  readonly #failures = new Map<string, { kind: FailureKind; message: string; count: number }>();
  readonly #severalEndpoints: boolean;
  #startedAt = 0;
  #failuresChanged = false;

  constructor(tally: Tally, options: RecorderOptions, time: MeasuredTime = new MeasuredTime()) {
    this.tally = tally;
    this.#time = time;
    this.#onlyOk = options.onlyOk;
    this.#satisfiedMs = options.apdexMs;
    this.#toleratedMs = options.apdexMs * 4;
    this.#severalEndpoints = tally.endpoints.length > 1;
    for (const { from, to } of options.success) this.#success.fill(1, from, to + 1);
  }

  /** Start of the run; everything due before it belongs to nothing. */
  start(now: number): void {
    this.#startedAt = now;
  }

  /** The end of the warm-up: what has been counted is forgotten. */
  restart(now: number): void {
    this.#startedAt = now;
    this.#failures.clear();
    this.#failuresChanged = true;
    this.tally.reset();
  }

  get epoch(): number {
    return this.tally.counters[EPOCH]!;
  }

  scheduled(endpoint: number, dueAt: number): void {
    if (!this.#time.has(dueAt)) return;
    this.tally.endpoints[endpoint]!.ledger[SCHEDULED]! += 1;
  }

  bytesIn(sizeBytes: number): void {
    this.tally.counters[BYTES_IN]! += sizeBytes;
  }

  bytesOut(sizeBytes: number): void {
    this.tally.counters[BYTES_OUT]! += sizeBytes;
  }

  /** A complete response came in; gives whether it counts as ok. */
  answered(
    endpoint: number,
    status: number,
    dueAt: number,
    sentAt: number,
    firstByteAt: number,
    now: number,
  ): boolean {
    if (!this.#time.has(dueAt)) return this.#success[status] === 1;
    const { tally } = this;
    const entry = tally.endpoints[endpoint]!;
    tally.counters[LAST_ANSWER_MS] = now - this.#startedAt;
    entry.status[status - FIRST_STATUS]! += 1;
    tally.serviceTime.record((now - sentAt) * MICROS);
    tally.firstByte.record((firstByteAt - sentAt) * MICROS);
    tally.scheduleLag.record((sentAt - dueAt) * MICROS);
    const ageMs = now - dueAt;
    const isOk = this.#success[status] === 1;
    if (isOk) {
      entry.ledger[OK]! += 1;
      if (ageMs < this.#satisfiedMs) tally.counters[SATISFIED]! += 1;
      else if (ageMs < this.#toleratedMs) tally.counters[TOLERATING]! += 1;
    } else {
      entry.ledger[FAILED]! += 1;
      this.#countFailure('status', `HTTP ${status}`);
      if (this.#onlyOk) return false;
    }
    tally.latency.record(ageMs * MICROS);
    if (this.#severalEndpoints) entry.latency!.record(ageMs * MICROS);
    return isOk;
  }

  /**
   * A check failed on an answer that had counted as ok, which came at `endedAt`: it counts as failed from now on. For
   * once only per request. Its latency stays where it was recorded: it was a complete answer.
   */
  recheck(endpoint: number, check: string, dueAt: number, endedAt: number): void {
    if (!this.#time.has(dueAt)) return;
    const { counters, endpoints } = this.tally;
    const { ledger } = endpoints[endpoint]!;
    ledger[OK]! -= 1;
    ledger[FAILED]! += 1;
    const ageMs = endedAt - dueAt;
    if (ageMs < this.#satisfiedMs) counters[SATISFIED]! -= 1;
    else if (ageMs < this.#toleratedMs) counters[TOLERATING]! -= 1;
    this.#countFailure('check', check);
  }

  /** The request will get no usable answer; `sentAt` is NaN when it never left. */
  failed(
    endpoint: number,
    kind: FailureKind,
    message: string,
    dueAt: number,
    sentAt: number,
    now: number,
  ): void {
    if (!this.#time.has(dueAt)) return;
    this.tally.endpoints[endpoint]!.ledger[FAILED]! += 1;
    this.#countFailure(kind, message);
    this.#unanswered(endpoint, dueAt, sentAt, now);
  }

  timedOut(endpoint: number, message: string, dueAt: number, sentAt: number, now: number): void {
    if (!this.#time.has(dueAt)) return;
    this.tally.endpoints[endpoint]!.ledger[TIMED_OUT]! += 1;
    this.#countFailure('timeout', message);
    this.#unanswered(endpoint, dueAt, sentAt, now);
  }

  /** Was due, never sent. */
  dropped(endpoint: number, dueAt: number, now: number): void {
    if (!this.#time.has(dueAt)) return;
    this.tally.endpoints[endpoint]!.ledger[DROPPED]! += 1;
    this.#unanswered(endpoint, dueAt, Number.NaN, now);
  }

  /** Still open at the end of the run. */
  leftInFlight(endpoint: number, dueAt: number): void {
    if (!this.#time.has(dueAt)) return;
    this.tally.endpoints[endpoint]!.ledger[IN_FLIGHT]! += 1;
  }

  /** How late the generator itself was in sending. */
  late(dueAt: number, latenessMs: number): void {
    if (!this.#time.has(dueAt)) return;
    this.tally.lateness.record(latenessMs > 0 ? latenessMs * MICROS : 0);
  }

  connected(connectMs: number, tlsMs: number): void {
    this.tally.connect.record(connectMs * MICROS);
    if (tlsMs > 0) this.tally.tls.record(tlsMs * MICROS);
  }

  /** The system had no file or local port left for a connection. */
  outOfSockets(): void {
    this.tally.counters[OUT_OF_SOCKETS]! += 1;
  }

  /** The failures so far, if they changed since the last call. */
  takeFailures(): readonly FailureCount[] | null {
    if (!this.#failuresChanged) return null;
    this.#failuresChanged = false;
    return [...this.#failures.values()].map((failure) => ({ ...failure }));
  }

  #unanswered(endpoint: number, dueAt: number, sentAt: number, now: number): void {
    const { tally } = this;
    tally.counters[LAST_END_MS] = now - this.#startedAt;
    if (this.#onlyOk) return;
    tally.latency.record((now - dueAt) * MICROS);
    if (this.#severalEndpoints) tally.endpoints[endpoint]!.latency!.record((now - dueAt) * MICROS);
    if (Number.isNaN(sentAt)) {
      tally.scheduleLag.record((now - dueAt) * MICROS);
    } else {
      tally.serviceTime.record((now - sentAt) * MICROS);
      tally.scheduleLag.record((sentAt - dueAt) * MICROS);
    }
  }

  #countFailure(kind: FailureKind, message: string): void {
    this.#failuresChanged = true;
    const key = `${kind} ${message}`;
    const known = this.#failures.get(key);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    if (this.#failures.size >= MAX_FAILURE_MESSAGES && message !== OTHER) {
      this.#countFailure(kind, OTHER);
      return;
    }
    this.#failures.set(key, { kind, message, count: 1 });
  }
}

const OTHER = 'other causes';
