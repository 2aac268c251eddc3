import type { Ledger } from '../collect/run-summary.ts';
import { deliveredShare } from './delivered-share.ts';
import type { Level, LevelFigures } from './level.ts';
import {
  brokenObjectives,
  errorPercentOf,
  timeoutPercentOf,
  type Objectives,
} from './objectives.ts';

/** Why a level was run. */
export type LevelRole = 'step' | 'retest' | 'baseline' | 'soak' | 'spike';

/** A level that was run, as reports show it. Times in milliseconds. */
export interface LevelResult {
  readonly kind: Level['kind'];
  /** Users, or requests (iterations) per second asked for. */
  readonly amount: number;
  readonly role: LevelRole;
  /** Since the search began. */
  readonly startedMs: number;
  readonly durationMs: number;
  /** Answers per second; of a script the iterations that ended well or badly. */
  readonly achievedPerSecond: number;
  /** Open model: part of the rate that the target kept up with, in percent; null for users. */
  readonly deliveredPercent: number | null;
  readonly ledger: Ledger;
  readonly latencyMs: Readonly<Record<'mean' | 'p50' | 'p95' | 'p99' | 'max', number>>;
  readonly errorPercent: number;
  readonly timeoutPercent: number;
  /** `unjudged`: objectives were not kept, but the generator may be why. */
  readonly verdict: 'held' | 'breached' | 'unjudged';
  /** What was not kept; `actual` in the unit of the objective. */
  readonly broken: readonly { readonly objective: string; readonly actual: number | null }[];
  /** Why it is unjudged; null otherwise. */
  readonly note: string | null;
}

/** A rate counts as delivered from here on. */
const DELIVERED_SHARE = 0.99;
const DELIVERED_OBJECTIVE = 'delivered >= 99%';

/** Draws up a level from its run. What holds although the generator struggled holds; what breaks then is not judged. */
export function judgeLevel(
  level: Level,
  figures: LevelFigures,
  objectives: Objectives,
  context: { readonly role: LevelRole; readonly startedMs: number },
): LevelResult {
  const broken = brokenObjectives(figures, objectives).map(({ expression, actual }) => ({
    objective: expression,
    actual,
  }));
  const delivery = level.kind === 'rate' ? deliveredShare(figures) : null;
  if (delivery !== null) {
    const missing = DELIVERED_SHARE - delivery.share;
    // Within two standard errors a queue that grows cannot be told from one that sways.
    if (missing > 0 && 1 - delivery.share > 2 * delivery.standardError)
      broken.push({ objective: DELIVERED_OBJECTIVE, actual: 100 * delivery.share });
  }
  const { latencyMs, verdict } = figures;
  const isDoubtful = broken.length > 0 && verdict.status === 'invalid';
  return {
    ...level,
    ...context,
    durationMs: figures.durationMs,
    achievedPerSecond: achievedPerSecond(figures),
    deliveredPercent: delivery === null ? null : 100 * delivery.share,
    ledger: figures.ledger,
    latencyMs: {
      mean: latencyMs.mean,
      p50: latencyMs.p50,
      p95: latencyMs.p95,
      p99: latencyMs.p99,
      max: latencyMs.max,
    },
    errorPercent: errorPercentOf(figures),
    timeoutPercent: timeoutPercentOf(figures),
    verdict: isDoubtful ? 'unjudged' : broken.length > 0 ? 'breached' : 'held',
    broken,
    note: isDoubtful ? (verdict.reasons[0] ?? 'The run was invalid.') : null,
  };
}

function achievedPerSecond({ iterations, throughput, durationMs }: LevelFigures): number {
  if (iterations === null) return throughput.requestsPerSecond;
  return durationMs > 0 ? ((iterations.ok + iterations.failed) * 1000) / durationMs : 0;
}
