// Allocates: nothing per request. Invariant: a user has one connection and at most `pipelining` requests on it; with
// think time one. Guarded by bench/src/cpu-per-request.ts.
import type { TimerHandle } from '@needletail/wire';
import { USERS } from '../collect/tally.ts';
import type { UserPacer } from '../pace/pacer.ts';
import { Hold } from './hold.ts';
import { PreciseTimer, SAME_MOMENT_MS } from './precise-timer.ts';
import type { RequestChoice } from './request-choice.ts';
import type { Tickets } from './tickets.ts';
import type { Connection, DriveContext, MakeConnection, Traffic } from './traffic.ts';

/** Connections being opened at a time: more at once would only queue in the target's backlog. */
const MAX_OPENING = 64;

export interface ClosedLoopOptions {
  readonly pacer: UserPacer;
  readonly choice: RequestChoice;
  readonly tickets: Tickets;
  readonly thinkMs: number;
  readonly makeConnection: MakeConnection;
  readonly connections: Connection[];
}

/** The closed model: each user waits for its answer, thinks, and asks again. */
export class ClosedLoop implements Traffic {
  readonly #context: DriveContext;
  readonly #options: ClosedLoopOptions;
  readonly #thinking: ThinkQueue;
  readonly #timer: PreciseTimer;
  #startedAt = 0;
  #endAt = Infinity;
  /** Users wanted now; connections at and past this index retire. */
  #wanted = 0;
  /** Users started so far, in order of index. */
  #active = 0;
  /** Connections on their first way to open. */
  readonly #starting = new Set<Connection>();
  #stopped = false;
  readonly #hold = new Hold();
  /** Users whose turn came during a pause. */
  readonly #parked = new Set<Connection>();
  #nextChange: TimerHandle = null;

  constructor(context: DriveContext, options: ClosedLoopOptions) {
    this.#context = context;
    this.#options = options;
    this.#thinking = new ThinkQueue(options.pacer.peakUsers);
    this.#timer = new PreciseTimer(context.clock, () => this.#wake(context.clock.now()));
  }

  get spins(): number {
    return this.#timer.spins;
  }

  get spinMs(): number {
    return this.#timer.spinMs;
  }

  get isFinished(): boolean {
    const { tickets, choice, connections } = this.#options;
    if (tickets.requestsExhausted) return true;
    if (!tickets.iterationsExhausted) return false;
    const isBetweenIterations = (connection: Connection): boolean =>
      !choice.inTurn || connection.step % choice.count === 0;
    return connections.every(isBetweenIterations);
  }

  start(now: number): void {
    this.#startedAt = now;
    this.reschedule(now);
  }

  pause(at: number, now: number): void {
    if (this.#stopped) return;
    this.#hold.begin(at);
    this.reschedule(now);
  }

  resume(at: number, now: number): void {
    if (this.#stopped) return;
    const { from } = this.#hold;
    this.#thinking.postpone(from, this.#hold.end(at));
    this.#setTimer();
    this.reschedule(now);
  }

  reschedule(now: number): void {
    if (this.#stopped) return;
    this.#endAt = this.#startedAt + this.#options.pacer.endMs;
    this.#adjust(now);
  }

  stop(): void {
    this.#stopped = true;
    this.#endAt = -Infinity;
    this.#timer.set(Infinity);
    for (const connection of this.#options.connections) connection.retire();
    this.#countUsers();
  }

  sweep(now: number): void {
    for (const connection of this.#options.connections) connection.checkTimeout(now);
  }

  onFree(connection: Connection, now: number): void {
    if (this.#starting.size > 0 && this.#starting.delete(connection)) this.#startMore(now);
    if (now >= this.#endAt || connection.index >= this.#wanted) {
      connection.retire();
      return;
    }
    if (this.#options.thinkMs > 0 && connection.step > 0) this.#think(connection, now);
    else if (this.#hold.covers(now)) this.#park(connection);
    else this.#fill(connection, now, now);
  }

  onOpenFailed(connection: Connection, startedAt: number, now: number, cause: string): void {
    if (this.#starting.delete(connection)) this.#startMore(now);
    if (now >= this.#endAt || connection.index >= this.#wanted) {
      connection.retire();
      return;
    }
    if (this.#hold.covers(now)) {
      this.#park(connection);
      return;
    }
    const endpoint = this.#nextEndpoint(connection);
    if (endpoint < 0) {
      connection.retire();
      return;
    }
    const { recorder } = this.#context;
    recorder.scheduled(endpoint, startedAt);
    recorder.failed(endpoint, 'connect', cause, startedAt, Number.NaN, now);
    connection.open(now);
  }

  /** Brings the number of users to what the pacer asks for now, and comes back when that changes. */
  #adjust(now: number): void {
    if (this.#stopped) return;
    const elapsedMs = now - this.#startedAt;
    const { pacer, connections } = this.#options;
    this.#wanted = pacer.usersAt(elapsedMs);
    for (let index = this.#wanted; index < this.#active; index += 1) connections[index]!.retire();
    this.#active = Math.min(this.#active, this.#wanted);
    this.#startMore(now);
    this.#countUsers();
    const { clock } = this.#context;
    if (this.#nextChange !== null) clock.clearTimer(this.#nextChange);
    this.#nextChange = null;
    const nextMs = pacer.nextChangeMs(elapsedMs);
    if (nextMs < pacer.endMs) {
      this.#nextChange = clock.setTimer(Math.max(1, nextMs - elapsedMs), () => {
        this.#nextChange = null;
        this.#adjust(clock.now());
      });
    }
  }

  #startMore(now: number): void {
    const { connections, makeConnection } = this.#options;
    while (this.#active < this.#wanted && this.#starting.size < MAX_OPENING) {
      const index = this.#active;
      this.#active += 1;
      const connection = (connections[index] ??= makeConnection(index, this));
      connection.restore();
      if (connection.isBusy) continue;
      if (connection.isOpen) {
        if (this.#hold.covers(now)) this.#park(connection);
        else this.#fill(connection, now, now);
      } else {
        this.#starting.add(connection);
        connection.open(now);
      }
    }
    this.#countUsers();
  }

  #fill(connection: Connection, dueAt: number, now: number): void {
    if (!connection.isOpen && connection.isBackingOff(now)) {
      connection.open(now);
      return;
    }
    do {
      const endpoint = this.#nextEndpoint(connection);
      if (endpoint < 0) {
        connection.retire();
        return;
      }
      connection.begin(endpoint, connection.iteration, dueAt, now);
    } while (connection.hasRoom && this.#options.thinkMs === 0);
  }

  /** The user's next request, its iteration set on the connection; -1 when the run has begun all it should. */
  #nextEndpoint(connection: Connection): number {
    const { choice, tickets } = this.#options;
    const position = choice.inTurn ? connection.step % choice.count : 0;
    if (position === 0) {
      const iteration = tickets.takeIteration();
      if (iteration < 0) return -1;
      connection.iteration = iteration;
    }
    if (!tickets.takeRequest()) return -1;
    connection.step += 1;
    return choice.inTurn ? position : choice.endpointOf(connection.iteration);
  }

  #think(connection: Connection, now: number): void {
    const wasEmpty = this.#thinking.size === 0;
    this.#thinking.push(connection, this.#hold.afterIt(now) + this.#options.thinkMs);
    if (wasEmpty) this.#setTimer();
  }

  #park(connection: Connection): void {
    this.#parked.add(connection);
    this.#setTimer();
  }

  /** Comes back when a user has thought, or when those that were parked may go on. */
  #setTimer(): void {
    const wakeAt = this.#thinking.size > 0 ? this.#thinking.firstWakeAt : Infinity;
    const isHeldUp = wakeAt >= this.#hold.from && this.#hold.isOpenEnded;
    const goOnAt = this.#parked.size > 0 ? this.#hold.until : Infinity;
    this.#timer.set(Math.min(isHeldUp ? Infinity : wakeAt, goOnAt));
  }

  #wake(now: number): void {
    if (this.#stopped) return;
    if (!this.#hold.covers(now)) this.#unpark(now);
    while (
      this.#thinking.size > 0 &&
      this.#thinking.firstWakeAt <= now + SAME_MOMENT_MS &&
      !this.#hold.covers(this.#thinking.firstWakeAt)
    ) {
      const dueAt = this.#thinking.firstWakeAt;
      const connection = this.#thinking.shift();
      if (now >= this.#endAt || connection.index >= this.#wanted) {
        connection.retire();
      } else {
        this.#context.recorder.late(dueAt, now - dueAt);
        this.#fill(connection, dueAt, now);
      }
    }
    this.#setTimer();
  }

  #unpark(now: number): void {
    const parked = [...this.#parked];
    this.#parked.clear();
    for (const connection of parked) {
      if (connection.isBusy) continue;
      if (now >= this.#endAt || connection.index >= this.#wanted) connection.retire();
      else this.#fill(connection, now, now);
    }
  }

  #countUsers(): void {
    const { counters } = this.#context.recorder.tally;
    counters[USERS] = this.#stopped ? 0 : Math.min(this.#active, this.#wanted);
  }
}

/** Users that think, first to wake first: one think time for all keeps them in the order in which they began. */
class ThinkQueue {
  readonly #connections: Connection[] = [];
  #wakeAt: Float64Array;
  #first = 0;
  size = 0;

  constructor(capacity: number) {
    this.#wakeAt = new Float64Array(capacity);
  }

  get firstWakeAt(): number {
    return this.#wakeAt[this.#first]!;
  }

  push(connection: Connection, wakeAt: number): void {
    if (this.size === this.#wakeAt.length) this.#grow();
    const place = (this.#first + this.size) % this.#wakeAt.length;
    this.#connections[place] = connection;
    this.#wakeAt[place] = wakeAt;
    this.size += 1;
  }

  shift(): Connection {
    const connection = this.#connections[this.#first]!;
    this.#first = (this.#first + 1) % this.#wakeAt.length;
    this.size -= 1;
    return connection;
  }

  /** Lets those that would wake at `from` or after it wake so much later. */
  postpone(from: number, delayMs: number): void {
    for (let behind = 0; behind < this.size; behind += 1) {
      const place = (this.#first + behind) % this.#wakeAt.length;
      if (this.#wakeAt[place]! >= from) this.#wakeAt[place]! += delayMs;
    }
  }

  /** More users than the shape had: they were added while the run was under way. */
  #grow(): void {
    const wakeAt = new Float64Array(Math.max(8, this.#wakeAt.length * 2));
    const connections: Connection[] = [];
    for (let behind = 0; behind < this.size; behind += 1) {
      const place = (this.#first + behind) % this.#wakeAt.length;
      wakeAt[behind] = this.#wakeAt[place]!;
      connections.push(this.#connections[place]!);
    }
    this.#wakeAt = wakeAt;
    this.#connections.splice(0, Infinity, ...connections);
    this.#first = 0;
  }
}
