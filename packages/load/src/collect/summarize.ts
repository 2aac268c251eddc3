import { describeControl } from '../control/describe-control.ts';
import { createPacer } from '../pace/pacer.ts';
import { loadsOf, modelOf, summarizePlan } from '../plan/describe-plan.ts';
import type { Plan } from '../plan/plan.ts';
import type { Floor } from '../workers/messages.ts';
import { binsOf, distributionOf } from './distribution.ts';
import { answeredCount, ledgerOf, statusCounts, totalLedger } from './ledger.ts';
import { apdexOf } from './metrics-view.ts';
import type {
  ControlEvent,
  EndpointSummary,
  FailureCount,
  GeneratorSummary,
  RunSummary,
  SeriesPoint,
  TargetMetrics,
  ThresholdResult,
} from './run-summary.ts';
import {
  BYTES_IN,
  BYTES_OUT,
  CPU_MS,
  GC_COUNT,
  GC_MAX_MS,
  GC_TOTAL_MS,
  LAST_ANSWER_MS,
  LOOP_ACTIVE_MS,
  MOST_WAITING,
  OUT_OF_SOCKETS,
  RUN_QUEUE_WAIT_MS,
  SCHEDULED,
  SPIN_MS,
  WATCHED_MS,
} from './tally.ts';
import { MOST_ENDPOINTS } from './script-names.ts';
import type { ScriptFacts } from './script-verdict.ts';
import { summarizeScripts, waitingShare, type ScriptRecord } from './summarize-scripts.ts';
import type { EndpointTally, Tally } from './tally.ts';
import { drawVerdict } from './verdict.ts';

/** Users who wait for answers for less than this share of their iterations are not held back by the target. */
const MOSTLY_WAITING = 0.5;

/** Everything a finished run left behind. */
export interface RunRecord {
  readonly plan: Plan;
  readonly toolVersion: string;
  readonly startedAt: Date;
  readonly ended: RunSummary['ended'];
  readonly unreachableCause: string | null;
  /** From the start of measuring until nothing more was begun. */
  readonly sendingMs: number;
  /** Until the last request ended, answered or not. */
  readonly lastEndMs: number;
  readonly total: Tally;
  readonly workers: readonly Tally[];
  readonly failures: readonly FailureCount[];
  readonly series: readonly SeriesPoint[];
  readonly thresholds: readonly ThresholdResult[];
  readonly judgesLatency: boolean;
  readonly floor: Floor;
  /** Null or absent unless users are scripts. */
  readonly scripts?: ScriptRecord | null;
  /** What was changed while the run was under way. */
  readonly control: readonly ControlEvent[];
  /** Time paused within `sendingMs`. */
  readonly pausedMs: number;
  /** Null or absent unless the target was watched. */
  readonly target?: TargetMetrics | null;
  /** Processors of the target's machine, where they are known. */
  readonly targetCores?: number | null;
}

/** Turns what the workers counted into the summary that is printed, saved and judged. */
export function summarize(record: RunRecord): RunSummary {
  const { plan, total } = record;
  const { counters } = total;
  const ledger = totalLedger(total);
  const durationMs = Math.max(record.sendingMs, record.lastEndMs);
  // In the open model the answers to what was due in the window belong to it, however late the last of them came; in the
  // closed model a wait that ended without an answer adds nothing to the rate.
  const wholeMs =
    modelOf(plan) === 'open'
      ? record.sendingMs
      : Math.max(record.sendingMs, counters[LAST_ANSWER_MS]!);
  const rateMs = wholeMs - record.pausedMs;
  const perSecond = (amount: number): number => (rateMs > 0 ? (amount * 1000) / rateMs : 0);
  const latencyMs = distributionOf(total.latency);
  const scripts = record.scripts ?? null;
  const scriptPart = summarizeScripts(scripts, perSecond);
  const scheduleLagMs = distributionOf(total.scheduleLag);
  const generator = summarizeGenerator(record, ledger.scheduled);
  return {
    schema: 'needletail.run/1',
    tool: { version: record.toolVersion, runtime: runtimeName() },
    plan: summarizePlan(plan),
    startedAt: record.startedAt.toISOString(),
    durationMs,
    ended: record.ended,
    ledger,
    failures: record.failures,
    status: statusCounts(total.endpointsInUse),
    throughput: {
      requestsPerSecond: perSecond(answeredCount(total)),
      receivedBytesPerSecond: perSecond(counters[BYTES_IN]!),
      sentBytesPerSecond: perSecond(counters[BYTES_OUT]!),
    },
    latencyMs,
    serviceTimeMs: distributionOf(total.serviceTime),
    scheduleLagMs,
    phasesMs: {
      connect: distributionOf(total.connect),
      tls: distributionOf(total.tls),
      firstByte: distributionOf(total.firstByte),
    },
    histogram: binsOf(total.latency),
    apdex: { thresholdMs: plan.apdexMs, score: apdexOf(total) },
    endpoints: summarizeEndpoints(record),
    series: record.series,
    ...scriptPart,
    control: record.control,
    target: record.target ?? null,
    thresholds: record.thresholds,
    generator,
    verdict: drawVerdict({
      model: modelOf(plan),
      ended: record.ended,
      unreachableCause: record.unreachableCause,
      ledger,
      latencyMs,
      scheduleLagMs,
      latenessP99Ms: generator.latenessMs.p99,
      starvedPercent: generator.starvedPercent,
      busyShare: busiestShare(record.workers),
      thinks: thinks(record),
      judgesLatency: record.judgesLatency,
      thresholds: record.thresholds,
      failures: record.failures,
      connectionsOpened: total.connect.count,
      // Users who begin anew with each iteration close their connections themselves.
      keepsAlive: plan.keepAlive && plan.script?.session !== 'iteration',
      outOfSockets: counters[OUT_OF_SOCKETS]!,
      mostWaiting: scripts?.totals.total.mostWaiting ?? counters[MOST_WAITING]!,
      maxConnections: plan.connections,
      insecure: plan.tls.insecure && /^https:/i.test(plan.requests[0]?.url ?? plan.target),
      warmupMs: plan.warmupMs,
      controlled: describeControl(record.control, record.pausedMs),
      target: record.target ?? null,
      targetCores: record.targetCores ?? null,
      latencyP50Ms: record.series.filter(({ ok }) => ok > 0).map((point) => point.latencyMs.p50),
      scripts: scripts === null ? null : scriptFactsOf(scripts, scriptPart, total),
    }),
  };
}

/** How long a plan sends for, as far as it says so; the length of a counted run is known afterwards. */
export function plannedSendingMs(plan: Plan): number {
  return Math.max(...loadsOf(plan).map((part) => createPacer(part).endMs));
}

/** Users that mostly pause do not press the target, so nothing limits them. */
function thinks({ plan, scripts, total }: RunRecord): boolean {
  if (plan.script === null || scripts === null || scripts === undefined) return plan.thinkMs > 0;
  const pausing = plan.script.streams.some(({ thinkMs }) => thinkMs > 0);
  return pausing || waitingShare(scripts.totals.total, total.serviceTime) < MOSTLY_WAITING;
}

function scriptFactsOf(
  { totals, heapGrowthBytes, failures = [], remarks = [] }: ScriptRecord,
  { iterations, checks, scriptErrors }: Pick<RunSummary, 'iterations' | 'checks' | 'scriptErrors'>,
  { endpoints }: Tally,
): ScriptFacts {
  const { names } = totals;
  return {
    iterations: iterations!,
    checks,
    errors: scriptErrors,
    names: {
      endpoints: names.endpoints.names(),
      checks: names.checks.names(),
      counters: names.counters.names(),
      timings: names.timings.names(),
    },
    hasMoreEndpoints: (endpoints[MOST_ENDPOINTS]?.ledger[SCHEDULED] ?? 0) > 0,
    heapGrowthBytes,
    failures,
    remarks,
  };
}

function summarizeEndpoints({ plan, scripts, total }: RunRecord): readonly EndpointSummary[] {
  const names = scripts?.totals.endpointNames ?? plan.requests.map(({ name }) => name);
  return total.endpointsInUse.flatMap((endpoint, index) => {
    const name = names[index];
    // Scripts may have used a name in the warm-up alone; a plan's requests are shown though none was sent.
    const isUnused = plan.script !== null && endpoint.ledger[SCHEDULED] === 0;
    return name === undefined || isUnused ? [] : [summarizeEndpoint(name, endpoint, total)];
  });
}

function summarizeEndpoint(name: string, endpoint: EndpointTally, total: Tally): EndpointSummary {
  return {
    name,
    ledger: ledgerOf(endpoint),
    status: statusCounts([endpoint]),
    latencyMs: distributionOf(endpoint.latency ?? total.latency),
  };
}

function summarizeGenerator(record: RunRecord, requests: number): GeneratorSummary {
  const { counters } = record.total;
  const watchedMs = counters[WATCHED_MS]!;
  const loopShare = watchedMs > 0 ? counters[LOOP_ACTIVE_MS]! / watchedMs : 0;
  return {
    workers: record.workers.length,
    cpuMicrosPerRequest:
      requests > 0 ? (Math.max(0, counters[CPU_MS]! - counters[SPIN_MS]!) * 1000) / requests : 0,
    // Bun reports zeros (its issue 32618): better none than a wrong one.
    eventLoopUtilization: 'bun' in process.versions ? null : Math.min(1, loopShare),
    latenessMs: { p50: latenessMs(record, 0.5), p99: latenessMs(record, 0.99) },
    starvedPercent: starvedPercentOf(record.workers),
    gcPauseMs: {
      count: counters[GC_COUNT]!,
      total: counters[GC_TOTAL_MS]!,
      max: counters[GC_MAX_MS]!,
    },
    floorMs: record.floor,
  };
}

/** Of requests or of iterations, whichever the generator was later with. */
function latenessMs({ total, scripts }: RunRecord, quantile: number): number {
  const ofIterations = scripts?.totals.total.lateness.quantile(quantile) ?? 0;
  return Math.max(total.lateness.quantile(quantile), ofIterations) / 1000;
}

/** Share of its time that the worst-off worker was ready to run but had no processor, in percent. */
export function starvedPercentOf(workers: readonly Tally[]): number | null {
  const shares = workers.map(({ counters }) =>
    counters[WATCHED_MS]! > 0 ? (100 * counters[RUN_QUEUE_WAIT_MS]!) / counters[WATCHED_MS]! : 0,
  );
  return shares.some(Number.isNaN) ? null : Math.max(0, ...shares);
}

/** Share of its time that the busiest worker was at work on a processor or waiting for one. */
export function busiestShare(workers: readonly Tally[]): number | null {
  const shares = workers.map(({ counters }) => {
    const waitMs = counters[RUN_QUEUE_WAIT_MS]!;
    const workMs = Math.max(0, counters[CPU_MS]! - counters[SPIN_MS]!);
    const busyMs = workMs + (Number.isNaN(waitMs) ? 0 : waitMs);
    return counters[WATCHED_MS]! > 0 ? busyMs / counters[WATCHED_MS]! : 0;
  });
  return shares.length === 0 ? null : Math.max(...shares);
}

function runtimeName(): string {
  const { bun, node } = process.versions as { bun?: string; node: string };
  return bun === undefined ? `node ${node}` : `bun ${bun}`;
}
