import type { LevelResult } from './level-result.ts';
import type { SweepPoint } from './knee.ts';
import type { SweepSettings } from './sweep-settings.ts';

/** Result of `needletail sweep`, schema `needletail.sweep/1`; plain JSON. */
export interface SweepSummary {
  readonly schema: 'needletail.sweep/1';
  readonly tool: { readonly version: string; readonly runtime: string };
  readonly target: string;
  readonly name: string | null;
  readonly unit: 'users' | 'requests/s' | 'iterations/s';
  readonly settings: SweepSettings;
  /** Empty unless thresholds were given. */
  readonly objectives: readonly string[];
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly ended: 'complete' | 'interrupted' | 'unreachable';
  /** In the order they were run, repeats apart. */
  readonly levels: readonly LevelResult[];
  /** Ascending, repeats merged. */
  readonly points: readonly (SweepPoint & {
    readonly repeats: number;
    /** Standard deviation of the throughputs of the repeats, as a part of their mean; null with one. */
    readonly noise: number | null;
    /** Users there should be by Little's law, throughput times latency and think time; null for rates. */
    readonly littleUsers: number | null;
    readonly generatorLimited: boolean;
  })[];
  readonly knee: number | null;
  readonly optimal: number | null;
  /** Highest level that kept the objectives; null when none did, or none were given. */
  readonly highestHeld: number | null;
  /** Universal Scalability Law; null where it cannot be fitted, reasons say why. */
  readonly scaling: ScalingSummary | null;
  readonly verdict: {
    readonly status: 'pass' | 'fail' | 'invalid';
    readonly reasons: readonly string[];
  };
}

/** Null in place of a bound or a peak that the data do not limit. */
export interface ScalingSummary {
  readonly lambda: Estimate;
  readonly sigma: Estimate;
  readonly kappa: Estimate;
  readonly rSquared: number;
  readonly peakUsers: Estimate;
  readonly peakThroughput: Estimate;
  readonly confidence: number;
}

export interface Estimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}
