import type { LevelResult } from './level-result.ts';
import { limitBelief, type LimitBelief } from './limit-posterior.ts';
import type { Trial } from './trial.ts';

export interface BreakpointSettings {
  /** Per second, the first rate tried. */
  readonly startRate: number;
  readonly maxRate: number;
  /** Half the width of the interval asked for, as a part of the limit: 0.02. */
  readonly precision: number;
  /** 0.95: how sure the interval must be. */
  readonly confidence: number;
  readonly stepMs: number;
  readonly maxSteps: number;
}

/** Why the search for the limit ended. */
type BreakpointStop =
  /** The interval is as narrow and as sure as asked for, its ends tested twice. */
  | 'confident'
  /** The highest rate allowed was held. */
  | 'max-rate'
  /** The lowest rate worth trying was not. */
  | 'nothing-held'
  /** The generator could not send more, or not reliably enough to judge. */
  | 'generator'
  | 'max-steps';

export interface BreakpointFinding {
  readonly stop: BreakpointStop;
  /** The highest rate that was held, re-tested; null when none was. */
  readonly sustained: number | null;
  /** Of the limit; null when the search did not come to enclose it. */
  readonly belief: LimitBelief | null;
  /** A breach just above, re-tested; null when nothing broke. */
  readonly broken: LevelResult | null;
}

const LOWEST_RATE = 1;
/** While latency shows no sign of load the next rate is this many times the last, then twice. */
const BOLD_FACTOR = 4;
const CAREFUL_FACTOR = 2;
/** Latency that has not grown by more than this since the first level is no sign. */
const CALM_RATIO = 1.5;
const CALM_MS = 1;
/** In precisions: how near rates held and broken must be for the rest to be chance, and how far from the middle that is tested. */
const NEAR = 1.8;
const SIDE = 0.8;
/** Below the generator's own ceiling the target is looked at this closely. */
const CEILING_RATIO = 1.15;

/**
 * Finds the highest rate that keeps the objectives and is delivered: brackets the limit by growing rates, then tests the
 * median of what is believed of it, until the interval is narrow enough and both a rate at its lower side was held and
 * one at its upper side broken, in two tests each.
 */
export async function findBreakpoint(
  trial: Trial,
  settings: BreakpointSettings,
): Promise<BreakpointFinding> {
  const search = new BreakpointSearch(trial, settings);
  return search.run();
}

class BreakpointSearch {
  readonly #trial: Trial;
  readonly #settings: BreakpointSettings;
  readonly #judged: LevelResult[] = [];
  /** Lowest rate that the generator could not judge. */
  #ceiling = Infinity;

  constructor(trial: Trial, settings: BreakpointSettings) {
    this.#trial = trial;
    this.#settings = settings;
  }

  async run(): Promise<BreakpointFinding> {
    const bracketed = await this.#bracket();
    if (bracketed !== null) return this.#conclude(bracketed);
    while (this.#trial.results.length < this.#settings.maxSteps) {
      const next = this.#nextRate();
      if (next === null) return this.#conclude('confident');
      if ((await this.#test(next)) === 'unjudged' && this.#ceiling <= next * CEILING_RATIO)
        return this.#conclude('generator');
    }
    return this.#conclude('max-steps');
  }

  /** Null when the limit lies between a rate held and one broken, both known. */
  async #bracket(): Promise<BreakpointStop | null> {
    const { startRate, maxRate, maxSteps } = this.#settings;
    let rate = Math.min(startRate, maxRate);
    while (this.#trial.results.length < maxSteps) {
      const verdict = await this.#test(rate);
      if (verdict === 'held') {
        if (rate >= maxRate) return 'max-rate';
        if (this.#lowestBroken() !== null) return null;
        if (this.#ceiling <= rate * CEILING_RATIO) return 'generator';
        rate = this.#higher(rate);
      } else if (verdict === 'unjudged') {
        const held = this.#highestHeld();
        if (held !== null && this.#ceiling <= held * CEILING_RATIO) return 'generator';
        rate = held === null ? rate / BOLD_FACTOR : Math.sqrt(held * this.#ceiling);
      } else if (this.#highestHeld() !== null) return null;
      else rate /= BOLD_FACTOR;
      if (rate < LOWEST_RATE) return this.#ceiling < Infinity ? 'generator' : 'nothing-held';
    }
    return 'max-steps';
  }

  /** Tests a rate; what cannot be judged is tried once more, and then may be the generator's ceiling. */
  async #test(asked: number): Promise<LevelResult['verdict']> {
    const rate = rounded(asked);
    const isRepeat = this.#judged.some(({ amount }) => amount === rate);
    const level = { kind: 'rate', amount: rate } as const;
    const { stepMs } = this.#settings;
    let result = await this.#trial.test(level, stepMs, isRepeat ? 'retest' : 'step');
    if (result.verdict === 'unjudged') result = await this.#trial.test(level, stepMs, 'retest');
    if (result.verdict !== 'unjudged') this.#judged.push(result);
    // Where a higher rate could be judged it was a bad moment of the machine, which passes.
    else if (this.#judged.every(({ amount }) => amount < rate))
      this.#ceiling = Math.min(this.#ceiling, rate);
    return result.verdict;
  }

  #higher(rate: number): number {
    const { maxRate } = this.#settings;
    const firstMs = this.#judged[0]!.latencyMs.p95;
    const isCalm = this.#judged.at(-1)!.latencyMs.p95 <= CALM_RATIO * firstMs + CALM_MS;
    const next = rate * (isCalm ? BOLD_FACTOR : CAREFUL_FACTOR);
    return Math.min(maxRate, this.#ceiling < Infinity ? Math.sqrt(rate * this.#ceiling) : next);
  }

  /**
   * A target that is overrun and still serves shows by how much it serves where its limit is about: first a rate just
   * below that is tried, then one just above. Null when there is no such sign, or both were tried.
   */
  #guess(): number | null {
    const held = this.#highestHeld()!;
    const broken = this.#lowestBroken()!;
    const margin = SIDE * this.#settings.precision;
    const served = (broken.amount * broken.deliveredPercent!) / 100;
    if (broken.deliveredPercent! >= 97) return null;
    const sides = [rounded(served * (1 - margin)), rounded(served * (1 + margin))];
    return sides.find((rate) => rate > held * 1.005 && rate < broken.amount / 1.005) ?? null;
  }

  /** The rate that tells most; null when all that was asked for is known. */
  #nextRate(): number | null {
    const { precision } = this.#settings;
    const belief = this.#belief();
    if (belief.high - belief.low > 2 * precision * belief.median) return this.#informative(belief);
    const held = this.#sustainedRate(belief);
    if (held === null || this.#countOf(held, 'held') < 2) return held ?? this.#near(belief.low);
    const broken = this.#brokenRate(belief);
    if (broken === null || this.#countOf(broken, 'breached') < 2)
      return broken ?? this.#near(belief.high);
    return null;
  }

  /**
   * While rates held and broken are far apart, the median halves what lies between. Once they are near, it is chance
   * that is left to rule out, and the side of the interval with more to lose tells more than the middle, where
   * both outcomes are expected anyway.
   */
  #informative({ low, median, high }: LimitBelief): number {
    const { precision } = this.#settings;
    const held = this.#rates(() => true).findLast((rate) => this.#isMostly(rate, 'held'));
    const broken = this.#rates(() => true).find((rate) => this.#isMostly(rate, 'breached'));
    const areNear =
      held !== undefined && broken !== undefined && broken <= held * (1 + NEAR * precision);
    if (!areNear) return this.#guess() ?? rounded(median);
    return median / low > high / median
      ? this.#near(median * (1 - SIDE * precision))
      : this.#near(median * (1 + SIDE * precision));
  }

  /** A rate tested before that is as good as the same, so that tests gather where they confirm each other. */
  #near(rate: number): number {
    const within = (this.#settings.precision / 4) * rate;
    const known = this.#rates((tested) => Math.abs(tested - rate) <= within);
    return known[0] ?? rounded(rate);
  }

  /** The highest rate held more often than not, no higher than the limit is believed to be. */
  #sustainedRate({ low, median }: LimitBelief): number | null {
    const rates = this.#rates(
      (rate) => rate >= low * (1 - this.#settings.precision) && rate <= median,
    );
    return rates.filter((rate) => this.#isMostly(rate, 'held')).at(-1) ?? null;
  }

  #brokenRate({ median, high }: LimitBelief): number | null {
    const rates = this.#rates(
      (rate) => rate >= median && rate <= high * (1 + this.#settings.precision),
    );
    return rates.find((rate) => this.#isMostly(rate, 'breached')) ?? null;
  }

  #rates(keep: (rate: number) => boolean): number[] {
    const rates = new Set(this.#judged.map(({ amount }) => amount).filter(keep));
    return [...rates].sort((a, b) => a - b);
  }

  #isMostly(rate: number, verdict: 'held' | 'breached'): boolean {
    const all = this.#judged.filter(({ amount }) => amount === rate).length;
    return 2 * this.#countOf(rate, verdict) > all;
  }

  #countOf(rate: number, verdict: 'held' | 'breached'): number {
    return this.#judged.filter((result) => result.amount === rate && result.verdict === verdict)
      .length;
  }

  #highestHeld(): number | null {
    const held = this.#judged.filter(({ verdict }) => verdict === 'held');
    return held.length === 0 ? null : Math.max(...held.map(({ amount }) => amount));
  }

  #lowestBroken(): LevelResult | null {
    const broken = this.#judged.filter(({ verdict }) => verdict === 'breached');
    return broken.toSorted((a, b) => a.amount - b.amount)[0] ?? null;
  }

  #belief(): LimitBelief {
    const observations = this.#judged.map(({ amount, verdict }) => ({
      rate: amount,
      held: verdict === 'held',
    }));
    return limitBelief(observations, this.#settings.confidence);
  }

  #conclude(stop: BreakpointStop): BreakpointFinding {
    const held = this.#highestHeld();
    if (this.#lowestBroken() === null || held === null)
      return { stop, sustained: held, belief: null, broken: this.#lowestBroken() };
    const belief = this.#belief();
    const brokenRate = this.#brokenRate(belief) ?? this.#lowestBroken()!.amount;
    return {
      stop,
      sustained: this.#sustainedRate(belief) ?? held,
      belief,
      broken: this.#judged.findLast(
        ({ amount, verdict }) => amount === brokenRate && verdict === 'breached',
      )!,
    };
  }
}

/** Three significant digits more than a percent needs, so that a rate tested again is the same rate. */
function rounded(rate: number): number {
  return Number(rate.toPrecision(4));
}
