import type { TargetMetrics } from '../collect/run-summary.ts';

/** What a figure is counted in. */
export type ReadingUnit = TargetMetrics['series'][number]['unit'];

/** One figure of the target, as it is at one moment. */
export interface Reading {
  readonly name: string;
  readonly unit: ReadingUnit;
  readonly value: number;
}

/** Reads figures of the target while a run is under way. */
export interface TargetMonitor {
  /** Where it reads: `pid 4711`, `http://…/metrics`, `inspector 127.0.0.1:9229`. */
  readonly source: string;
  /** What is there now; figures that need two looks come with the second. Rejects with a sentence saying why it cannot. */
  read(): Promise<readonly Reading[]>;
  close(): Promise<void>;
}

/** Which figures of the target to read. */
export type WatchTarget =
  | { readonly kind: 'pid'; readonly pid: number }
  | {
      readonly kind: 'metrics';
      readonly url: string;
      /** `name` or `name{label="x"}`; empty picks well-known ones. */
      readonly metrics: readonly string[];
    }
  /** A Node process started with `--inspect`: `127.0.0.1:9229`. */
  | { readonly kind: 'node'; readonly address: string };

/** Names of the figures that a verdict reads. */
export const CPU = 'CPU';
export const BUSIEST_THREAD = 'busiest thread';
export const LOOP_UTILIZATION = 'event loop busy';
