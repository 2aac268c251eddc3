import { systemClock, type Clock, type TimerHandle } from '@needletail/wire';
import type { Dispatch, ServerRequest } from '../exchange.ts';
import { isClientsDoing, reporterOf, statusOf } from '../handler-errors.ts';
import { ReplyHeads } from '../reply-head.ts';
import { withDefaults } from '../check-options.ts';
import {
  DEFAULT_SERVER_LIMITS,
  DEFAULT_SERVER_TIMEOUTS,
  type ServerLimits,
  type ServerOptions,
  type ServerTimeouts,
} from '../server-options.ts';
import type { FieldPairs } from './carrier.ts';
import { FieldPairCache } from './field-pairs.ts';
import type { HostedExchange } from './hosted-exchange.ts';

const TICK_MS = 500;

/** What the exchanges on a server that is not ours share: the handler, limits, the time. */
export class HostedServer {
  readonly limits: ServerLimits;
  readonly timeouts: ServerTimeouts;
  /** The clock as of the last tick. */
  nowMs: number;
  isDraining = false;
  readonly #dispatch: Dispatch;
  readonly #onError: NonNullable<ServerOptions['onError']>;
  readonly #clock: Clock;
  readonly #heads = new ReplyHeads();
  readonly #pairs = new FieldPairCache();
  readonly #exchanges = new Set<HostedExchange>();
  #tick: TimerHandle;

  constructor(dispatch: Dispatch, options: ServerOptions) {
    this.#dispatch = dispatch;
    this.#onError = reporterOf(options.onError);
    this.#clock = options.clock ?? systemClock;
    this.limits = withDefaults(DEFAULT_SERVER_LIMITS, options.limits, 'limits');
    this.timeouts = withDefaults(DEFAULT_SERVER_TIMEOUTS, options.timeouts, 'timeouts');
    this.nowMs = this.#clock.now();
  }

  /** The fields of a head; throws InvalidReplyError for what may not be sent. */
  fieldsOf(head: string): FieldPairs {
    return this.#pairs.pairsOf(this.#heads.checkedHead(head));
  }

  /** Hands a request to the application. */
  run(exchange: HostedExchange): void {
    try {
      const outcome = this.#dispatch(exchange, exchange);
      if (outcome !== undefined) void this.#follow(outcome, exchange);
    } catch (error) {
      this.#failed(exchange, error);
    }
  }

  /** Does `deal` with a request; what it throws is answered and reported. */
  offer(exchange: HostedExchange, deal: () => void): void {
    try {
      deal();
    } catch (error) {
      this.#failed(exchange, error);
    }
  }

  /** Holds the exchange to the time limits until it has `ended`. */
  watch(exchange: HostedExchange): void {
    this.#exchanges.add(exchange);
  }

  ended(exchange: HostedExchange): void {
    this.#exchanges.delete(exchange);
  }

  report(error: unknown, request: ServerRequest | null): void {
    this.#onError(error, request ?? undefined);
  }

  startTicking(): void {
    this.#tick = this.#clock.setTimer(TICK_MS, () => {
      this.nowMs = this.#clock.now();
      for (const exchange of this.#exchanges) exchange.checkTime(this.nowMs);
      this.startTicking();
    });
    this.#clock.unrefTimer?.(this.#tick);
  }

  stopTicking(): void {
    this.#clock.clearTimer(this.#tick);
  }

  /** Calls `action` after `delayMs`, unless what it returns is called before. */
  after(delayMs: number, action: () => void): () => void {
    const timer = this.#clock.setTimer(delayMs, action);
    return () => this.#clock.clearTimer(timer);
  }

  async #follow(outcome: Promise<void>, exchange: HostedExchange): Promise<void> {
    try {
      await outcome;
    } catch (error) {
      this.#failed(exchange, error);
    }
  }

  /** What the client brought about is not reported, and neither is an error for the second time. */
  #failed(exchange: HostedExchange, error: unknown): void {
    if (!isClientsDoing(error) && !exchange.wasReported(error)) this.report(error, exchange);
    exchange.failed(statusOf(error));
  }
}
