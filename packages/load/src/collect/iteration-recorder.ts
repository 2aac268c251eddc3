// Allocates: nothing per iteration. Invariant: every iteration is scheduled once and then ends in exactly one of ended,
// failed, dropped or leftInFlight.
import type { MeasuredTime } from './measured-time.ts';
import type { FailureKind } from './run-summary.ts';
import type { ScriptTally } from './script-tally.ts';
import { DROPPED, FAILED, IN_FLIGHT, OK, SCHEDULED } from './tally.ts';
import type { TrafficRecorder } from './traffic-recorder.ts';

const MICROS = 1000;

export interface IterationRecorderOptions {
  readonly tally: ScriptTally;
  /** Position in `ScriptPlan.streams`. */
  readonly stream: number;
  /** Scenarios of the stream; what traffic calls an endpoint is a position in this list. */
  readonly scenarios: readonly number[];
  readonly time: MeasuredTime;
}

/** Writes what becomes of one stream's iterations; all times are milliseconds on the run's clock. */
export class IterationRecorder implements TrafficRecorder {
  readonly tally: { readonly counters: Float64Array };
  readonly #scripts: ScriptTally;
  readonly #scenarios: readonly number[];
  readonly #time: MeasuredTime;

  constructor({ tally, stream, scenarios, time }: IterationRecorderOptions) {
    this.tally = { counters: tally.streams[stream]! };
    this.#scripts = tally;
    this.#scenarios = scenarios;
    this.#time = time;
  }

  scheduled(position: number, dueAt: number): void {
    this.#count(position, SCHEDULED, dueAt);
  }

  /** The iteration came to its end, well or not. */
  ended(position: number, isOk: boolean, dueAt: number, now: number): void {
    if (!this.#count(position, isOk ? OK : FAILED, dueAt)) return;
    const { duration } = this.#scripts.scenarios[this.#scenarios[position]!]!;
    duration.record(Math.max(0, now - dueAt) * MICROS);
  }

  /** It could not be begun. */
  failed(
    position: number,
    _kind: FailureKind,
    _message: string,
    dueAt: number,
    _sentAt: number,
    now: number,
  ): void {
    this.ended(position, false, dueAt, now);
  }

  /** Was due, never begun. */
  dropped(position: number, dueAt: number): void {
    this.#count(position, DROPPED, dueAt);
  }

  /** Still under way at the end of the run. */
  leftInFlight(position: number, dueAt: number): void {
    this.#count(position, IN_FLIGHT, dueAt);
  }

  late(dueAt: number, latenessMs: number): void {
    if (!this.#time.has(dueAt)) return;
    this.#scripts.lateness.record(latenessMs > 0 ? latenessMs * MICROS : 0);
  }

  #count(position: number, place: number, dueAt: number): boolean {
    if (!this.#time.has(dueAt)) return false;
    this.#scripts.scenarios[this.#scenarios[position]!]!.ledger[place]! += 1;
    return true;
  }
}
