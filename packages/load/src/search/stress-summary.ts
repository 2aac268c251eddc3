import type { LevelResult } from './level-result.ts';
import type { Recovery } from './recovery.ts';
import type { StressSettings } from './stress-settings.ts';

/** Result of `needletail stress`, schema `needletail.stress/1`; plain JSON. */
export interface StressSummary {
  readonly schema: 'needletail.stress/1';
  readonly tool: { readonly version: string; readonly runtime: string };
  readonly target: string;
  /** Of the plan; null when it has none. */
  readonly name: string | null;
  /** What levels count. */
  readonly unit: 'users' | 'requests/s' | 'iterations/s';
  readonly settings: StressSettings;
  readonly objectives: readonly string[];
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly ended: 'complete' | 'interrupted' | 'unreachable';
  /** Highest level that was held; null when none was. */
  readonly maxSustainable: number | null;
  /** Of the limit, where it was searched for. */
  readonly interval: {
    readonly low: number;
    readonly high: number;
    readonly confidence: number;
  } | null;
  /** The lowest level known to break, in more than one run, and by what; null when nothing broke. */
  readonly breakingPoint: {
    readonly amount: number;
    readonly objective: string;
    readonly actual: number | null;
  } | null;
  readonly firstErrorAt: number | null;
  readonly nonLinearLatencyAt: number | null;
  readonly recovery: Recovery | null;
  /** Runs of a level, re-tests included. */
  readonly steps: number;
  readonly levels: readonly LevelResult[];
  readonly verdict: {
    readonly status: 'pass' | 'fail' | 'invalid';
    /** Why it ended where it did, first; sentences for people. */
    readonly reasons: readonly string[];
  };
}
