// What makes a plan, without what runs it: a command that refuses a flag needs no more.
import type { resolvePlan as resolve } from './plan/resolve-plan.ts';

export { parseMetricSelector } from './monitor/parse-prometheus.ts';
export { readInspector, readMetricsUrl, readPid } from './monitor/watch-addresses.ts';
export { formatCount, parseCount, parseRate } from './plan/count.ts';
export { parseDuration } from './plan/duration.ts';

/** `resolvePlan` of this package, loaded when it is called: it brings the wire with it, which the check of thresholds does not need. */
export const resolvePlan: typeof resolve = async (...given) => {
  const thresholds = given[1]?.thresholds;
  if (thresholds !== undefined) {
    const { refuseUnreadable } = await import('./plan/resolve-thresholds.ts');
    refuseUnreadable(thresholds);
  }
  const loaded = await import('./plan/resolve-plan.ts');
  return loaded.resolvePlan(...given);
};
