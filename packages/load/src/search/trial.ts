import type { SeriesPoint } from '../collect/run-summary.ts';
import type { LoadSpec } from '../plan/plan.ts';
import { judgeLevel, type LevelResult, type LevelRole } from './level-result.ts';
import { steadyLoad, type Level, type LevelFigures, type LevelRunner } from './level.ts';
import type { Objectives } from './objectives.ts';

/** What is shown while a search is under way. */
export interface SearchProgress {
  /** A level begins; `of` is null while the number of levels is open. */
  readonly onLevelStart?: (level: Level, role: LevelRole | 'recovery', step: number) => void;
  /** About once a second. */
  readonly onPoint?: (elapsedMs: number, point: SeriesPoint) => void;
  readonly onLevel?: (result: LevelResult) => void;
}

export interface SearchOptions {
  /** Ends the search: what was found so far is the result. */
  readonly signal?: AbortSignal;
  readonly progress?: SearchProgress;
  /** Before the first level, left out of the figures. */
  readonly warmupMs?: number;
}

/** Thrown through a strategy when there is no going on; what was measured before is kept. */
export class SearchEnded extends Error {
  readonly why: 'interrupted' | 'unreachable';

  constructor(why: SearchEnded['why'], message: string) {
    super(message);
    this.why = why;
  }
}

/** A target left in pieces by a level it could not take is given this long at most before the next. */
const LONGEST_REST_MS = 5000;
const SHORTEST_REST_MS = 500;

/** Runs levels one after the other and keeps what they showed. */
export class Trial {
  readonly results: LevelResult[] = [];
  readonly objectives: Objectives;
  readonly #runner: LevelRunner;
  readonly #options: SearchOptions;
  readonly #startedAt: number;
  readonly #signal: AbortSignal;
  #restMs = 0;
  #hasRun = false;

  constructor(runner: LevelRunner, objectives: Objectives, options: SearchOptions = {}) {
    this.objectives = objectives;
    this.#runner = runner;
    this.#options = options;
    this.#signal = options.signal ?? new AbortController().signal;
    this.#startedAt = runner.now();
  }

  get elapsedMs(): number {
    return this.#runner.now() - this.#startedAt;
  }

  /** Holds a level for a while and judges it; throws `SearchEnded` when told to stop, or when nothing answers. */
  async test(level: Level, durationMs: number, role: LevelRole = 'step'): Promise<LevelResult> {
    await this.#rest();
    this.#options.progress?.onLevelStart?.(level, role, this.results.length + 1);
    const startedMs = this.elapsedMs;
    const figures = await this.#run(steadyLoad(level, durationMs), this.#signal);
    const result = judgeLevel(level, figures, this.objectives, { role, startedMs });
    this.results.push(result);
    this.#options.progress?.onLevel?.(result);
    this.#restMs = restAfter(result, durationMs);
    return result;
  }

  /**
   * Tests a level and believes a breach only when a second run confirms it; when they differ, a third decides. Gives the
   * last run whose verdict was the majority's.
   */
  async confirm(level: Level, durationMs: number, role: LevelRole = 'step'): Promise<LevelResult> {
    const first = await this.test(level, durationMs, role);
    if (first.verdict === 'held') return first;
    const second = await this.test(level, durationMs, 'retest');
    if (second.verdict === first.verdict) return second;
    const third = await this.test(level, durationMs, 'retest');
    // Three different ones leave the judgement open.
    const agreeing = [second, first].some(({ verdict }) => verdict === third.verdict);
    return agreeing ? third : [first, second].find(({ verdict }) => verdict === 'unjudged')!;
  }

  /** Runs a load that is not a level; `onPoint` sees each second of it and gives true to end it. */
  async follow(
    load: LoadSpec,
    level: Level,
    onPoint: (point: SeriesPoint) => boolean,
  ): Promise<void> {
    this.#options.progress?.onLevelStart?.(level, 'recovery', this.results.length + 1);
    const enough = new AbortController();
    const signal = AbortSignal.any([this.#signal, enough.signal]);
    let lastT = 0;
    await this.#run(load, signal, (point) => {
      if (point.t <= lastT) return;
      lastT = point.t;
      if (onPoint(point)) enough.abort();
    });
  }

  async #run(
    load: LoadSpec,
    signal: AbortSignal,
    onPoint: (point: SeriesPoint) => void = () => undefined,
  ): Promise<LevelFigures> {
    const warmupMs = this.#hasRun ? 0 : (this.#options.warmupMs ?? 0);
    this.#hasRun = true;
    const figures = await this.#runner.run(load, {
      warmupMs,
      signal,
      onSnapshot: ({ elapsedMs, point }) => {
        this.#options.progress?.onPoint?.(elapsedMs, point);
        onPoint(point);
      },
    });
    this.#throwIfAborted();
    if (figures.ended === 'unreachable')
      throw new SearchEnded('unreachable', figures.verdict.reasons[0] ?? 'Nothing was reached.');
    return figures;
  }

  async #rest(): Promise<void> {
    this.#throwIfAborted();
    if (this.#restMs > 0) await this.#runner.pause(this.#restMs, this.#signal);
    this.#throwIfAborted();
  }

  #throwIfAborted(): void {
    if (this.#signal.aborted)
      throw new SearchEnded(
        'interrupted',
        'The search was interrupted; what it found so far is shown.',
      );
  }
}

/** After a breach, time to work off what was left over, so that one level is not judged by the one before. */
function restAfter({ verdict, deliveredPercent }: LevelResult, durationMs: number): number {
  if (verdict === 'held') return 0;
  const leftOver = (1 - (deliveredPercent ?? 100) / 100) * durationMs;
  return Math.min(LONGEST_REST_MS, SHORTEST_REST_MS + leftOver);
}
