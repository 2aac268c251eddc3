import { fitScaling, Rng, type ScalingFit } from '@needletail/stats';
import { formatCount } from '../plan/count.ts';
import { kneeOf, optimalOf } from './knee.ts';
import type { LevelResult } from './level-result.ts';
import type { Level, LevelFigures, LevelRunner } from './level.ts';
import type { Objectives } from './objectives.ts';
import type { StressSubject } from './stress.ts';
import type { SweepSettings } from './sweep-settings.ts';
import type { Estimate, ScalingSummary, SweepSummary } from './sweep-summary.ts';
import { SearchEnded, Trial, type SearchOptions } from './trial.ts';

export interface SweepSubject extends StressSubject {
  readonly thinkMs: number;
  readonly seed: number;
}

/** Little's law must hold of what was measured; by more than this it was not the load it says. */
const LITTLE_TOLERANCE = 0.15;

/** Runs every level and describes how throughput and latency go with the load; without objectives no level can break. */
export async function sweep(
  runner: LevelRunner,
  objectives: Objectives | null,
  settings: SweepSettings,
  subject: SweepSubject,
  options: SearchOptions = {},
): Promise<SweepSummary> {
  const limited = new Set<number>();
  const watched = watchGenerator(runner, limited);
  const judged = objectives ?? { expressions: [], thresholds: [], timeouts: [] };
  const trial = new Trial(watched, judged, options);
  const startedAt = new Date().toISOString();
  const ended = await runAll(trial, settings, subject.seed);
  const points = mergeRepeats(trial.results, settings, subject.thinkMs, limited);
  const believed = points.filter(({ generatorLimited }) => !generatorLimited);
  const { scaling, reason } = scalingOf(
    believed.length >= 3 ? believed : [],
    trial.results,
    settings,
    subject.seed,
  );
  const held =
    objectives === null ? [] : points.filter(({ amount }) => isHeld(trial.results, amount));
  const reasons = [
    ...(ended === null ? [] : [ended.message]),
    ...reason,
    ...remarksOn(points, settings, scaling),
  ];
  const nothingHeld = objectives !== null && held.length === 0 && trial.results.length > 0;
  if (nothingHeld) reasons.unshift('No level kept the objectives.');
  const isInvalid = ended?.why === 'unreachable' || (points.length > 0 && believed.length === 0);
  return {
    schema: 'needletail.sweep/1',
    tool: subject.tool,
    target: subject.target,
    name: subject.name,
    unit: settings.kind === 'users' ? 'users' : subject.isScript ? 'iterations/s' : 'requests/s',
    settings,
    objectives: judged.expressions,
    startedAt,
    durationMs: trial.elapsedMs,
    ended: ended?.why ?? 'complete',
    levels: trial.results,
    points,
    knee: kneeOf(points),
    optimal: optimalOf(points),
    highestHeld: held.length === 0 ? null : Math.max(...held.map(({ amount }) => amount)),
    scaling,
    verdict: { status: isInvalid ? 'invalid' : nothingHeld ? 'fail' : 'pass', reasons },
  };
}

async function runAll(
  trial: Trial,
  settings: SweepSettings,
  seed: number,
): Promise<SearchEnded | null> {
  const rng = new Rng(seed);
  try {
    for (let repeat = 0; repeat < settings.repeats; repeat += 1) {
      const order = settings.shuffle ? shuffled(settings.amounts, rng) : settings.amounts;
      for (const amount of order) {
        await trial.test(
          { kind: settings.kind, amount },
          settings.stepMs,
          repeat === 0 ? 'step' : 'retest',
        );
      }
    }
    return null;
  } catch (error) {
    if (error instanceof SearchEnded) return error;
    throw error;
  }
}

/** Notes the levels at which the generator itself ran flat out, which says nothing of the target. */
function watchGenerator(runner: LevelRunner, limited: Set<number>): LevelRunner {
  return {
    now: () => runner.now(),
    pause: (durationMs, signal) => runner.pause(durationMs, signal),
    async run(load, options): Promise<LevelFigures> {
      const figures = await runner.run(load, options);
      if (figures.verdict.bottleneck === 'generator') {
        if (load.kind === 'constant') limited.add(load.users);
        if (load.kind === 'rate') limited.add(load.rate);
      }
      return figures;
    },
  };
}

type Point = SweepSummary['points'][number];

function mergeRepeats(
  results: readonly LevelResult[],
  { amounts, kind }: SweepSettings,
  thinkMs: number,
  limited: ReadonlySet<number>,
): Point[] {
  return amounts.flatMap((amount) => {
    const runs = results.filter((result) => result.amount === amount);
    if (runs.length === 0) return [];
    const throughputs = runs.map(({ achievedPerSecond }) => achievedPerSecond);
    const throughput = meanOf(throughputs);
    const latencyMs = meanOf(runs.map((run) => run.latencyMs.mean));
    const variance =
      throughputs.reduce((sum, one) => sum + (one - throughput) ** 2, 0) / (runs.length - 1);
    return {
      amount,
      throughput,
      latencyMs,
      repeats: runs.length,
      noise: runs.length < 2 || throughput === 0 ? null : Math.sqrt(variance) / throughput,
      littleUsers: kind === 'users' ? (throughput * (latencyMs + thinkMs)) / 1000 : null,
      generatorLimited: limited.has(amount),
    };
  });
}

function scalingOf(
  believed: readonly Point[],
  results: readonly LevelResult[],
  { kind, confidence }: SweepSettings,
  seed: number,
): { readonly scaling: ScalingSummary | null; readonly reason: readonly string[] } {
  if (kind === 'rate')
    return {
      scaling: null,
      reason: [
        'A rate sets no concurrency, so no scalability law is fitted; sweep --users for one.',
      ],
    };
  const kept = new Set(believed.map(({ amount }) => amount));
  const data = results
    .filter(({ amount, achievedPerSecond }) => kept.has(amount) && achievedPerSecond > 0)
    .map(({ amount, achievedPerSecond }) => ({
      concurrency: amount,
      throughput: achievedPerSecond,
    }));
  if (new Set(data.map(({ concurrency }) => concurrency)).size < 3)
    return {
      scaling: null,
      reason: ['A scalability law takes at least three levels that the generator did not limit.'],
    };
  return { scaling: toSummary(fitScaling(data, { confidence, seed }), confidence), reason: [] };
}

function toSummary(fit: ScalingFit, confidence: number): ScalingSummary {
  const estimate = (key: keyof NonNullable<ScalingFit['intervals']>): Estimate => ({
    value: finite(fit[key]),
    low: finite(fit.intervals?.[key].low),
    high: finite(fit.intervals?.[key].high),
  });
  return {
    lambda: estimate('lambda'),
    sigma: estimate('sigma'),
    kappa: estimate('kappa'),
    rSquared: fit.rSquared,
    peakUsers: estimate('peakConcurrency'),
    peakThroughput: estimate('peakThroughput'),
    confidence,
  };
}

function remarksOn(
  points: readonly Point[],
  { kind }: SweepSettings,
  scaling: ScalingSummary | null,
): string[] {
  const remarks: string[] = [];
  const limited = points.filter(({ generatorLimited }) => generatorLimited);
  if (limited.length > 0)
    remarks.push(
      `The generator was the limit at ${listed(limited)}: throughput there is a lower bound, and left out of the law.`,
    );
  const last = points.at(-1);
  const peak = scaling?.peakUsers.value;
  if (scaling !== null && last !== undefined && (peak ?? Infinity) > last.amount)
    remarks.push(
      peak === null || peak === undefined
        ? 'Throughput shows no peak: within these levels it only flattens.'
        : `The peak, at ${formatCount(Math.round(peak))} users, lies beyond the levels measured: it is a forecast.`,
    );
  if (kind === 'users') {
    const off = points.filter(
      ({ amount, littleUsers }) => Math.abs(littleUsers! / amount - 1) > LITTLE_TOLERANCE,
    );
    if (off.length > 0)
      remarks.push(
        `Little's law does not hold at ${listed(off)}: throughput times latency is not the number of users, so errors, ` +
          'time-outs or too short a level distort the figures.',
      );
  }
  return remarks;
}

function isHeld(results: readonly LevelResult[], amount: Level['amount']): boolean {
  const runs = results.filter((result) => result.amount === amount);
  return 2 * runs.filter(({ verdict }) => verdict === 'held').length > runs.length;
}

function shuffled(amounts: readonly number[], rng: Rng): number[] {
  const order = [...amounts];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = rng.int(last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

function listed(points: readonly Point[]): string {
  const shown = points.slice(0, 6).map(({ amount }) => formatCount(amount));
  return points.length > 6 ? `${shown.join(', ')} and ${points.length - 6} more` : shown.join(', ');
}

function finite(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
