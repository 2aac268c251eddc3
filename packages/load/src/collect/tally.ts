// Allocates: nothing after construction. Invariant: one thread writes a tally, any thread reads it; counters may be one
// request apart from the histograms until the writer has stopped. Guarded by bench/src/cpu-per-request.ts.
import { Histogram } from '@needletail/stats';
import { MemoryLayout } from './memory-layout.ts';

/** Places of the counters of one endpoint inside its block. */
export const SCHEDULED = 0;
export const OK = 1;
export const FAILED = 2;
export const TIMED_OUT = 3;
export const DROPPED = 4;
/** Written once, when the run ends, by counting what connections still wait for. */
export const IN_FLIGHT = 5;
const ENDPOINT_COUNTERS = 8;

export const FIRST_STATUS = 100;
export const LAST_STATUS = 599;
const STATUS_COUNTERS = LAST_STATUS - FIRST_STATUS + 1;

/** Places of a worker's own counters and gauges. */
export const BYTES_IN = 0;
export const BYTES_OUT = 1;
export const SATISFIED = 2;
export const TOLERATING = 3;
/** Gauges: overwritten, not added to. */
export const USERS = 4;
export const OPEN_CONNECTIONS = 5;
/** Requests due that wait for a connection. */
export const WAITING = 6;
/** Connections opened since the start, for "could anything be reached". */
export const OPENED = 7;
/** Counts the resets after warm-up, so that a reader knows that totals started again from zero. */
export const EPOCH = 8;
export const CPU_MS = 9;
export const RUN_QUEUE_WAIT_MS = 10;
export const WATCHED_MS = 11;
export const LOOP_ACTIVE_MS = 12;
export const GC_COUNT = 13;
export const GC_TOTAL_MS = 14;
export const GC_MAX_MS = 15;
/** Elapsed milliseconds at which the last answer arrived. */
export const LAST_ANSWER_MS = 16;
/** Elapsed milliseconds at which the last request ended, answered or not. */
export const LAST_END_MS = 18;
/** Most requests that ever waited at once because every allowed connection was busy. */
export const MOST_WAITING = 17;
/** Connections not opened because the generator's own system had no file or local port for them. */
export const OUT_OF_SOCKETS = 20;
/** Processor time spent waiting for due times by going round the event loop. */
export const SPIN_MS = 19;
const WORKER_COUNTERS = 24;

const WHOLE_RUN_HISTOGRAMS = 7;
const BYTES_PER_COUNTER = 8;

/** Counts of one endpoint; a view into its worker's tally. */
export interface EndpointTally {
  readonly ledger: Float64Array;
  readonly status: Float64Array;
  /** Two significant digits; null when there is one endpoint, whose latency is the whole run's. */
  readonly latency: Histogram | null;
}

/**
 * Everything a worker measures, in one block of shared memory whose size depends on the number of endpoints only.
 * Times are recorded in microseconds.
 */
export class Tally {
  readonly buffer: SharedArrayBuffer;
  readonly counters: Float64Array;
  readonly latency: Histogram;
  readonly serviceTime: Histogram;
  readonly scheduleLag: Histogram;
  readonly lateness: Histogram;
  readonly connect: Histogram;
  readonly tls: Histogram;
  readonly firstByte: Histogram;
  readonly endpoints: readonly EndpointTally[];
  #inUse: readonly EndpointTally[];

  static sizeBytes(endpointCount: number): number {
    const perEndpoint =
      (ENDPOINT_COUNTERS + STATUS_COUNTERS) * BYTES_PER_COUNTER +
      (endpointCount > 1 ? Histogram.sizeBytes(2) : 0);
    return (
      WORKER_COUNTERS * BYTES_PER_COUNTER +
      WHOLE_RUN_HISTOGRAMS * Histogram.sizeBytes(3) +
      endpointCount * perEndpoint
    );
  }

  constructor(
    endpointCount: number,
    buffer: SharedArrayBuffer = new SharedArrayBuffer(Tally.sizeBytes(endpointCount)),
  ) {
    this.buffer = buffer;
    const layout = new MemoryLayout(buffer);
    this.counters = layout.floats(WORKER_COUNTERS);
    this.latency = layout.histogram(3);
    this.serviceTime = layout.histogram(3);
    this.scheduleLag = layout.histogram(3);
    this.lateness = layout.histogram(3);
    this.connect = layout.histogram(3);
    this.tls = layout.histogram(3);
    this.firstByte = layout.histogram(3);
    this.endpoints = Array.from({ length: endpointCount }, () => ({
      ledger: layout.floats(ENDPOINT_COUNTERS),
      status: layout.floats(STATUS_COUNTERS),
      latency: endpointCount > 1 ? layout.histogram(2) : null,
    }));
    this.#inUse = this.endpoints;
  }

  /** Endpoints that can hold something: all, unless limited. */
  get endpointsInUse(): readonly EndpointTally[] {
    return this.#inUse;
  }

  /**
   * Endpoints named as they come: those past the first `count` are known to be empty, and sums pass them over. The last
   * is for what came when all others had names.
   */
  limitTo(count: number): void {
    const isFull = count >= this.endpoints.length - 1;
    if (isFull) this.#inUse = this.endpoints;
    else if (count !== this.#inUse.length) this.#inUse = this.endpoints.slice(0, count);
  }

  /** Forgets everything measured; gauges of what is open stay, the epoch moves on. */
  reset(): void {
    const users = this.counters[USERS]!;
    const open = this.counters[OPEN_CONNECTIONS]!;
    const opened = this.counters[OPENED]!;
    const epoch = this.counters[EPOCH]!;
    this.#clear();
    this.counters[USERS] = users;
    this.counters[OPEN_CONNECTIONS] = open;
    this.counters[OPENED] = opened;
    this.counters[EPOCH] = epoch + 1;
  }

  /** Makes this tally the exact sum of `parts`. */
  becomeSumOf(parts: readonly Tally[]): void {
    this.#clear();
    for (const part of parts) this.#add(part);
  }

  /** Makes this tally what was added to `later` since it looked like `earlier`; gauges and maxima are not kept. */
  becomeDifference(later: Tally, earlier: Tally): void {
    this.becomeSumOf([later]);
    subtractFrom(this.counters, earlier.counters);
    const theirs = earlier.#histograms();
    this.#histograms().forEach((histogram, index) => histogram.subtract(theirs[index]!));
    this.#inUse.forEach((endpoint, index) => {
      const other = earlier.endpoints[index]!;
      subtractFrom(endpoint.ledger, other.ledger);
      subtractFrom(endpoint.status, other.status);
      if (endpoint.latency !== null && other.latency !== null) {
        endpoint.latency.subtract(other.latency);
      }
    });
  }

  #clear(): void {
    this.counters.fill(0);
    for (const histogram of this.#histograms()) histogram.reset();
    for (const endpoint of this.#inUse) {
      endpoint.ledger.fill(0);
      endpoint.status.fill(0);
      endpoint.latency?.reset();
    }
  }

  #add(part: Tally): void {
    const largest = [LAST_ANSWER_MS, LAST_END_MS, GC_MAX_MS].map((place) =>
      Math.max(this.counters[place]!, part.counters[place]!),
    );
    addInto(this.counters, part.counters);
    this.counters[LAST_ANSWER_MS] = largest[0]!;
    this.counters[LAST_END_MS] = largest[1]!;
    this.counters[GC_MAX_MS] = largest[2]!;
    const theirs = part.#histograms();
    this.#histograms().forEach((histogram, index) => histogram.add(theirs[index]!));
    this.#inUse.forEach((endpoint, index) => {
      const other = part.endpoints[index]!;
      addInto(endpoint.ledger, other.ledger);
      addInto(endpoint.status, other.status);
      if (endpoint.latency !== null && other.latency !== null) endpoint.latency.add(other.latency);
    });
  }

  #histograms(): readonly Histogram[] {
    return [
      this.latency,
      this.serviceTime,
      this.scheduleLag,
      this.lateness,
      this.connect,
      this.tls,
      this.firstByte,
    ];
  }
}

export function addInto(target: Float64Array, source: Float64Array): void {
  for (let index = 0; index < target.length; index += 1) {
    target[index] = target[index]! + source[index]!;
  }
}

export function subtractFrom(target: Float64Array, source: Float64Array): void {
  for (let index = 0; index < target.length; index += 1) {
    target[index] = target[index]! - source[index]!;
  }
}
