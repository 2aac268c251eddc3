import type { ServerTimeouts } from '@needletail/server';
import { systemClock, type Clock } from '@needletail/wire';
import { demoApp } from './demo-app.ts';

export interface DemoTargetOptions {
  /** 0, the default, lets the system choose. */
  readonly port?: number;
  /** 127.0.0.1 unless set. */
  readonly host?: string;
  readonly clock?: Clock;
  /** Decides which requests `/flaky` fails; 1 unless set. */
  readonly seed?: number;
  readonly timeouts?: Partial<ServerTimeouts>;
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

/** Long, so that a slow load test does not meet connections that close just as it uses them. */
const KEEP_ALIVE_MS = 60_000;

/**
 * A small HTTP/1.1 server to aim a load test at: fast, strict, and able to be slow or broken on request. `GET /help`
 * lists its paths. Rejects with a `LinkError` when the port cannot be had.
 */
export async function startDemoTarget(options: DemoTargetOptions = {}): Promise<DemoTarget> {
  const { port = 0, host = '127.0.0.1', clock = systemClock, seed = 1, timeouts } = options;
  const statuses = new Map<number, number>();
  const count = (status: number): void => {
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  };
  let connections = 0;
  let requests = 0;
  let acceptErrors = 0;
  const app = demoApp({
    clock,
    seed,
    onError: (error, request) => {
      if (request === undefined) acceptErrors += 1;
      else console.error(`The demo target failed (${request.method} ${request.target}):`, error);
    },
  });
  app.use({
    name: 'counts',
    handle: (_, next) => {
      requests += 1;
      return next();
    },
    done: (_, { status }) => {
      if (status > 0) count(status);
    },
  });
  const listening = await app.listen({
    port,
    host,
    clock,
    server: 'wire',
    timeouts: { keepAliveMs: KEEP_ALIVE_MS, ...timeouts },
    onConnection: () => void (connections += 1),
    onRefusal: (status) => count(status),
  });
  const shownHost = listening.host.includes(':') ? `[${listening.host}]` : listening.host;
  return {
    url: `http://${shownHost}:${listening.port}`,
    port: listening.port,
    counts: () => ({ connections, requests, statuses: Object.fromEntries(statuses), acceptErrors }),
    close: (closing) => app.close(closing),
  };
}
