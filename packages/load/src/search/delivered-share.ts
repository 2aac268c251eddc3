import type { SeriesPoint } from '../collect/run-summary.ts';
import type { LevelFigures } from './level.ts';

/** How much of the rate asked for was served while it lasted, and how far that can be believed. */
export interface Delivery {
  /** 0 to 1. */
  readonly share: number;
  /** Of `share`. */
  readonly standardError: number;
}

/**
 * The share of an open load that its target kept up with.
 *
 * Answers come in the order of a queue: when it serves less than arrives, the latency of the answers grows by the part that
 * is left over, second for second. So the share is one minus the slope of the median latency over the run, which unlike
 * a count of answers does not depend on how long the last of them took. Never is it more than the part that was sent.
 */
export function deliveredShare({ ledger, series, iterations }: LevelFigures): Delivery {
  const { scheduled, dropped } = iterations ?? ledger;
  const sent = scheduled > 0 ? 1 - dropped / scheduled : 0;
  const points = series.filter(({ requestsPerSecond }) => requestsPerSecond > 0);
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || first === last)
    return { share: sent, standardError: 0 };
  const apartMs = (last.t - first.t) * 1000;
  const slope = (last.latencyMs.p50 - first.latencyMs.p50) / apartMs;
  const errorMs = Math.hypot(medianErrorMs(first), medianErrorMs(last));
  // What waits to be sent when the level ends is part of the same queue: the two are not taken off one after the other.
  return { share: Math.min(sent, Math.max(0, 1 - slope)), standardError: errorMs / apartMs };
}

/** Standard error of the median of one second, its spread taken from the distance of p50 and p95. */
function medianErrorMs({ latencyMs, requestsPerSecond }: SeriesPoint): number {
  const deviation = (latencyMs.p95 - latencyMs.p50) / 1.645;
  return (1.2533 * deviation) / Math.sqrt(Math.max(1, requestsPerSecond));
}
