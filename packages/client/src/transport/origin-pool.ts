// Hot: `enqueue`, `match` and `released` run once per exchange and allocate nothing in the steady state.
// Guarded by bench/src/client-cpu.ts.
import type { Clock, ResponseLimits, SharedHeads } from '@needletail/wire';
import { ClosedError, type ClientError } from '../errors.ts';
import type { AnswerTurn } from './answer-turn.ts';
import type { ConnectionSettings } from './connection-owner.ts';
import type { ConnectionWatch } from './exchange-watch.ts';
import type { ConnectorSource } from './connector-source.ts';
import type { Exchange, ExchangeOwner } from './exchange.ts';
import { Opening, type OpeningOwner } from './opening.ts';
import { poolTimedOut } from './timeout-errors.ts';
import type { TurnTaker } from './pool-turns.ts';
import type { OriginStatus } from './transport.ts';
import { WaitingLine } from './waiting-line.ts';
import type { WireConnection } from './wire-connection.ts';

/** What the pools of all origins share: limits, turns, and what is counted. */
export interface PoolShares extends ConnectionSettings {
  readonly source: ConnectorSource;
  readonly maxConnectionsPerOrigin: number;
  readonly keepAliveExpiryMs: number;
  /** Requests are sent at once, and once only. */
  readonly isPrompt: boolean;
  /** Counts the turns of the loop in which connections were handed out. */
  readonly turn: number;
  /** Idle connections of all origins. */
  idle: number;
  reused: number;
  opened: number;
  /** `origin.match` is to be called in the next turn. */
  touch(origin: OriginPool): void;
  /** A connection of `origin` is free, and nobody there waits for one. */
  rests(origin: OriginPool): void;
  /** Reserves a place for a connection that `exchange` waits for, or notes that `origin` lacks one. */
  reserve(origin: OriginPool, exchange: Exchange): boolean;
  /** It waits for no place, or not any more. */
  satisfied(origin: OriginPool): void;
  /** Gives a place back. */
  free(): void;
  /** Whether another origin has waited for a place since before this exchange came. */
  mustYield(exchange: Exchange): boolean;
  /** Some connections have come to rest, and only so many may: the first of them expires then. */
  rested(firstMs: number): void;
  /** It has no connections and nobody waits. */
  retire(origin: OriginPool): void;
}

/** The connections to one origin and the requests that want them. */
export class OriginPool implements OpeningOwner, ExchangeOwner, TurnTaker {
  readonly key: string;
  readonly clock: Clock;
  readonly responseLimits: Partial<ResponseLimits>;
  readonly sharedHeads: SharedHeads | null;
  readonly keepsConnections: boolean;
  readonly mayResend: boolean;
  readonly connectionWatch: ConnectionWatch | null;
  readonly answerTurn: AnswerTurn | null;
  /** Kept by the pool: `match` is due; it waits for a place; it was forgotten. */
  isTouched = false;
  isResting = false;
  isRetired = false;
  readonly #shares: PoolShares;
  readonly #connections = new Set<WireConnection>();
  readonly #openings = new Set<Opening>();
  readonly #waiting = new WaitingLine<Exchange>();
  /** The one used last is at the end, and used first: the others may expire. */
  readonly #idle: WireConnection[] = [];

  constructor(key: string, shares: PoolShares) {
    this.key = key;
    this.clock = shares.clock;
    this.responseLimits = shares.responseLimits;
    this.sharedHeads = shares.sharedHeads;
    this.keepsConnections = shares.keepsConnections;
    this.mayResend = !shares.isPrompt;
    this.connectionWatch = shares.connectionWatch;
    this.answerTurn = shares.answerTurn;
    this.#shares = shares;
  }

  get status(): OriginStatus {
    const open = this.#connections.size;
    const idle = this.#idle.length;
    return { open, active: open - idle, idle, waiting: this.#waiting.length };
  }

  get connecting(): number {
    return this.#openings.size;
  }

  /** The idle connection that was put aside first. */
  get oldestIdle(): WireConnection | undefined {
    return this.#idle[0];
  }

  /** The order of the one who has waited longest; Infinity when nobody does. */
  get oldestOrder(): number {
    return this.#waiting.peek()?.order ?? Infinity;
  }

  get isEmpty(): boolean {
    return this.#connections.size === 0 && this.#openings.size === 0 && this.#waiting.length === 0;
  }

  enqueue(exchange: Exchange): void {
    const { isPrompt } = this.#shares;
    if (isPrompt && this.#waiting.length === 0 && this.#startAtOnce(exchange)) return;
    this.#waiting.push(exchange);
    if (isPrompt) this.#match();
    else this.#shares.touch(this);
  }

  match(): void {
    this.isTouched = false;
    this.#match();
  }

  /** Connections that nobody took in a whole turn rest from now on. */
  rest(): void {
    if (!this.#hasUnsettled) return;
    const nowMs = this.clock.now();
    let firstMs = Infinity;
    for (let at = this.#idle.length - 1; at >= 0; at -= 1) {
      const connection = this.#idle[at]!;
      if (connection.isSettled) break;
      const keptMs = Math.min(this.#shares.keepAliveExpiryMs, connection.keepAliveHintMs);
      // A timer and a message port hold the process of a run; telling each socket costs a thinking user two calls a request.
      connection.settle(nowMs + keptMs, this.#shares.isPrompt);
      // A prompt pool leaves the closing to the server, and uses no connection that the server may be closing.
      const closedAfterMs = this.#shares.isPrompt ? this.#shares.keepAliveExpiryMs : keptMs;
      firstMs = Math.min(firstMs, nowMs + closedAfterMs);
    }
    this.#shares.rested(firstMs);
  }

  get #hasUnsettled(): boolean {
    return this.#idle.length > 0 && !this.#idle[this.#idle.length - 1]!.isSettled;
  }

  /** Closes what has rested long enough; answers when the next is due. */
  expire(nowMs: number): number {
    let nextMs = Infinity;
    // From the end, for a dropped one leaves the list.
    for (let at = this.#idle.length - 1; at >= 0; at -= 1) {
      const connection = this.#idle[at]!;
      if (nowMs >= connection.idleUntilMs) connection.drop();
      else nextMs = Math.min(nextMs, connection.idleUntilMs);
    }
    return nextMs;
  }

  /** Fails what has waited too long; answers whether there is still something to watch. */
  checkDeadlines(nowMs: number): boolean {
    if (this.#isAtRest) return false;
    for (const connection of this.#connections) connection.checkDeadline(nowMs);
    for (const opening of this.#openings) opening.checkDeadline(nowMs);
    for (const exchange of this.#waiting) {
      if (exchange.opening !== null) continue;
      if (Number.isNaN(exchange.waitingSinceMs)) exchange.waitingSinceMs = nowMs;
      const limitMs = exchange.request.timeouts.pool;
      if (nowMs - exchange.waitingSinceMs < limitMs) continue;
      this.#waiting.remove(exchange);
      exchange.fail(poolTimedOut(exchange.request, limitMs));
    }
    return !this.#isAtRest;
  }

  /** Whether every connection is idle, and nobody waits for one. */
  get #isAtRest(): boolean {
    return (
      this.#waiting.length === 0 &&
      this.#openings.size === 0 &&
      this.#connections.size === this.#idle.length
    );
  }

  /** Ends everything, each request with an error of its own. */
  close(errorFor: (exchange: Exchange) => ClosedError): void {
    for (const exchange of this.#waiting) {
      this.#waiting.remove(exchange);
      exchange.fail(errorFor(exchange));
    }
    for (const opening of this.#openings) {
      const { exchange } = opening;
      this.#forget(opening);
      opening.cancel();
      exchange?.fail(errorFor(exchange));
    }
    for (const connection of this.#connections) connection.close(errorFor);
  }

  // ── from an exchange ──

  leave(exchange: Exchange): void {
    const { opening } = exchange;
    this.#waiting.remove(exchange);
    if (opening !== null) {
      opening.release();
      opening.cancel();
      this.#forget(opening);
    }
    this.#shares.touch(this);
  }

  // ── from openings ──

  opened(opening: Opening, connection: WireConnection): void {
    const exchange = opening.exchange ?? this.#waiting.peek() ?? null;
    opening.release();
    this.#openings.delete(opening);
    this.#connections.add(connection);
    this.#shares.opened += 1;
    if (exchange === null) this.released(connection);
    else this.#carry(connection, exchange);
  }

  openingFailed(opening: Opening, error: ClientError): void {
    const { exchange } = opening;
    this.#forget(opening);
    if (exchange !== null) {
      this.#waiting.remove(exchange);
      exchange.fail(error);
    }
    this.#shares.touch(this);
  }

  // ── from connections ──

  released(connection: WireConnection): void {
    connection.idleSinceTurn = this.#shares.turn;
    this.#idle.push(connection);
    this.#shares.idle += 1;
    if (this.#waiting.length === 0) this.#shares.rests(this);
    else this.#shares.touch(this);
  }

  lost(connection: WireConnection): void {
    this.#remove(connection);
    this.#shares.free();
    this.#shares.touch(this);
  }

  /** The place of the dead connection is taken by the new one, so that nobody gets in between. */
  redo(connection: WireConnection, exchange: Exchange): void {
    this.#remove(connection);
    this.#open(exchange);
  }

  // ── private ──

  /** Brings together what waits and what is idle, a turn after either came where there is no hurry; opens more where the limits allow. */
  #match(): void {
    const waiting = this.#waiting;
    const idle = this.#idle;
    while (idle.length > 0) {
      const exchange = waiting.peek();
      if (exchange === undefined) break;
      const connection = idle[idle.length - 1]!;
      if (connection.isSettled && this.clock.now() >= connection.idleUntilMs) connection.drop();
      else if (this.#shares.mustYield(exchange)) connection.drop();
      else if (!this.#hasRested(connection, exchange)) return this.#shares.touch(this);
      else {
        idle.pop();
        this.#shares.idle -= 1;
        this.#shares.reused += 1;
        this.#carry(connection, exchange);
      }
    }
    if (waiting.length > 0 && !this.#topUp()) return;
    this.#shares.satisfied(this);
    if (this.isEmpty) this.#shares.retire(this);
  }

  /**
   * A socket that may have been closed, or poisoned, shows it when the loop has polled once since the last response. What
   * can be sent again need not wait for that: one turn, the one in which requests gather, has passed anyway.
   */
  #hasRested(connection: WireConnection, exchange: Exchange): boolean {
    return (
      this.#shares.isPrompt || connection.idleSinceTurn < this.#shares.turn || exchange.mayBeResent
    );
  }

  /** Without the waiting line, where a connection is free. */
  #startAtOnce(exchange: Exchange): boolean {
    const idle = this.#idle;
    const connection = idle[idle.length - 1];
    if (connection === undefined) return false;
    if (connection.isSettled && this.clock.now() >= connection.idleUntilMs) return false;
    if (this.#shares.mustYield(exchange)) return false;
    idle.pop();
    this.#shares.idle -= 1;
    this.#shares.reused += 1;
    connection.begin(exchange);
    return true;
  }

  #carry(connection: WireConnection, exchange: Exchange): void {
    this.#waiting.remove(exchange);
    // An opening that was begun for it goes on, for whoever waits next.
    exchange.opening?.release();
    connection.begin(exchange);
  }

  /** Opens a connection for each who waits for none; false when it lacks a place. */
  #topUp(): boolean {
    let missing = this.#waiting.length - this.#boundOpenings();
    if (missing <= 0) return true;
    for (const exchange of this.#waiting) {
      if (missing === 0) return true;
      if (exchange.opening !== null) continue;
      missing -= 1;
      const spare = this.#spareOpening();
      if (spare !== null) spare.bind(exchange);
      else if (this.#isFull) return true;
      else if (!this.#shares.reserve(this, exchange)) return false;
      else this.#open(exchange);
    }
    return true;
  }

  #boundOpenings(): number {
    let bound = 0;
    for (const { exchange } of this.#openings) {
      if (exchange?.isWaiting === true) bound += 1;
    }
    return bound;
  }

  #spareOpening(): Opening | null {
    for (const opening of this.#openings) {
      if (opening.exchange === null) return opening;
    }
    return null;
  }

  get #isFull(): boolean {
    const count = this.#connections.size + this.#openings.size;
    return count >= this.#shares.maxConnectionsPerOrigin;
  }

  #open(exchange: Exchange): void {
    const opening = new Opening(this, exchange);
    this.#openings.add(opening);
    opening.start(this.#shares.source);
  }

  #forget(opening: Opening): void {
    opening.release();
    if (this.#openings.delete(opening)) this.#shares.free();
  }

  #remove(connection: WireConnection): void {
    this.#connections.delete(connection);
    const at = this.#idle.lastIndexOf(connection);
    if (at === -1) return;
    this.#idle.splice(at, 1);
    this.#shares.idle -= 1;
  }
}
