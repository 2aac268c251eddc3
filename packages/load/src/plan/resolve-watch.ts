import { parseMetricSelector } from '../monitor/parse-prometheus.ts';
import type { WatchTarget } from '../monitor/target-monitor.ts';
import { readInspector, readMetricsUrl, readPid } from '../monitor/watch-addresses.ts';
import { PlanError, quoted } from './errors.ts';
import type { PlanPath, Scalar, WatchData } from './plan-file.ts';
import type { PlanInput } from './plan-input.ts';

/** Figures of the target to read beside the run: `watch` of a plan file or a definition. */
export function resolveWatch({ data, at }: PlanInput): readonly WatchTarget[] {
  return (data.watch ?? []).map((entry, index) =>
    watched(entry, (steps, read) => at(['watch', index, ...steps], read)),
  );
}

/** Reads what is at a place within an entry; faults then have that place. */
type ReadAt = <Value>(steps: PlanPath, read: (label: string) => Value) => Value;

function watched({ pid, metrics, only, node }: WatchData, at: ReadAt): WatchTarget {
  at([], (label) => {
    const given = [pid, metrics, node].filter((value) => value !== undefined);
    if (given.length !== 1) {
      const cause =
        given.length === 0 ? 'it says nothing to read' : 'it says several things to read';
      throw fault(cause, label, 'Give one of pid, metrics and node in each entry.');
    }
    if (only === undefined || metrics !== undefined) return;
    const cause = 'only picks figures of a metrics endpoint';
    throw fault(cause, label, 'Give metrics, or leave it out.');
  });
  if (pid !== undefined) return at(['pid'], (label) => ({ kind: 'pid', pid: pidOf(pid, label) }));
  if (node !== undefined)
    return at(['node'], (label) => ({ kind: 'node', address: inspectorOf(node, label) }));
  const url = at(['metrics'], (label) => metricsUrlOf(metrics!, label));
  (only ?? []).forEach((filter, place) =>
    at(['only', place], (label) => checkFilter(filter, label)),
  );
  return { kind: 'metrics', url, metrics: only ?? [] };
}

function pidOf(pid: Scalar, where: string): number {
  const found = readPid(pid);
  if (found !== null) return found;
  const remedy = 'See ps for those there are.';
  throw fault(`${quoted(String(pid))} is not the number of a process`, where, remedy);
}

function inspectorOf(node: Scalar, where: string): string {
  const address = readInspector(node);
  if (address !== null) return address;
  const remedy = 'Give what node --inspect printed, as in 127.0.0.1:9229.';
  throw fault(`${quoted(String(node))} is not host:port`, where, remedy);
}

function metricsUrlOf(metrics: string, where: string): string {
  const url = readMetricsUrl(metrics);
  if (url !== null) return url;
  const remedy = 'Write it whole, as in http://localhost:9100/metrics.';
  throw fault(`${quoted(metrics)} is not an http address`, where, remedy);
}

function checkFilter(filter: string, where: string): void {
  try {
    parseMetricSelector(filter);
  } catch {
    const remedy = 'Write name or name{label="value"}.';
    throw fault(`${quoted(filter)} is not a filter of metrics`, where, remedy);
  }
}

function fault(cause: string, where: string, remedy: string): PlanError {
  return new PlanError({ code: 'PLAN_WATCH', problem: 'Not to be watched', cause, where, remedy });
}
