import { parseDuration } from './duration.ts';
import { PlanError, quoted } from './errors.ts';
import { conflict } from './merge-load.ts';
import { FLAG_LABEL, type PlanFlags } from './plan-flags.ts';
import type { PlanInput } from './plan-input.ts';
import type { PlanData, Scalar } from './plan-file.ts';
import type { Plan, StatusRange } from './plan.ts';
import type { ResolvedLoad } from './resolve-load.ts';
import { resolveWatch } from './resolve-watch.ts';
import { checkedCount, checkedDuration, readCount, type Bounds } from './setting.ts';

/** Settings that neither shape the load nor the requests; the authority of TLS is read later. */
export type RunSettings = Pick<
  Plan,
  | 'workers'
  | 'timeoutMs'
  | 'warmupMs'
  | 'keepAlive'
  | 'pipelining'
  | 'success'
  | 'onlyOk'
  | 'apdexMs'
  | 'seed'
  | 'watch'
> & { readonly tls: Omit<Plan['tls'], 'ca'> };

const HOUR_MS = 3_600_000;
const WORKERS = { least: 1, most: 64 };
const PIPELINING = { least: 1, most: 1024 };
const SEED = { least: 0, most: Number.MAX_SAFE_INTEGER };
const TIMEOUT_MS = { least: 1, most: HOUR_MS };
const WARMUP_MS = { least: 0, most: 24 * HOUR_MS };
const APDEX_MS = { least: 1, most: 60_000 };

/** Resolves those settings; `load` is what they must agree with. */
export function resolveRunSettings(
  input: PlanInput,
  flags: PlanFlags,
  load: ResolvedLoad,
): RunSettings {
  const { data } = input;
  const count = (flag: CountFlag, bounds: Bounds, otherwise: number): number =>
    countOf(input, flags, flag, bounds) ?? otherwise;
  const settings: RunSettings = {
    workers: count('workers', WORKERS, 1),
    timeoutMs: durationOf(input, flags, 'timeoutMs', 'timeout', TIMEOUT_MS) ?? 10_000,
    warmupMs: durationOf(input, flags, 'warmupMs', 'warmup', WARMUP_MS) ?? 0,
    keepAlive: flags.keepAlive ?? data.keepAlive ?? true,
    pipelining: count('pipelining', PIPELINING, 1),
    success: successOf(input),
    onlyOk: flags.onlyOk ?? data.onlyOk ?? false,
    apdexMs:
      data.apdex === undefined
        ? 500
        : input.at(['apdex'], (label) =>
            checkedDuration(parseDuration(data.apdex!, label), label, APDEX_MS),
          ),
    seed: count('seed', SEED, 1),
    watch: resolveWatch(input),
    tls: {
      insecure: flags.insecure ?? data.insecure ?? false,
      servername: flags.servername ?? data.servername ?? null,
    },
  };
  refuseContradictions(settings, load);
  return settings;
}

function refuseContradictions(settings: RunSettings, load: ResolvedLoad): void {
  const { workers, pipelining, keepAlive } = settings;
  if (pipelining > 1 && !keepAlive) {
    throw conflict(
      FLAG_LABEL.pipelining,
      FLAG_LABEL.keepAlive,
      'a connection for each request has nothing to pipeline',
    );
  }
  if (pipelining > 1 && load.thinkMs > 0) {
    throw conflict(
      FLAG_LABEL.pipelining,
      FLAG_LABEL.thinkMs,
      'a user who thinks between requests sends one at a time',
    );
  }
  if (workers > load.connections) {
    throw conflict(
      FLAG_LABEL.workers,
      FLAG_LABEL.connections,
      `${workers} workers cannot share ${load.connections} connection${load.connections === 1 ? '' : 's'}`,
    );
  }
}

type CountFlag = 'workers' | 'pipelining' | 'seed';

function countOf(
  { data, at }: PlanInput,
  flags: PlanFlags,
  key: CountFlag,
  bounds: Bounds,
): number | undefined {
  const flag = flags[key];
  if (flag !== undefined) return checkedCount(flag, FLAG_LABEL[key], bounds);
  const value = data[key];
  return value === undefined ? undefined : at([key], (label) => readCount(value, label, bounds));
}

function durationOf(
  { data, at }: PlanInput,
  flags: PlanFlags,
  flag: 'timeoutMs' | 'warmupMs',
  key: keyof PlanData & ('timeout' | 'warmup'),
  bounds: Bounds,
): number | undefined {
  const given = flags[flag];
  if (given !== undefined) return checkedDuration(given, FLAG_LABEL[flag], bounds);
  const value = data[key];
  if (value === undefined) return undefined;
  return at([key], (label) => checkedDuration(parseDuration(value, label), label, bounds));
}

function successOf({ data, at }: PlanInput): readonly StatusRange[] {
  if (data.success === undefined) return [{ from: 200, to: 399 }];
  return data.success.map((range, index) =>
    at(['success', index], (label) => statusRange(range, label)),
  );
}

function statusRange(value: Scalar, where: string): StatusRange {
  const match = /^\s*(\d{3})(?:\s*-\s*(\d{3}))?\s*$/.exec(String(value));
  const from = Number(match?.[1]);
  const to = Number(match?.[2] ?? match?.[1]);
  if (from >= 100 && to <= 599 && from <= to) return { from, to };
  throw new PlanError({
    code: 'PLAN_STATUS',
    problem: 'Not a status',
    cause: `${quoted(String(value))} is neither a status from 100 to 599 nor a range of them`,
    where,
    remedy: "Write it like 404 or '200-399'.",
  });
}
