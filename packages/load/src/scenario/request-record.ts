// Hot: one object for each request, and nothing else. Invariant: every record is opened once, counted as scheduled then, and
// ends in exactly one of answered, failed or leftInFlight. Guarded by bench/src/script-cpu.ts.
import type { ExchangeWatch } from '@needletail/client';
import type { Clock } from '@needletail/wire';
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
  readonly recorder: Recorder;
  readonly tally: ScriptTally;
  readonly names: ScriptNames;
  readonly endpoints: EndpointNames;
  readonly timeoutMs: number;
  /** Errors whose request is in the ledger: a scenario that does not catch them adds no error of its own. */
  readonly counted: WeakSet<object> = new WeakSet();
  readonly open: Set<RequestRecord> = new Set();
  /** Requests that wait for their connection. */
  unsent = 0;
  /** Called when such a request is sent, or will never be. */
  onSent: (() => void) | null = null;

  constructor(parts: {
    readonly clock: Clock;
    readonly recorder: Recorder;
    readonly tally: ScriptTally;
    readonly names: ScriptNames;
    readonly endpoints: EndpointNames;
    readonly timeoutMs: number;
  }) {
    this.clock = parts.clock;
    this.recorder = parts.recorder;
    this.tally = parts.tally;
    this.names = parts.names;
    this.endpoints = parts.endpoints;
    this.timeoutMs = parts.timeoutMs;
  }

  begin(endpoint: number, dueAt: number, now: number): RequestRecord {
    this.recorder.scheduled(endpoint, dueAt);
    const record = new RequestRecord(this, endpoint, dueAt, now);
    this.open.add(record);
    this.unsent += 1;
    return record;
  }

  /** The run is over: what is open counts as in flight, and what it comes to later does not count. */
  leaveAll(): void {
    for (const record of this.open) record.leave();
    this.open.clear();
  }
}

/** What is known of one request while it lasts, and for the checks of its answer. */
export class RequestRecord implements ExchangeWatch {
  readonly #log: RequestLog;
  readonly #endpoint: number;
  readonly #dueAt: number;
  readonly #calledAt: number;
  #sentAt = Number.NaN;
  #firstByteAt = Number.NaN;
  #endedAt = Number.NaN;
  #state: typeof OPEN | typeof ANSWERED | typeof FAILED = OPEN;

  constructor(log: RequestLog, endpoint: number, dueAt: number, calledAt: number) {
    this.#log = log;
    this.#endpoint = endpoint;
    this.#dueAt = dueAt;
    this.#calledAt = calledAt;
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

  sent(nowMs: number): void {
    const isFirst = Number.isNaN(this.#sentAt);
    this.#sentAt = nowMs;
    this.#firstByteAt = Number.NaN;
    if (isFirst && this.#state === OPEN) this.#leaveLine();
  }

  firstByte(nowMs: number): void {
    this.#firstByteAt = nowMs;
  }

  bytesSent(sizeBytes: number): void {
    this.#log.recorder.bytesOut(sizeBytes);
  }

  bytesReceived(sizeBytes: number): void {
    this.#log.recorder.bytesIn(sizeBytes);
  }

  /** A complete response. */
  answered(status: number): void {
    if (this.#state !== OPEN) return;
    const now = this.#end(ANSWERED);
    // What has no wire tells no times of its own.
    const sentAt = Number.isNaN(this.#sentAt) ? this.#calledAt : this.#sentAt;
    const firstByteAt = this.isHeard ? this.#firstByteAt : now;
    const { recorder } = this.#log;
    const isOk = recorder.answered(this.#endpoint, status, this.#dueAt, sentAt, firstByteAt, now);
    if (!isOk) this.#state = FAILED;
  }

  /** Gives what it counts as; null when it had ended before. */
  failed(error: unknown): Fate['kind'] | null {
    if (this.#state !== OPEN) return null;
    const now = this.#end(FAILED);
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

  #end(state: typeof ANSWERED | typeof FAILED): number {
    const log = this.#log;
    const now = log.clock.now();
    this.#state = state;
    this.#endedAt = now;
    log.open.delete(this);
    if (Number.isNaN(this.#sentAt)) this.#leaveLine();
    return now;
  }

  #leaveLine(): void {
    const log = this.#log;
    log.unsent -= 1;
    log.onSent?.();
  }
}
