// Hot: one object for each request, and nothing else. Invariant: every record is opened once, counted as scheduled then, and
// ends in exactly one of completed, failed or leftInFlight. Guarded by bench/src/script-cpu.ts.
import type { ExchangeWatch } from '@needletail/client';
import type { Clock } from '@needletail/wire';
import type { MeasuredTime } from '../collect/measured-time.ts';
import type { Recorder } from '../collect/recorder.ts';
import type { ScriptNames } from '../collect/script-names.ts';
import type { ScriptTally } from '../collect/script-tally.ts';
import type { EndpointNames } from './endpoint-names.ts';
import { fateOf, type Fate } from './failure-of.ts';

const OPEN = 0;
const ANSWERED = 1;
const FAILED = 2;

/** Requests of all users of one thread: where they are written down, and which of them are open. */
export class RequestLog {
  readonly clock: Clock;
  readonly time: MeasuredTime;
  readonly recorder: Recorder;
  readonly tally: ScriptTally;
  readonly names: ScriptNames;
  readonly endpoints: EndpointNames;
  readonly timeoutMs: number;
  /** Errors whose request is in the ledger: a scenario that does not catch them adds no error of its own. */
  readonly counted: WeakSet<object> = new WeakSet();
  readonly open: OpenRecords = new OpenRecords();
  /** Requests that wait for their connection. */
  unsent = 0;
  /** Called when such a request is sent, or will never be. */
  onSent: (() => void) | null = null;

  constructor(parts: {
    readonly clock: Clock;
    readonly time: MeasuredTime;
    readonly recorder: Recorder;
    readonly tally: ScriptTally;
    readonly names: ScriptNames;
    readonly endpoints: EndpointNames;
    readonly timeoutMs: number;
  }) {
    this.clock = parts.clock;
    this.time = parts.time;
    this.recorder = parts.recorder;
    this.tally = parts.tally;
    this.names = parts.names;
    this.endpoints = parts.endpoints;
    this.timeoutMs = parts.timeoutMs;
  }

  begin(endpoint: number, dueAt: number, now: number): RequestRecord {
    return new RequestRecord(this, endpoint, dueAt, now);
  }

  /** The run is over: what is open counts as in flight, and what it comes to later does not count. */
  leaveAll(): void {
    this.open.takeAll((record) => record.leave());
  }
}

/** Records that have not ended; each knows its place, so that leaving costs no look-up. */
class OpenRecords {
  readonly #records: RequestRecord[] = [];

  get size(): number {
    return this.#records.length;
  }

  add(record: RequestRecord): void {
    record.openPlace = this.#records.push(record) - 1;
  }

  delete(record: RequestRecord): void {
    const last = this.#records.pop()!;
    if (last === record) return;
    this.#records[record.openPlace] = last;
    last.openPlace = record.openPlace;
  }

  takeAll(visit: (record: RequestRecord) => void): void {
    for (const record of this.#records.splice(0)) visit(record);
  }
}

/** What is known of one request while it lasts, and for the checks of its answer. */
export class RequestRecord implements ExchangeWatch {
  /** Kept by the list of those that are open. */
  openPlace = 0;
  readonly #log: RequestLog;
  readonly #endpoint: number;
  readonly #dueAt: number;
  readonly #calledAt: number;
  #sentAt = Number.NaN;
  #firstByteAt = Number.NaN;
  #lastByteAt = Number.NaN;
  #endedAt = Number.NaN;
  #state: typeof OPEN | typeof ANSWERED | typeof FAILED = OPEN;

  constructor(log: RequestLog, endpoint: number, dueAt: number, calledAt: number) {
    this.#log = log;
    this.#endpoint = endpoint;
    this.#dueAt = dueAt;
    this.#calledAt = calledAt;
    log.recorder.scheduled(endpoint, dueAt);
    log.open.add(this);
    log.unsent += 1;
  }

  /** That of the request which `value`, a response, answers; null for anything else. */
  static of(value: unknown): RequestRecord | null {
    if (typeof value !== 'object' || value === null) return null;
    const { request } = value as { readonly request?: { readonly watch?: unknown } };
    if (typeof request !== 'object' || request === null) return null;
    return request.watch instanceof RequestRecord ? request.watch : null;
  }

  /** Whether anything came over a wire. */
  get isHeard(): boolean {
    return !Number.isNaN(this.#firstByteAt);
  }

  /** Whether it counts, and with it the checks of its answer. */
  get isMeasured(): boolean {
    return this.#log.time.has(this.#dueAt);
  }

  sent(nowMs: number): void {
    const isFirst = Number.isNaN(this.#sentAt);
    this.#sentAt = nowMs;
    this.#firstByteAt = Number.NaN;
    this.#lastByteAt = Number.NaN;
    if (isFirst && this.#state === OPEN) this.#leaveLine();
  }

  firstByte(nowMs: number): void {
    this.#firstByteAt = nowMs;
    this.#lastByteAt = nowMs;
  }

  bytesSent(sizeBytes: number): void {
    this.#log.recorder.bytesOut(sizeBytes);
  }

  bytesReceived(sizeBytes: number, nowMs: number): void {
    this.#lastByteAt = nowMs;
    this.#log.recorder.bytesIn(sizeBytes);
  }

  /** A complete response, as of now. */
  complete(status: number): void {
    if (this.#state === OPEN) this.#complete(status, this.#log.clock.now());
  }

  /** The same for one that was complete when its last byte was read. */
  completeAtLastByte(status: number): void {
    if (this.#state !== OPEN) return;
    this.#complete(status, this.isHeard ? this.#lastByteAt : this.#log.clock.now());
  }

  #complete(status: number, now: number): void {
    this.#end(ANSWERED, now);
    // What has no wire tells no times of its own.
    const sentAt = Number.isNaN(this.#sentAt) ? this.#calledAt : this.#sentAt;
    const firstByteAt = this.isHeard ? this.#firstByteAt : now;
    const { recorder } = this.#log;
    const isOk = recorder.answered(this.#endpoint, status, this.#dueAt, sentAt, firstByteAt, now);
    if (!isOk) this.#state = FAILED;
  }

  /** Gives what it counts as; null when it had ended before. */
  fail(error: unknown): Fate['kind'] | null {
    if (this.#state !== OPEN) return null;
    const now = this.#log.clock.now();
    this.#end(FAILED, now);
    const { recorder, counted, timeoutMs } = this.#log;
    if (error instanceof Error) {
      counted.add(error);
      if (error.cause instanceof Error) counted.add(error.cause);
    }
    const fate = fateOf(error, this.isHeard, timeoutMs);
    if (fate.isOutOfSockets === true) recorder.outOfSockets();
    const { kind, message } = fate;
    if (kind === 'dropped') recorder.dropped(this.#endpoint, this.#dueAt, now);
    else if (kind === 'timeout') {
      recorder.timedOut(this.#endpoint, message, this.#dueAt, this.#sentAt, now);
    } else recorder.failed(this.#endpoint, kind, message, this.#dueAt, this.#sentAt, now);
    return kind;
  }

  /** A check of the answer failed: for the ledger that happens once. */
  failCheck(name: string): void {
    if (this.#state !== ANSWERED) return;
    this.#state = FAILED;
    this.#log.recorder.recheck(this.#endpoint, name, this.#dueAt, this.#endedAt);
  }

  /** For `leaveAll`. */
  leave(): void {
    if (this.#state !== OPEN) return;
    this.#state = FAILED;
    this.#log.recorder.leftInFlight(this.#endpoint, this.#dueAt);
  }

  #end(state: typeof ANSWERED | typeof FAILED, now: number): void {
    const log = this.#log;
    this.#state = state;
    this.#endedAt = now;
    log.open.delete(this);
    if (Number.isNaN(this.#sentAt)) this.#leaveLine();
  }

  #leaveLine(): void {
    const log = this.#log;
    log.unsent -= 1;
    log.onSent?.();
  }
}
