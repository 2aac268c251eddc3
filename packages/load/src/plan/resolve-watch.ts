import { parseMetricSelector } from '../monitor/parse-prometheus.ts';
import type { WatchTarget } from '../monitor/target-monitor.ts';
import { readInspector, readMetricsUrl, readPid } from '../monitor/watch-addresses.ts';
import { PlanError, quoted } from './errors.ts';
import type { WatchData } from './plan-file.ts';
import type { PlanInput } from './plan-input.ts';

/** Figures of the target to read beside the run: `watch` of a plan file or a definition. */
export function resolveWatch({ data, at }: PlanInput): readonly WatchTarget[] {
  return (data.watch ?? []).map((entry, index) =>
    at(['watch', index], (label) => watched(entry, label)),
  );
}

function watched(entry: WatchData, where: string): WatchTarget {
  const { pid, metrics, only, node } = entry;
  const given = [pid, metrics, node].filter((value) => value !== undefined);
  if (given.length !== 1) {
    const cause = given.length === 0 ? 'it says nothing to read' : 'it says several things to read';
    throw fault(cause, where, 'Give one of pid, metrics and node in each entry.');
  }
  if (only !== undefined && metrics === undefined) {
    throw fault(
      'only picks figures of a metrics endpoint',
      where,
      'Give metrics, or leave it out.',
    );
  }
  if (pid !== undefined) {
    const found = readPid(pid);
    if (found !== null) return { kind: 'pid', pid: found };
    const remedy = 'See ps for those there are.';
    throw fault(`${quoted(String(pid))} is not the number of a process`, `${where}.pid`, remedy);
  }
  if (node !== undefined) {
    const address = readInspector(node);
    if (address !== null) return { kind: 'node', address };
    const remedy = 'Give what node --inspect printed, as in 127.0.0.1:9229.';
    throw fault(`${quoted(String(node))} is not host:port`, `${where}.node`, remedy);
  }
  const url = readMetricsUrl(metrics!);
  if (url === null) {
    const remedy = 'Write it whole, as in http://localhost:9100/metrics.';
    throw fault(`${quoted(metrics!)} is not an http address`, `${where}.metrics`, remedy);
  }
  (only ?? []).forEach((filter, place) => checkFilter(filter, `${where}.only[${place}]`));
  return { kind: 'metrics', url, metrics: only ?? [] };
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
