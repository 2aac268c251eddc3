import type { FailureKind } from './run-summary.ts';

/** What traffic itself writes down: of requests into a tally, of iterations into that of scripts. Times as in Recorder. */
export interface TrafficRecorder {
  /** Gauges at the places of tally.ts: `USERS`, `WAITING`, `MOST_WAITING`. */
  readonly tally: { readonly counters: Float64Array };
  scheduled(endpoint: number, dueAt: number): void;
  failed(
    endpoint: number,
    kind: FailureKind,
    message: string,
    dueAt: number,
    sentAt: number,
    now: number,
  ): void;
  dropped(endpoint: number, dueAt: number, now: number): void;
  late(dueAt: number, latenessMs: number): void;
}
