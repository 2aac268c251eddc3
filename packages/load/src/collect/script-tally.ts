// Allocates: nothing after construction. Invariant: as in tally.ts, one thread writes and any thread reads.
import { Histogram } from '@needletail/stats';
import { MemoryLayout } from './memory-layout.ts';
import { MOST_CHECKS, MOST_COUNTERS, MOST_TIMINGS } from './script-names.ts';
import { MOST_WAITING, USERS, WAITING, addInto, subtractFrom } from './tally.ts';

const LEDGER_PLACES = 8;
/** As many as a tally has, so that the same traffic can write its gauges in either. */
const STREAM_COUNTERS = 24;
const BYTES_PER_COUNTER = 8;
const MICROS = 1000;

/** Places behind the named ones are for what came when the names were used up. */
const CHECK_PLACES = MOST_CHECKS + 1;
const COUNTER_PLACES = MOST_COUNTERS + 1;
const TIMING_PLACES = MOST_TIMINGS + 1;

const CURRENT_SCENARIO = 0;
const HEARTBEAT = 1;
const HEAP_PERCENT = 2;
const SIGN_CELLS = 3;

/** Iterations of one scenario; `ledger` has the places of tally.ts. */
export interface ScenarioTally {
  readonly ledger: Float64Array;
  /** From due to the end, two significant digits, microseconds. */
  readonly duration: Histogram;
}

/** What the scripts of one worker leave behind beside its requests, in one block of shared memory of fixed size. */
export class ScriptTally {
  readonly buffer: SharedArrayBuffer;
  readonly scenarios: readonly ScenarioTally[];
  /** Gauges of each stream at the places of tally.ts (`USERS`, `WAITING`, `MOST_WAITING`). No more streams than scenarios. */
  readonly streams: readonly Float64Array[];
  /** How late the generator itself began iterations. */
  readonly lateness: Histogram;
  /** By place: passed at twice the place, failed behind it. */
  readonly checks: Float64Array;
  readonly counters: Float64Array;
  /** How often each counter was used: one that stands at 0 is still one to show. */
  readonly counterUses: Float64Array;
  readonly timings: readonly Histogram[];
  readonly #signs: Int32Array;

  static sizeBytes(scenarioCount: number): number {
    const perScenario =
      (LEDGER_PLACES + STREAM_COUNTERS) * BYTES_PER_COUNTER + Histogram.sizeBytes(2);
    return (
      scenarioCount * perScenario +
      (2 * CHECK_PLACES + 2 * COUNTER_PLACES) * BYTES_PER_COUNTER +
      Histogram.sizeBytes(3) +
      TIMING_PLACES * Histogram.sizeBytes(2) +
      SIGN_CELLS * Int32Array.BYTES_PER_ELEMENT
    );
  }

  constructor(
    scenarioCount: number,
    buffer: SharedArrayBuffer = new SharedArrayBuffer(ScriptTally.sizeBytes(scenarioCount)),
  ) {
    this.buffer = buffer;
    const layout = new MemoryLayout(buffer);
    const each = <T>(length: number, make: () => T): readonly T[] => Array.from({ length }, make);
    this.scenarios = each(scenarioCount, () => ({
      ledger: layout.floats(LEDGER_PLACES),
      duration: layout.histogram(2),
    }));
    this.streams = each(scenarioCount, () => layout.floats(STREAM_COUNTERS));
    this.lateness = layout.histogram(3);
    this.checks = layout.floats(2 * CHECK_PLACES);
    this.counters = layout.floats(COUNTER_PLACES);
    this.counterUses = layout.floats(COUNTER_PLACES);
    this.timings = each(TIMING_PLACES, () => layout.histogram(2));
    this.#signs = new Int32Array(buffer, layout.byteOffset, SIGN_CELLS);
  }

  /** The scenario whose code ran last in this thread, -1 before the first: who hangs, when the thread no longer answers. */
  get currentScenario(): number {
    return Atomics.load(this.#signs, CURRENT_SCENARIO) - 1;
  }

  set currentScenario(scenario: number) {
    this.#signs[CURRENT_SCENARIO] = scenario + 1;
  }

  /** Moves on while the thread is alive. */
  get heartbeat(): number {
    return Atomics.load(this.#signs, HEARTBEAT);
  }

  /** `heapPercent` is how much the thread holds of the memory it may have. */
  beat(heapPercent: number): void {
    this.#signs[HEAP_PERCENT] = heapPercent;
    Atomics.add(this.#signs, HEARTBEAT, 1);
  }

  /** As of the last beat. */
  get heapPercent(): number {
    return Atomics.load(this.#signs, HEAP_PERCENT);
  }

  /** Counts an outcome of a check at its place. */
  checked(place: number, isPassed: boolean): void {
    this.checks[2 * place + (isPassed ? 0 : 1)]! += 1;
  }

  counted(place: number, by: number): void {
    this.counters[place]! += by;
    this.counterUses[place]! += 1;
  }

  timed(place: number, milliseconds: number): void {
    this.timings[place]!.record(milliseconds * MICROS);
  }

  /** Outcomes of all checks. */
  get checkOutcomes(): { readonly passed: number; readonly failed: number } {
    let passed = 0;
    let failed = 0;
    for (let place = 0; place < CHECK_PLACES; place += 1) {
      passed += this.checks[2 * place]!;
      failed += this.checks[2 * place + 1]!;
    }
    return { passed, failed };
  }

  /** Users of all streams: in the open model those made so far, in the closed model those at work. */
  get users(): number {
    return this.streams.reduce((sum, counters) => sum + counters[USERS]!, 0);
  }

  /** Most iterations that ever waited at once for a user. */
  get mostWaiting(): number {
    return this.streams.reduce((sum, counters) => sum + counters[MOST_WAITING]!, 0);
  }

  /** Forgets everything measured, as at the end of a warm-up; gauges of what is there stay. */
  reset(): void {
    const kept = this.streams.map((counters) => [counters[USERS]!, counters[WAITING]!]);
    this.#clear(TIMING_PLACES);
    this.streams.forEach((counters, stream) => {
      [counters[USERS], counters[WAITING]] = kept[stream]!;
    });
  }

  /** Makes this tally the exact sum of `parts`; timings past the first `timingCount` are known to be empty. */
  becomeSumOf(parts: readonly ScriptTally[], timingCount: number = TIMING_PLACES): void {
    this.#clear(timingCount);
    for (const part of parts) {
      const histograms = part.#histograms(timingCount);
      this.#histograms(timingCount).forEach((own, index) => own.add(histograms[index]!));
      const figures = part.#figures();
      this.#figures().forEach((own, index) => addInto(own, figures[index]!));
    }
  }

  /** Makes this tally what was added to `later` since it looked like `earlier`; gauges are not kept. */
  becomeDifference(
    later: ScriptTally,
    earlier: ScriptTally,
    timingCount: number = TIMING_PLACES,
  ): void {
    this.becomeSumOf([later], timingCount);
    const histograms = earlier.#histograms(timingCount);
    this.#histograms(timingCount).forEach((own, index) => own.subtract(histograms[index]!));
    const figures = earlier.#figures();
    this.#figures().forEach((own, index) => subtractFrom(own, figures[index]!));
  }

  #clear(timingCount: number): void {
    for (const figures of this.#figures()) figures.fill(0);
    for (const histogram of this.#histograms(timingCount)) histogram.reset();
  }

  #figures(): readonly Float64Array[] {
    const ledgers = this.scenarios.map(({ ledger }) => ledger);
    return [...ledgers, ...this.streams, this.checks, this.counters, this.counterUses];
  }

  #histograms(timingCount: number): readonly Histogram[] {
    const durations = this.scenarios.map(({ duration }) => duration);
    // A table that is full sends the rest to the place behind it.
    const timings = timingCount >= MOST_TIMINGS ? this.timings : this.timings.slice(0, timingCount);
    return [this.lateness, ...durations, ...timings];
  }
}
