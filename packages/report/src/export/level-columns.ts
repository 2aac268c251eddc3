import type { LevelResult } from '@needletail/load/summary';

const columns: readonly (readonly [
  heading: string,
  read: (level: LevelResult) => string | number | null,
])[] = [
  ['role', ({ role }) => role],
  ['level', ({ amount }) => amount],
  ['startedMs', ({ startedMs }) => startedMs],
  ['durationMs', ({ durationMs }) => durationMs],
  ['achievedPerSecond', ({ achievedPerSecond }) => achievedPerSecond],
  ['deliveredPercent', ({ deliveredPercent }) => deliveredPercent],
  ['scheduled', ({ ledger }) => ledger.scheduled],
  ['ok', ({ ledger }) => ledger.ok],
  ['errorPercent', ({ errorPercent }) => errorPercent],
  ['timeoutPercent', ({ timeoutPercent }) => timeoutPercent],
  ['meanMs', ({ latencyMs }) => latencyMs.mean],
  ['p50Ms', ({ latencyMs }) => latencyMs.p50],
  ['p95Ms', ({ latencyMs }) => latencyMs.p95],
  ['p99Ms', ({ latencyMs }) => latencyMs.p99],
  ['maxMs', ({ latencyMs }) => latencyMs.max],
  ['verdict', ({ verdict }) => verdict],
  ['broken', ({ broken }) => broken[0]?.objective ?? ''],
];

/** One row for each run of a level, in the order they were run (RFC 4180, lines ending in LF). */
export function levelsCsv(levels: readonly LevelResult[]): string {
  const rows = levels.map((level) => columns.map(([, read]) => cell(read(level))));
  return [columns.map(([heading]) => heading), ...rows].map((row) => `${row.join(',')}\n`).join('');
}

function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(Math.round(value * 1000) / 1000);
  return /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
