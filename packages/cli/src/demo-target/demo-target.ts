import { Rng } from '@needletail/stats';
import {
  HttpDate,
  listen,
  systemClock,
  type Clock,
  type Link,
  type Listener,
  type TimerHandle,
} from '@needletail/wire';
import { DemoConnection, type DemoShared, type DemoTimeouts } from './demo-connection.ts';

export interface DemoTargetOptions {
  /** 0, the default, lets the system choose. */
  readonly port?: number;
  /** 127.0.0.1 unless set. */
  readonly host?: string;
  readonly clock?: Clock;
  /** Decides which requests `/flaky` fails; 1 unless set. */
  readonly seed?: number;
  readonly timeouts?: Partial<DemoTimeouts>;
}

interface DemoCounts {
  readonly connections: number;
  /** Requests whose head was accepted, those that were broken on purpose and have no status among them. */
  readonly requests: number;
  /** Answers by status, refusals of what was no request among them. */
  readonly statuses: Readonly<Record<number, number>>;
  /** Connections the system would not give, mostly for want of file descriptors. */
  readonly acceptErrors: number;
}

export interface DemoTarget {
  readonly url: string;
  readonly port: number;
  counts(): DemoCounts;
  /** Stops accepting, lets answers that are under way finish for up to `graceMs` (10 000), then drops the rest. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

const TICK_MS = 500;
const DEFAULT_GRACE_MS = 10_000;
const STATUSES = 600;
const DEFAULT_TIMEOUTS: DemoTimeouts = {
  headMs: 15_000,
  bodyIdleMs: 30_000,
  // Long, so that a slow load test does not meet connections that close just as it uses them.
  keepAliveMs: 60_000,
  writeStallMs: 30_000,
};

/**
 * A small HTTP/1.1 server to aim a load test at: fast, strict, and able to be slow or broken on request. `GET /help`
 * lists its paths. Rejects with a `LinkError` when the port cannot be had.
 */
export async function startDemoTarget(options: DemoTargetOptions = {}): Promise<DemoTarget> {
  const { port = 0, host = '127.0.0.1' } = options;
  const state = new DemoState(options);
  const listener = await listen(
    { host, port, onAcceptError: () => state.countAcceptError() },
    (link) => state.accept(link),
  );
  state.startTicking();
  const shownHost = listener.address.includes(':') ? `[${listener.address}]` : listener.address;
  return {
    url: `http://${shownHost}:${listener.port}`,
    port: listener.port,
    counts: () => state.counts(),
    close: ({ graceMs = DEFAULT_GRACE_MS } = {}) => state.close(listener, graceMs),
  };
}

class DemoState implements DemoShared {
  readonly clock: Clock;
  readonly timeouts: DemoTimeouts;
  coarseNowMs: number;
  date: string;
  isDraining = false;
  readonly #httpDate = new HttpDate();
  readonly #connections = new Set<DemoConnection>();
  readonly #statuses = new Uint32Array(STATUSES);
  #connectionCount = 0;
  #requestCount = 0;
  #acceptErrorCount = 0;
  readonly #rng: Rng;
  #tick: TimerHandle;

  constructor({ clock = systemClock, seed = 1, timeouts = {} }: DemoTargetOptions) {
    this.clock = clock;
    this.timeouts = { ...DEFAULT_TIMEOUTS, ...timeouts };
    this.coarseNowMs = clock.now();
    this.date = this.#httpDate.at(Date.now());
    this.#rng = new Rng(seed);
  }

  accept(link: Link): DemoConnection {
    const connection = new DemoConnection(link, this);
    this.#connectionCount += 1;
    this.#connections.add(connection);
    return connection;
  }

  forget(connection: DemoConnection): void {
    this.#connections.delete(connection);
  }

  random(): number {
    return this.#rng.next();
  }

  countAcceptError(): void {
    this.#acceptErrorCount += 1;
  }

  countRequest(): void {
    this.#requestCount += 1;
  }

  countReply(status: number): void {
    this.#statuses[status] += 1;
  }

  counts(): DemoCounts {
    const statuses: Record<number, number> = {};
    for (const [status, count] of this.#statuses.entries()) {
      if (count > 0) statuses[status] = count;
    }
    return {
      connections: this.#connectionCount,
      requests: this.#requestCount,
      statuses,
      acceptErrors: this.#acceptErrorCount,
    };
  }

  /** One timer for all: it keeps the date and looks at every deadline. */
  startTicking(): void {
    this.#tick = this.clock.setTimer(TICK_MS, () => {
      this.coarseNowMs = this.clock.now();
      this.date = this.#httpDate.at(Date.now());
      for (const connection of this.#connections) connection.checkDeadline(this.coarseNowMs);
      this.startTicking();
    });
  }

  async close(listener: Listener, graceMs: number): Promise<void> {
    this.isDraining = true;
    for (const connection of this.#connections) connection.drain();
    const force = this.clock.setTimer(graceMs, () => void listener.close({ closeAll: true }));
    await listener.close();
    this.clock.clearTimer(force);
    this.clock.clearTimer(this.#tick);
  }
}
