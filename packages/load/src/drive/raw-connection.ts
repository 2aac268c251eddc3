// Allocates: nothing per request that is rendered once; patched requests cost one string.
// Invariant: bytes handed to received() are borrowed; a connection takes its next request only after everything read so
// far was decoded, so that stray bytes can never pass for its answer. Guarded by bench/src/cpu-per-request.ts.
import { LinkError, ResponseDecoder, WireError } from '@needletail/wire';
import type { Connector, Link, LinkHandler, OpenTimings } from '@needletail/wire';
import { InFlight } from './in-flight.ts';
import type { Recorder } from '../collect/recorder.ts';
import type { RenderedRequest } from './render-request.ts';
import type { Connection, DriveContext, Traffic } from './traffic.ts';

/** A refused connection waits this long before its next try, doubled each time up to the longest. */
const FIRST_BACK_OFF_MS = 50;
const LONGEST_BACK_OFF_MS = 1000;

export interface RawConnectionOptions {
  readonly dialer: Connector;
  readonly requests: readonly RenderedRequest[];
  /** Data feed, one row an iteration. */
  readonly rows: readonly (readonly string[])[] | null;
  readonly keepAlive: boolean;
  readonly pipelining: number;
  /** Called with +1 and -1 as links open and close. */
  readonly onOpenChange: (change: 1 | -1) => void;
}

/** Speaks HTTP/1.1 on one link after another; counts the answers and keeps nothing of them. */
export class RawConnection implements Connection {
  readonly index: number;
  step = 0;
  iteration = 0;
  readonly #context: DriveContext<Recorder>;
  readonly #traffic: Traffic;
  readonly #options: RawConnectionOptions;
  readonly #inFlight: InFlight;
  readonly #decoder: ResponseDecoder;
  #session: Session | null = null;
  #link: Link | null = null;
  #isOpen = false;
  #retired = false;
  #openStartedAt = 0;
  #backOffMs = 0;
  #backOffUntil = -Infinity;
  #waitsToOpen = false;
  /** Requests begun while answers are handed on, sent together afterwards; null while there is nothing to gather. */
  #held: (string | Uint8Array)[] | null = null;
  /** A request that waits for the link to open. */
  #pending: PendingRequest | null = null;

  constructor(
    index: number,
    context: DriveContext<Recorder>,
    traffic: Traffic,
    options: RawConnectionOptions,
  ) {
    this.index = index;
    this.#context = context;
    this.#traffic = traffic;
    this.#options = options;
    this.#inFlight = new InFlight(options.pipelining, options.requests, context.recorder);
    this.#decoder = new ResponseDecoder(this.#inFlight);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get hasRoom(): boolean {
    return this.#pending === null && this.#inFlight.count < this.#inFlight.places;
  }

  get isBusy(): boolean {
    return this.#pending !== null || this.#inFlight.count > 0;
  }

  isBackingOff(now: number): boolean {
    return now < this.#backOffUntil;
  }

  open(now: number): void {
    if (this.#link !== null || this.#retired) return;
    if (now < this.#backOffUntil) {
      this.#openAfterBackOff(now);
      return;
    }
    this.#openStartedAt = now;
    this.#decoder.reset();
    this.#inFlight.lastAnswer = false;
    this.#session = new Session(this);
    this.#link = this.#options.dialer.connect(this.#session);
  }

  begin(endpoint: number, iteration: number, dueAt: number, now: number): void {
    this.#context.recorder.scheduled(endpoint, dueAt);
    if (this.#isOpen) {
      this.#send(endpoint, iteration, dueAt, now);
      return;
    }
    this.#pending = { endpoint, iteration, dueAt };
    this.open(now);
  }

  retire(): void {
    this.#retired = true;
    if (!this.isBusy) this.#drop();
  }

  restore(): void {
    this.#retired = false;
  }

  /** Gives up on a request that has waited longer than the time-out since it was sent. */
  checkTimeout(now: number): void {
    const { timeoutMs } = this.#context;
    if (this.#inFlight.count === 0 || now - this.#inFlight.oldestSentAt < timeoutMs) return;
    this.#inFlight.timeOutOldest(`no complete answer within ${timeoutMs} ms`, now);
    this.#inFlight.failAll('reset', 'closed after an earlier request on it timed out', now);
    this.#drop();
    this.#traffic.onFree(this, now);
  }

  abandon(): void {
    this.#retired = true;
    if (this.#pending !== null) {
      this.#context.recorder.leftInFlight(this.#pending.endpoint, this.#pending.dueAt);
      this.#pending = null;
    }
    this.#inFlight.leaveAll();
    this.#drop();
  }

  // ── from the link, through its session ──

  opened(timings: OpenTimings): void {
    const now = this.#context.clock.now();
    this.#isOpen = true;
    this.#backOffMs = 0;
    this.#options.onOpenChange(1);
    this.#context.recorder.connected(timings.connectMs, timings.tlsMs);
    const pending = this.#pending;
    if (pending !== null) {
      this.#pending = null;
      this.#send(pending.endpoint, pending.iteration, pending.dueAt, now);
    }
    if (this.#retired && !this.isBusy) this.#drop();
    else if (this.hasRoom) this.#offer(now);
  }

  received(buffer: Buffer, end: number): void {
    const inFlight = this.#inFlight;
    const now = this.#context.clock.now();
    this.#context.recorder.bytesIn(end);
    const before = inFlight.count;
    if (before === 0) {
      this.#drop();
      return;
    }
    inFlight.readAt = now;
    if (!this.#decoder.midMessage) inFlight.firstByteAt = now;
    try {
      this.#decoder.feed(buffer, 0, end);
    } catch (error) {
      this.#malformed(error, now);
      return;
    }
    if (inFlight.count !== before) this.#answered(now);
  }

  peerEnded(): void {
    const inFlight = this.#inFlight;
    const now = this.#context.clock.now();
    const wasBusy = inFlight.count > 0;
    inFlight.readAt = now;
    const midMessage = this.#decoder.midMessage;
    try {
      this.#decoder.finish();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      if (midMessage && inFlight.count > 0) {
        inFlight.failOldest(
          'truncated',
          'the connection was closed in the middle of an answer',
          now,
        );
      }
    }
    inFlight.failAll('reset', 'the connection was closed before an answer came', now);
    this.#drop();
    if (wasBusy) this.#traffic.onFree(this, now);
  }

  closed(error: Error | null): void {
    const now = this.#context.clock.now();
    const wasOpen = this.#isOpen;
    this.#detach();
    const cause = error === null ? 'the connection was closed' : error.message;
    if (wasOpen) {
      const wasBusy = this.#inFlight.count > 0;
      if (wasBusy && this.#decoder.midMessage) this.#inFlight.failOldest('truncated', cause, now);
      this.#inFlight.failAll('reset', cause, now);
      if (wasBusy) this.#traffic.onFree(this, now);
    } else {
      if (isOutOfSockets(error)) this.#context.recorder.outOfSockets();
      this.#openFailed(cause, now);
    }
  }

  // ── private ──

  #send(endpoint: number, iteration: number, dueAt: number, now: number): void {
    const request = this.#options.requests[endpoint]!;
    const { rows } = this.#options;
    const bytes =
      request.fixed ??
      request.render(iteration, rows === null ? null : rows[iteration % rows.length]!);
    this.#inFlight.push(endpoint, dueAt, now);
    this.#context.recorder.bytesOut(bytes.length);
    if (this.#held === null) this.#link!.write(bytes);
    else this.#held.push(bytes);
  }

  /** Lets the traffic refill the connection; pipelined requests leave in one write. */
  #offer(now: number): void {
    if (this.#options.pipelining === 1) {
      this.#traffic.onFree(this, now);
      return;
    }
    const held: (string | Uint8Array)[] = [];
    this.#held = held;
    this.#traffic.onFree(this, now);
    this.#held = null;
    if (held.length > 0) this.#link!.writeAll(held);
  }

  #answered(now: number): void {
    const inFlight = this.#inFlight;
    if (inFlight.lastAnswer || !this.#options.keepAlive) {
      inFlight.failAll('reset', 'the server closed the connection before a pipelined answer', now);
      this.#drop();
    } else if (this.#retired && inFlight.count === 0) {
      this.#drop();
    }
    this.#offer(now);
  }

  #malformed(error: unknown, now: number): void {
    if (!(error instanceof WireError)) throw error;
    // Bytes past the last awaited answer belong to no request; the answers before them stand.
    if (this.#inFlight.count > 0) this.#inFlight.failOldest('protocol', error.message, now);
    this.#inFlight.failAll('reset', 'closed after a malformed answer on it', now);
    this.#drop();
    this.#traffic.onFree(this, now);
  }

  #openFailed(cause: string, now: number): void {
    this.#backOffMs = Math.min(
      LONGEST_BACK_OFF_MS,
      Math.max(FIRST_BACK_OFF_MS, this.#backOffMs * 2),
    );
    this.#backOffUntil = now + this.#backOffMs;
    const pending = this.#pending;
    if (pending === null) {
      if (!this.#retired) this.#traffic.onOpenFailed(this, this.#openStartedAt, now, cause);
      return;
    }
    this.#pending = null;
    const { recorder } = this.#context;
    recorder.failed(pending.endpoint, 'connect', cause, pending.dueAt, Number.NaN, now);
    this.#traffic.onFree(this, now);
  }

  #openAfterBackOff(now: number): void {
    if (this.#waitsToOpen) return;
    this.#waitsToOpen = true;
    const { clock } = this.#context;
    clock.setTimer(this.#backOffUntil - now, () => {
      this.#waitsToOpen = false;
      this.open(clock.now());
    });
  }

  #drop(): void {
    const link = this.#link;
    if (link === null) return;
    this.#detach();
    link.destroy();
  }

  #detach(): void {
    if (this.#session !== null) this.#session.current = false;
    if (this.#isOpen) this.#options.onOpenChange(-1);
    this.#isOpen = false;
    this.#session = null;
    this.#link = null;
  }
}

/** A shortage on this side, which says nothing about the target. */
function isOutOfSockets(error: Error | null): boolean {
  if (!(error instanceof LinkError)) return false;
  return error.code === 'TOO_MANY_FILES' || error.code === 'NO_LOCAL_PORTS';
}

interface PendingRequest {
  readonly endpoint: number;
  readonly iteration: number;
  readonly dueAt: number;
}

/** Stands between a connection and one of its links, so that a dropped link cannot speak for its successor. */
class Session implements LinkHandler {
  current = true;
  readonly #connection: RawConnection;

  constructor(connection: RawConnection) {
    this.#connection = connection;
  }

  onOpen(timings: OpenTimings): void {
    if (this.current) this.#connection.opened(timings);
  }

  onBytes(buffer: Buffer, end: number): void {
    if (this.current) this.#connection.received(buffer, end);
  }

  onDrain(): void {
    // Few small requests are in flight at a time: nothing waits for the queue to empty.
  }

  onEnd(): void {
    if (this.current) this.#connection.peerEnded();
  }

  onClose(error: Error | null): void {
    if (this.current) this.#connection.closed(error);
  }
}
