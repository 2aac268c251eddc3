// Hot: `run`, `takeLane` and `giveLane` run once per request or read and allocate only for a handler that returns a promise.
// The caller runs an exchange from inside `onHead`, while the head can be read.
// Guarded by bench/src/server-cpu.ts.
import {
  systemClock,
  type Clock,
  type Link,
  type Listener,
  type TimerHandle,
} from '@needletail/wire';
import { DecoderLane, type LaneOwner } from './decoder-lane.ts';
import type { Dispatch, ServerRequest } from './exchange.ts';
import { isClientsDoing, reporterOf, statusOf } from './handler-errors.ts';
import { REFUSAL_HEAD, refusalText } from './refusal.ts';
import { ReplyHeads } from './reply-head.ts';
import { WireConnection } from './wire-connection.ts';
import type { WireExchange } from './wire-exchange.ts';
import { withDefaults } from './check-options.ts';
import {
  DEFAULT_SERVER_LIMITS,
  DEFAULT_SERVER_TIMEOUTS,
  type ServerLimits,
  type ServerOptions,
  type ServerTimeouts,
} from './server-options.ts';

const TICK_MS = 500;
/** More decoders than this are not kept for later. */
const MOST_SPARE_LANES = 64;

/** What the connections of one listener share: the handler, limits, spare decoders, the time, and their end. */
export class WireServer {
  readonly limits: ServerLimits;
  readonly timeouts: ServerTimeouts;
  readonly isSecure: boolean;
  readonly heads: ReplyHeads = new ReplyHeads();
  /** The clock as of the last tick: precise enough for time limits of seconds, and free to read. */
  nowMs: number;
  isDraining = false;
  /** While it ends, from when on connections that become idle are closed. */
  closesIdle = false;
  readonly #dispatch: Dispatch;
  readonly #onConnection: ServerOptions['onConnection'];
  readonly #onRefusal: ServerOptions['onRefusal'];
  readonly #onUpgrade: ServerOptions['onUpgrade'];
  readonly #onError: NonNullable<ServerOptions['onError']>;
  readonly #clock: Clock;
  readonly #maxConnections: number;
  readonly #connections = new Set<WireConnection>();
  /** Being told that there are too many. */
  readonly #refused = new Set<WireConnection>();
  readonly #spareLanes: DecoderLane[] = [];
  #tick: TimerHandle;

  constructor(dispatch: Dispatch, options: ServerOptions) {
    this.#dispatch = dispatch;
    this.#onUpgrade = options.onUpgrade;
    this.#onConnection = options.onConnection;
    this.#onRefusal = options.onRefusal;
    this.#onError = reporterOf(options.onError);
    this.#clock = options.clock ?? systemClock;
    this.#maxConnections = options.maxConnections ?? 0;
    this.limits = withDefaults(DEFAULT_SERVER_LIMITS, options.limits, 'limits');
    this.timeouts = withDefaults(DEFAULT_SERVER_TIMEOUTS, options.timeouts, 'timeouts');
    this.isSecure = options.tls !== undefined;
    this.nowMs = this.#clock.now();
    this.heads.setTime(Date.now());
  }

  get connectionCount(): number {
    return this.#connections.size + this.#refused.size;
  }

  /** Whether `connection`, which has just opened, is one too many; it counts no more then. */
  refuses(connection: WireConnection): boolean {
    if (this.#maxConnections === 0 || this.#connections.size <= this.#maxConnections) return false;
    this.#connections.delete(connection);
    this.#refused.add(connection);
    return true;
  }

  noteRefusal(status: number, remoteAddress: string): void {
    this.#onRefusal?.(status, remoteAddress);
  }

  accept(link: Link, remoteAddress: string): WireConnection {
    this.#onConnection?.(remoteAddress);
    const connection = new WireConnection(link, this, remoteAddress);
    this.#connections.add(connection);
    return connection;
  }

  forget(connection: WireConnection): void {
    this.#connections.delete(connection);
    this.#refused.delete(connection);
  }

  /** Hands a request to the application; `connection` is given when it asks to switch protocols. */
  run(exchange: WireExchange, connection: WireConnection, mayUpgrade: boolean): void {
    let outcome: void | Promise<void> = undefined;
    try {
      const isTaken = mayUpgrade && this.#offerUpgrade(exchange, connection);
      if (!isTaken) outcome = this.#dispatch(exchange, exchange);
    } catch (error) {
      this.#failed(exchange, error);
    }
    if (outcome === undefined && exchange.isAnswered) return exchange.dropHead();
    exchange.keepHead();
    if (outcome !== undefined) void this.#follow(outcome, exchange);
  }

  report(error: unknown, request: ServerRequest | null): void {
    this.#onError(error, request ?? undefined);
  }

  takeLane(owner: LaneOwner): DecoderLane {
    const lane = this.#spareLanes.pop() ?? this.#makeLane();
    lane.own(owner);
    return lane;
  }

  giveLane(lane: DecoderLane): void {
    lane.clear();
    if (this.#spareLanes.length < MOST_SPARE_LANES) this.#spareLanes.push(lane);
  }

  /** One timer for all: it keeps the date and looks at every deadline. */
  startTicking(): void {
    this.#tick = this.#clock.setTimer(TICK_MS, () => {
      this.nowMs = this.#clock.now();
      this.heads.setTime(Date.now());
      for (const connection of this.#connections) connection.checkTime(this.nowMs);
      for (const connection of this.#refused) connection.checkTime(this.nowMs);
      this.startTicking();
    });
    this.#clock.unrefTimer?.(this.#tick);
  }

  /** Lets idle connections stay for `idleMs`, answers that are under way end for `graceMs` more, then drops what is left. */
  async close(listener: Listener, graceMs: number, idleMs: number): Promise<void> {
    this.isDraining = true;
    const drain = (): void => {
      this.closesIdle = true;
      for (const connection of this.#connections) connection.drain();
    };
    if (idleMs === 0) drain();
    const timers = [
      this.#clock.setTimer(idleMs, drain),
      this.#clock.setTimer(idleMs + graceMs, () => void listener.close({ closeAll: true })),
    ];
    await listener.close();
    for (const timer of [...timers, this.#tick]) this.#clock.clearTimer(timer);
  }

  #makeLane(): DecoderLane {
    // How much of a body is read is decided where it is read; the decoder only frames it.
    return new DecoderLane({ ...this.limits, bodyBytes: Infinity });
  }

  #offerUpgrade(exchange: WireExchange, connection: WireConnection): boolean {
    if (this.#onUpgrade === undefined) return false;
    return this.#onUpgrade(exchange, exchange, (accept) => connection.takeOver(exchange, accept));
  }

  async #follow(outcome: Promise<void>, exchange: WireExchange): Promise<void> {
    try {
      await outcome;
    } catch (error) {
      this.#failed(exchange, error);
    }
  }

  /** What the client brought about is not reported, and neither is an error for the second time. */
  #failed(exchange: WireExchange, error: unknown): void {
    if (!isClientsDoing(error) && !exchange.wasReported(error)) this.report(error, exchange);
    if (exchange.isAnswered) return;
    const status = statusOf(error);
    exchange.send(status, REFUSAL_HEAD, refusalText(status));
  }
}
