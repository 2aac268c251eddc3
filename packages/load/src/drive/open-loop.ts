// Allocates: nothing per request (the queue of waiting requests grows by doubling, up to rate x time-out).
// Invariant: request n of the schedule is sent at most once, in order. Guarded by bench/src/rate-accuracy.ts.
import { MOST_WAITING, USERS, WAITING } from '../collect/tally.ts';
import type { ArrivalPacer } from '../pace/pacer.ts';
import { Hold } from './hold.ts';
import { PreciseTimer, SAME_MOMENT_MS } from './precise-timer.ts';
import type { RequestChoice } from './request-choice.ts';
import type { Connection, DriveContext, MakeConnection, Traffic } from './traffic.ts';
import { WaitingLine } from './waiting-line.ts';

export interface OpenLoopOptions {
  /** This worker's share of the schedule. */
  readonly pacer: ArrivalPacer;
  readonly choice: RequestChoice;
  /** Number within the whole run of this worker's first request, and the step to its next. */
  readonly worker: number;
  readonly workers: number;
  readonly maxConnections: number;
  readonly makeConnection: MakeConnection;
  readonly connections: Connection[];
  /** Tells whether this thread has been busy without a pause lately: then waiting is its own fault. */
  readonly isSaturated: () => boolean;
}

/** The open model: requests are due by a schedule that does not wait for the target. */
export class OpenLoop implements Traffic {
  readonly #context: DriveContext;
  readonly #options: OpenLoopOptions;
  readonly #timer: PreciseTimer;
  readonly #waiting = new WaitingLine();
  /** Open connections with room, the one used last on top. */
  readonly #idle: Connection[] = [];
  /** Whether the connection of an index is in `#idle` or `#shut`. */
  readonly #listed: Uint8Array;
  /** Connections that were closed and may be opened again. */
  readonly #shut: Connection[] = [];
  #startedAt = 0;
  #released = 0;
  #nextDueAt = Infinity;
  /** Since when a connection could be had, Infinity while none can. */
  #availableSince = -Infinity;
  #stopped = false;
  readonly #hold = new Hold();

  constructor(context: DriveContext, options: OpenLoopOptions) {
    this.#context = context;
    this.#options = options;
    this.#listed = new Uint8Array(options.maxConnections);
    this.#timer = new PreciseTimer(context.clock, () => this.#run(context.clock.now()));
  }

  get isFinished(): boolean {
    return this.#nextDueAt === Infinity && this.#waiting.size === 0 && !this.#hold.isOpenEnded;
  }

  /** Rounds spent spinning towards due times. */
  get spins(): number {
    return this.#timer.spins;
  }

  /** Milliseconds that took. */
  get spinMs(): number {
    return this.#timer.spinMs;
  }

  /** Opens `count` connections before the schedule starts. */
  preopen(count: number, now: number): void {
    for (let opened = 0; opened < count; opened += 1) this.#make().open(now);
  }

  start(now: number): void {
    this.#startedAt = now;
    this.#availableSince = now;
    this.#nextDueAt = now + this.#options.pacer.dueMs(0);
    this.#run(now);
  }

  stop(now: number): void {
    // What was due before the end and could be sent is sent, however late this thread comes to it.
    this.#run(now);
    this.#stopped = true;
    this.#nextDueAt = Infinity;
    this.#timer.set(Infinity);
    // What was due before a pause that is never over has not waited for longer than until then.
    const endAt = this.#hold.covers(now) ? this.#hold.from : now;
    while (this.#waiting.size > 0) this.#drop(endAt);
    for (const connection of this.#options.connections) connection.retire();
  }

  sweep(now: number): void {
    for (const connection of this.#options.connections) connection.checkTimeout(now);
    if (this.#hold.covers(now)) return;
    const tooOld = now - this.#context.timeoutMs;
    while (this.#waiting.size > 0 && this.#waiting.firstDueAt <= tooOld) this.#drop(now);
    if (!this.#stopped) this.#run(now);
  }

  pause(at: number, now: number): void {
    if (this.#stopped) return;
    this.#hold.begin(at);
    this.reschedule(now);
  }

  resume(at: number, now: number): void {
    if (this.#stopped) return;
    this.#waiting.postpone(this.#hold.end(at));
    if (this.#availableSince !== Infinity) {
      this.#availableSince = Math.max(this.#availableSince, at);
    }
    this.reschedule(now);
  }

  reschedule(now: number): void {
    if (this.#stopped) return;
    this.#nextDueAt = this.#startedAt + this.#options.pacer.dueMs(this.#released);
    this.#run(now);
  }

  onFree(connection: Connection, now: number): void {
    if (this.#stopped) {
      connection.retire();
      return;
    }
    this.#list(connection);
    if (this.#availableSince !== Infinity) return;
    this.#availableSince = now;
    this.#run(now);
  }

  onOpenFailed(connection: Connection): void {
    if (!this.#stopped) this.#list(connection);
  }

  /** Sends what is due, then sleeps until the next. */
  #run(now: number): void {
    if (this.#hold.covers(now)) {
      this.#timer.set(this.#hold.until);
      return;
    }
    this.#sendWaiting(now);
    while (this.#nextDueAt <= now + SAME_MOMENT_MS) {
      this.#release();
      this.#sendWaiting(now);
    }
    const { counters } = this.#context.recorder.tally;
    counters[WAITING] = this.#waiting.size;
    if (this.#waiting.size > counters[MOST_WAITING]!) counters[MOST_WAITING] = this.#waiting.size;
    // With every connection busy nothing could be sent on time anyway: the next free one comes back here.
    this.#timer.set(this.#availableSince === Infinity ? Infinity : this.#nextDueAt);
  }

  /** Puts the next request of the schedule in the line of those that are due. */
  #release(): void {
    this.#waiting.push(this.#nextDueAt, this.#numberOf(this.#released));
    this.#released += 1;
    this.#nextDueAt = this.#startedAt + this.#options.pacer.dueMs(this.#released);
  }

  #sendWaiting(now: number): void {
    while (this.#waiting.size > 0) {
      const connection = this.#take(now);
      if (connection === null) {
        this.#availableSince = Infinity;
        return;
      }
      const dueAt = this.#waiting.firstDueAt;
      const number = this.#waiting.firstNumber;
      this.#waiting.shift();
      const couldSendAt = this.#options.isSaturated()
        ? dueAt
        : Math.max(dueAt, this.#availableSince);
      if (this.#availableSince === Infinity) this.#availableSince = now;
      this.#context.recorder.late(dueAt, now - couldSendAt);
      const { choice } = this.#options;
      connection.begin(choice.endpointOf(number), choice.iterationOf(number), dueAt, now);
      if (connection.hasRoom) this.#list(connection);
    }
  }

  /** A connection to send on: an open one, else one to open; null when all that are allowed are busy. */
  #take(now: number): Connection | null {
    for (
      let connection = this.#idle.pop();
      connection !== undefined;
      connection = this.#idle.pop()
    ) {
      this.#listed[connection.index] = 0;
      if (connection.isOpen && connection.hasRoom) return connection;
      if (!connection.isBusy) this.#listShut(connection);
    }
    for (let tries = this.#shut.length; tries > 0; tries -= 1) {
      const connection = this.#shut.shift()!;
      this.#listed[connection.index] = 0;
      if (!connection.isBackingOff(now)) return connection;
      this.#listShut(connection);
    }
    return this.#options.connections.length < this.#options.maxConnections ? this.#make() : null;
  }

  #list(connection: Connection): void {
    if (this.#listed[connection.index] === 1) return;
    if (!connection.isOpen) {
      if (!connection.isBusy) this.#listShut(connection);
      return;
    }
    this.#listed[connection.index] = 1;
    this.#idle.push(connection);
  }

  #listShut(connection: Connection): void {
    this.#listed[connection.index] = 1;
    this.#shut.push(connection);
  }

  #make(): Connection {
    const { connections, makeConnection } = this.#options;
    const connection = makeConnection(connections.length, this);
    connections.push(connection);
    this.#context.recorder.tally.counters[USERS] = connections.length;
    return connection;
  }

  #drop(now: number): void {
    const { recorder } = this.#context;
    const dueAt = this.#waiting.firstDueAt;
    const endpoint = this.#options.choice.endpointOf(this.#waiting.firstNumber);
    this.#waiting.shift();
    recorder.scheduled(endpoint, dueAt);
    recorder.dropped(endpoint, dueAt, now);
    if (this.#options.isSaturated()) recorder.late(dueAt, now - dueAt);
  }

  #numberOf(own: number): number {
    return this.#options.worker + own * this.#options.workers;
  }
}
