// Hot: `touch` and the flush run once per exchange and once per turn of the loop.
// Guarded by bench/src/client-cpu.ts.
import type { Clock, ResponseLimits, SharedHeads, TimerHandle } from '@needletail/wire';
import { ClosedError } from '../errors.ts';
import type { PoolLimits } from '../model/client-options.ts';
import { makeInspectable } from '../model/inspectable.ts';
import type { Timeouts } from '../model/timeouts.ts';
import type { AnswerTurn } from './answer-turn.ts';
import type { ConnectorSource } from './connector-source.ts';
import { Deadlines, type Watched } from './deadlines.ts';
import type { ConnectionWatch } from './exchange-watch.ts';
import type { Exchange } from './exchange.ts';
import type { Concerned } from './explain.ts';
import { OriginPool, type PoolShares } from './origin-pool.ts';
import { ampleLimitsOf, poolLimitsOf } from './pool-limits.ts';
import { PoolTurns } from './pool-turns.ts';
import type { OriginStatus, PoolStatus } from './transport.ts';
import type { WireConnection } from './wire-connection.ts';

export interface PoolOptions {
  readonly limits: PoolLimits;
  readonly source: ConnectorSource;
  readonly responseLimits: Partial<ResponseLimits>;
  /** Each connection knows its own heads unless set. */
  readonly sharedHeads?: SharedHeads | null;
  readonly clock: Clock;
  /** Its own unless set. */
  readonly turns?: PoolTurns;
  readonly deadlines?: Deadlines;
  /**
   * For measuring: a request is written in the turn it is made in where a connection is free, and nothing is ever sent a
   * second time. Idle connections are then not closed ahead of the server, except as `limits.keepAliveExpiry` says.
   */
  readonly isPrompt?: boolean;
  /** Each answer is handed out when it is read unless set. */
  readonly answerTurn?: AnswerTurn | null;
  readonly watch?: ConnectionWatch | null;
}

/**
 * All connections of a transport, within its limits. Requests that come in one turn of the loop gather and are handed
 * connections at its end, all in one go; a connection that was just used has thereby been polled once more before it is
 * written to, and shows whether it was closed. A prompt pool does not wait for that.
 */
export class Pool implements PoolShares, Watched {
  readonly clock: Clock;
  readonly source: ConnectorSource;
  readonly responseLimits: Partial<ResponseLimits>;
  readonly sharedHeads: SharedHeads | null;
  readonly maxConnectionsPerOrigin: number;
  readonly keepAliveExpiryMs: number;
  readonly keepsConnections: boolean;
  readonly isPrompt: boolean;
  readonly connectionWatch: ConnectionWatch | null;
  readonly answerTurn: AnswerTurn | null;
  isWatched = false;
  idle = 0;
  reused = 0;
  opened = 0;
  readonly #maxConnections: number;
  readonly #maxKeepAlive: number;
  readonly #turns: PoolTurns;
  readonly #deadlines: Deadlines;
  readonly #origins = new Map<string, OriginPool>();
  /** Origins that lack a place for a connection. */
  readonly #starved = new Set<OriginPool>();
  /** Connections, open and opening. */
  #places = 0;
  #expiryTimer: TimerHandle = null;
  #expiryDueMs = Infinity;
  #isClosed = false;

  constructor(options: PoolOptions) {
    const { clock, isPrompt = false } = options;
    const limits = isPrompt ? ampleLimitsOf(options.limits) : poolLimitsOf(options.limits);
    this.clock = clock;
    this.source = options.source;
    this.responseLimits = options.responseLimits;
    this.sharedHeads = options.sharedHeads ?? null;
    this.#maxConnections = limits.maxConnections;
    this.maxConnectionsPerOrigin = limits.maxConnectionsPerOrigin;
    this.#maxKeepAlive = limits.maxKeepAlive;
    this.keepAliveExpiryMs = limits.keepAliveExpiry;
    this.keepsConnections = this.#maxKeepAlive > 0 && this.keepAliveExpiryMs > 0;
    this.isPrompt = isPrompt;
    this.connectionWatch = options.watch ?? null;
    this.answerTurn = options.answerTurn ?? null;
    this.#turns = options.turns ?? new PoolTurns(clock);
    this.#deadlines = options.deadlines ?? new Deadlines(clock);
  }

  get turn(): number {
    return this.#turns.count;
  }

  /** Adds up a figure of every origin. */
  sum(figure: (origin: OriginPool) => number): number {
    let total = 0;
    for (const origin of this.#origins.values()) total += figure(origin);
    return total;
  }

  get origins(): Readonly<Record<string, OriginStatus>> {
    return Object.fromEntries([...this.#origins].map(([key, origin]) => [key, origin.status]));
  }

  /** The pool for a key, made when there is none. */
  originFor(key: string): OriginPool {
    let origin = this.#origins.get(key);
    if (origin === undefined) {
      origin = new OriginPool(key, this);
      this.#origins.set(key, origin);
    }
    return origin;
  }

  /** To be called for each request: its limits are looked after from now on. */
  watch(timeouts: Timeouts): void {
    this.#deadlines.watch(timeouts, this);
  }

  close(): void {
    this.#isClosed = true;
    this.#deadlines.leave(this);
    this.#stopExpiry();
    for (const origin of this.#origins.values()) {
      origin.close(({ request }) => closedError(request));
    }
    this.#origins.clear();
    this.#starved.clear();
  }

  // ── from the pools of the origins ──

  touch(origin: OriginPool): void {
    if (origin.isTouched || this.#isClosed) return;
    origin.isTouched = true;
    this.#turns.join(origin);
  }

  rests(origin: OriginPool): void {
    if (this.isPrompt && this.#starved.size === 0) this.#turns.joinLater(origin);
    else this.touch(origin);
  }

  reserve(origin: OriginPool, exchange: Exchange): boolean {
    if (this.#places >= this.#maxConnections && this.idle > 0) this.#evictIdle();
    if (this.#places >= this.#maxConnections || this.mustYield(exchange)) {
      this.#starved.add(origin);
      this.#callStarved();
      return false;
    }
    this.#places += 1;
    return true;
  }

  satisfied(origin: OriginPool): void {
    this.#starved.delete(origin);
    this.#callStarved();
  }

  free(): void {
    this.#places -= 1;
    this.#callStarved();
  }

  mustYield(exchange: Exchange): boolean {
    if (this.#starved.size === 0) return false;
    const first = this.#longestStarved();
    return first !== exchange.owner && first!.oldestOrder < exchange.order;
  }

  retire(origin: OriginPool): void {
    origin.isRetired = true;
    this.#starved.delete(origin);
    this.#origins.delete(origin.key);
  }

  rested(firstMs: number): void {
    for (let excess = this.idle - this.#maxKeepAlive; excess > 0; excess -= 1) this.#evictIdle();
    if (firstMs < this.#expiryDueMs) this.#armExpiry(firstMs);
  }

  // ── from the deadlines ──

  checkDeadlines(nowMs: number): boolean {
    let isBusy = false;
    for (const origin of this.#origins.values()) {
      if (origin.checkDeadlines(nowMs)) isBusy = true;
    }
    return isBusy;
  }

  // ── private ──

  /** The origin with the oldest request among those that lack a place. */
  #longestStarved(): OriginPool | undefined {
    let longest: OriginPool | undefined;
    for (const origin of this.#starved) {
      if (longest === undefined || origin.oldestOrder < longest.oldestOrder) longest = origin;
    }
    return longest;
  }

  #callStarved(): void {
    if (this.#starved.size === 0) return;
    // An idle connection makes room too: see `reserve`.
    if (this.#places >= this.#maxConnections && this.idle === 0) return;
    const first = this.#longestStarved();
    if (first !== undefined) this.touch(first);
  }

  #evictIdle(): void {
    let oldest: WireConnection | undefined;
    for (const { oldestIdle, oldestOrder } of this.#origins.values()) {
      // One whose origin has use for it this very turn is not idle for long.
      if (oldestIdle === undefined || oldestOrder !== Infinity) continue;
      if (oldest === undefined || oldestIdle.idleSinceTurn < oldest.idleSinceTurn) {
        oldest = oldestIdle;
      }
    }
    oldest?.drop();
  }

  #armExpiry(dueMs: number): void {
    this.#stopExpiry();
    const timer = this.clock.setTimer(Math.max(1, dueMs - this.clock.now()), () => this.#expire());
    this.clock.unrefTimer?.(timer);
    this.#expiryTimer = timer;
    this.#expiryDueMs = dueMs;
  }

  #stopExpiry(): void {
    if (this.#expiryTimer !== null) this.clock.clearTimer(this.#expiryTimer);
    this.#expiryTimer = null;
    this.#expiryDueMs = Infinity;
  }

  #expire(): void {
    this.#stopExpiry();
    const nowMs = this.clock.now();
    let nextMs = Infinity;
    for (const origin of this.#origins.values()) {
      nextMs = Math.min(nextMs, origin.expire(nowMs));
    }
    if (nextMs !== Infinity) this.#armExpiry(nextMs);
  }
}

/** Live figures of a pool, counted when they are asked for. */
export function statusOf(pool: Pool): PoolStatus {
  return new LiveStatus(pool);
}

class LiveStatus implements PoolStatus {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  get open(): number {
    return this.#pool.sum((origin) => origin.status.open);
  }

  get connecting(): number {
    return this.#pool.sum((origin) => origin.connecting);
  }

  get active(): number {
    return this.#pool.sum((origin) => origin.status.active);
  }

  get idle(): number {
    return this.#pool.idle;
  }

  get waiting(): number {
    return this.#pool.sum((origin) => origin.status.waiting);
  }

  get reused(): number {
    return this.#pool.reused;
  }

  get opened(): number {
    return this.#pool.opened;
  }

  get origins(): PoolStatus['origins'] {
    return this.#pool.origins;
  }

  /** The figures of the moment, for logs. */
  toJSON(): PoolStatus {
    const { open, connecting, active, idle, waiting, reused, opened, origins } = this;
    return { open, connecting, active, idle, waiting, reused, opened, origins };
  }
}

makeInspectable(LiveStatus, (status) => status.toJSON());

/** For a request that finds its transport closed, or is ended by it. */
export function closedError({ method, url }: Concerned): ClosedError {
  return new ClosedError({
    code: 'CLIENT_CLOSED',
    phase: 'pool',
    problem: 'Request not made',
    reason: 'the client was closed',
    remedy: 'Make a new client',
    method,
    url: url.href,
  });
}
