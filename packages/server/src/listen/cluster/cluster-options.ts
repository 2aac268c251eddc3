/** What `listenOn` does around the server: several processes, signals, the end. */
export interface ProcessOptions {
  /**
   * Serves in this many processes, which run the same entry file and share the place; `auto` for one a processor. In the first
   * process `listenOn` resolves once all of them listen; in the others it listens.
   */
  readonly workers?: number | 'auto';
  /**
   * SIGTERM and SIGINT end the server in good order, a second one at once; with workers SIGHUP restarts them one after the
   * other. On with workers unless set, off without.
   */
  readonly signals?: boolean;
  /** How long answers that are under way may take at such an end, in milliseconds; 10 s unless set. */
  readonly graceMs?: number;
  /** What ends the server at a signal; unless set, `close` of what `listenOn` gave. */
  readonly onStop?: (closing: Closing) => Promise<void>;
  readonly restarts?: Partial<RestartLimits>;
}

export interface Closing {
  readonly graceMs?: number;
  /**
   * How long idle connections may stay for one more request, which is answered with `Connection: close`; 0 unless set. A client
   * that sends on a connection just when it is closed cannot know what became of its request.
   */
  readonly idleMs?: number;
}

/** How a worker that ended is replaced, and when that is of no use any more. */
export interface RestartLimits {
  /** Doubled at each end in a row. */
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** After so many ends within `windowMs` the first process ends too, with exit code 1. */
  readonly mostEnds: number;
  readonly windowMs: number;
  /** For a new worker to listen. */
  readonly startMs: number;
}

export const DEFAULT_RESTART_LIMITS: RestartLimits = {
  minDelayMs: 100,
  maxDelayMs: 10_000,
  mostEnds: 10,
  windowMs: 60_000,
  startMs: 30_000,
};
