import { HttpDate, listen, systemClock, type Clock, type Listener } from '@needletail/wire';
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

export interface DemoCounts {
  readonly connections: number;
  /** Requests taken whole or refused, also those that were broken on purpose and have no status. */
  readonly requests: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<number, number>>;
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
  const listener = await listen({ host, port }, (link) => state.accept(link));
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
  #randomState: number;
  #tick: unknown;

  constructor({ clock = systemClock, seed = 1, timeouts = {} }: DemoTargetOptions) {
    this.clock = clock;
    this.timeouts = { ...DEFAULT_TIMEOUTS, ...timeouts };
    this.coarseNowMs = clock.now();
    this.date = this.#httpDate.at(Date.now());
    this.#randomState = seed >>> 0;
  }
}
