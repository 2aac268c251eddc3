import type { Plan } from '../plan/plan.ts';
import type { ControlEvent } from '../collect/run-summary.ts';
import type { SteeringStep } from '../pace/steering.ts';
import { ControlledStreams } from './controlled-streams.ts';
import { ControlError } from './errors.ts';

/** A step takes effect this long after it is asked for, so that every thread has heard of it by then. */
const LEAD_MS = 15;
/** A nudge changes the level by this share. */
const NUDGE = 0.1;
const MOST_USERS = 100_000;
const MOST_PER_SECOND = 10_000_000;

/** What a run offers to whoever controls it. */
export interface ControlledRun {
  readonly plan: Plan;
  /** Start of the schedule, warm-up included, on `performance.now()`. */
  readonly startedAt: number;
  steer(step: SteeringStep): void;
  stop(): void;
}

/** Where a controlled run stands. */
export interface ControlStatus {
  readonly state: 'waiting' | 'warming-up' | 'running' | 'paused' | 'stopping' | 'ended';
  /** Users wanted now; null when there is none of the closed model. */
  readonly users: number | null;
  /** Requests (of scenarios: iterations) per second wanted now; null when there is none of the open model. */
  readonly rate: number | null;
  /** Paused so far, together. */
  readonly pausedMs: number;
  readonly streams: readonly {
    /** Names of its scenarios; null when the plan has none. */
    readonly name: string | null;
    readonly model: 'open' | 'closed';
    readonly level: number;
  }[];
}

/**
 * Changes a run while it is under way: give it to `runLoad` as `control`. What is asked takes effect a few milliseconds
 * later, at the same moment in every thread; a change of level replaces the rest of the planned shape. Time paused is
 * added to the run and left out of its rates. Methods throw `ControlError` when the run cannot do what is asked.
 */
export class RunControl {
  readonly #now: () => number;
  readonly #events: ControlEvent[] = [];
  #run: ControlledRun | null = null;
  #streams: ControlledStreams | null = null;
  #state: 'waiting' | 'running' | 'paused' | 'stopping' | 'ended' = 'waiting';
  /** Steps come in the order of their times. */
  #lastStepMs = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** What was asked so far and when, in order. */
  get events(): readonly ControlEvent[] {
    return this.#events;
  }

  /** Begins nothing until `resume`; what is under way goes on to its end. Does nothing when paused already. */
  pause(): void {
    const atMs = this.#nextStepMs();
    if (this.#state === 'paused') return;
    this.#steer({ action: 'pause', atMs });
    this.#state = 'paused';
    this.#note('pause', null, null, atMs);
  }

  /** Goes on where the schedule was paused. Does nothing when the run is not paused. */
  resume(): void {
    const atMs = this.#nextStepMs();
    if (this.#state !== 'paused') return;
    this.#steer({ action: 'resume', atMs });
    this.#state = 'running';
    this.#note('resume', null, null, atMs);
  }

  /** Closed model: this many users from now on, in total or in the stream of a scenario. */
  setUsers(users: number, stream: string | null = null): void {
    if (!Number.isInteger(users) || users < 1 || users > MOST_USERS) {
      throw new ControlError(
        'CONTROL_VALUE',
        `Not a number of users: ${String(users)} (users). Give a whole number from 1 to 100,000.`,
      );
    }
    this.#setLevel('users', users, stream);
  }

  /** Open model: this rate per second from now on, evenly paced, in total or in the stream of a scenario. */
  setRate(rate: number, stream: string | null = null): void {
    if (typeof rate !== 'number' || !(rate > 0) || rate > MOST_PER_SECOND) {
      throw new ControlError(
        'CONTROL_VALUE',
        `Not a rate: ${String(rate)} (rate). Give a number above 0, at most 10,000,000; pause to send nothing.`,
      );
    }
    this.#setLevel('rate', rate, stream);
  }

  /** A tenth more or less of whatever the load is, users by one at least. */
  nudge(direction: 1 | -1): void {
    const elapsedMs = this.#nextStepMs();
    const users = this.#streams!.level('closed', elapsedMs);
    if (users !== null) {
      const step = Math.max(1, Math.round(users * NUDGE));
      this.setUsers(Math.min(MOST_USERS, Math.max(1, users + direction * step)));
    }
    const rate = this.#streams!.level('open', elapsedMs);
    if (rate !== null && rate > 0) {
      this.setRate(
        Math.min(MOST_PER_SECOND, Number((rate * (1 + direction * NUDGE)).toPrecision(6))),
      );
    }
  }

  /** Ends the run early: it drains and reports. Does nothing when it is ending already. */
  stop(): void {
    const run = this.#run;
    if (this.#state === 'stopping') return;
    if (run === null || this.#state === 'ended') throw this.#notRunning();
    this.#note('stop', null, null, this.#elapsedMs());
    this.#state = 'stopping';
    run.stop();
  }

  status(): ControlStatus {
    const elapsedMs = this.#elapsedMs();
    const streams = this.#streams;
    return {
      state: this.#state === 'running' && this.#isWarmingUp() ? 'warming-up' : this.#state,
      users: streams?.level('closed', elapsedMs) ?? null,
      rate: streams?.level('open', elapsedMs) ?? null,
      pausedMs: this.pausedMs(elapsedMs),
      streams: streams?.each(elapsedMs) ?? [],
    };
  }

  /** Time paused up to `elapsedMs` since the start of the schedule, warm-up included. */
  pausedMs(elapsedMs: number): number {
    return this.#streams?.pausedMs(elapsedMs) ?? 0;
  }

  /** Called by the run when it starts. */
  attach(run: ControlledRun): void {
    if (this.#state !== 'waiting') {
      throw new ControlError(
        'CONTROL_IN_USE',
        'Control in use: it belongs to another run (control). Make a RunControl for each run.',
      );
    }
    this.#run = run;
    this.#streams = new ControlledStreams(run.plan);
    this.#state = 'running';
  }

  /** Called by the run when it has ended. */
  detach(): void {
    this.#state = 'ended';
  }

  #setLevel(action: 'users' | 'rate', value: number, stream: string | null): void {
    const atMs = this.#nextStepMs();
    const model = action === 'users' ? 'closed' : 'open';
    const levels = this.#streams!.levels(model, value, stream, atMs);
    this.#steer({ action: 'set', atMs, levels });
    this.#note(action, value, stream, atMs);
  }

  #steer(step: SteeringStep): void {
    this.#lastStepMs = step.atMs;
    this.#streams!.apply(step);
    this.#run!.steer(step);
  }

  /** When a step asked for now takes effect; throws when the run takes none. */
  #nextStepMs(): number {
    if (this.#state !== 'running' && this.#state !== 'paused') throw this.#notRunning();
    if (this.#isWarmingUp()) {
      throw new ControlError(
        'CONTROL_WARMING_UP',
        'Too early: the run is warming up (warmup). Ask again when it measures; stop works at any time.',
      );
    }
    return Math.max(this.#lastStepMs, this.#elapsedMs() + LEAD_MS);
  }

  #notRunning(): ControlError {
    const why = this.#state === 'waiting' ? 'the run has not started' : 'the run has ended';
    return new ControlError(
      'CONTROL_NOT_RUNNING',
      `Nothing to control: ${why} (control). Send commands while it runs.`,
    );
  }

  #isWarmingUp(): boolean {
    return this.#run !== null && this.#elapsedMs() < this.#run.plan.warmupMs;
  }

  #elapsedMs(): number {
    return this.#run === null ? 0 : Math.max(0, this.#now() - this.#run.startedAt);
  }

  #note(
    action: ControlEvent['action'],
    value: number | null,
    stream: string | null,
    elapsedMs: number,
  ): void {
    const t = Math.max(0, elapsedMs - this.#run!.plan.warmupMs) / 1000;
    this.#events.push({ t, action, value, stream });
  }
}
