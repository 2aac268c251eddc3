import { setMaxListeners } from 'node:events';
import { systemClock, type Clock } from '@needletail/wire';
import { MeasuredTime } from '../collect/measured-time.ts';
import { Recorder } from '../collect/recorder.ts';
import type { FailureCount } from '../collect/run-summary.ts';
import { ScriptErrors, type RawScriptError } from '../collect/script-errors.ts';
import type { ScriptNames } from '../collect/script-names.ts';
import type { ScriptTally } from '../collect/script-tally.ts';
import type { Tally } from '../collect/tally.ts';
import { Course, LONGEST_DRAIN_MS } from '../drive/course.ts';
import type { SteeringStep } from '../pace/steering.ts';
import { tracedLines } from '../trace/traced-lines.ts';
import type { TracedExchange } from '../trace/traced-exchange.ts';
import type { TracedMessage } from '../trace/traced-message.ts';
import type { Plan } from '../plan/plan.ts';
import type { ScriptPlan } from '../plan/script-plan.ts';
import type { Spinning } from '../workers/processor-watch.ts';
import { countedProtocols } from './counted-protocols.ts';
import type { UserFunction } from './definition.ts';
import { ScriptStream } from './script-stream.ts';
import { ScriptThread, type TargetLines } from './script-thread.ts';

/** Requests succeed with these too: the handshake of a WebSocket, and its messages that are counted like requests. */
const SWITCHING_PROTOCOLS = { from: 101, to: 101 };

/** One thread's part of a run of scripts. */
export interface ScriptJob {
  readonly plan: Plan;
  readonly script: ScriptPlan;
  /** By their positions in `script.scenarios`. */
  readonly functionOf: (scenario: number) => UserFunction;
  readonly shared: unknown;
  readonly worker: number;
  readonly workers: number;
  readonly tally: Tally;
  readonly scriptTally: ScriptTally;
  readonly names: ScriptNames;
  /** For each stream, the same for all threads. */
  readonly tickets: readonly SharedArrayBuffer[];
  readonly openLines: (recorder: Recorder) => TargetLines;
  readonly onStop: (reason: string | null) => void;
  /** Told of each exchange when the plan is traced. */
  readonly onExchange: (exchange: TracedExchange) => void;
  /** The same of each message of a WebSocket and event of a stream. */
  readonly onMessage: (message: TracedMessage) => void;
  readonly clock?: Clock;
  readonly isSaturated?: () => boolean;
  readonly onMeasureStart?: () => void;
}

/** Runs the scenarios of a plan and records what became of their iterations and requests. */
export class ScriptAttack {
  readonly #recorder: Recorder;
  readonly #errors: ScriptErrors;
  readonly #thread: ScriptThread;
  readonly #streams: readonly ScriptStream[];
  readonly #course: Course;
  readonly #lines: TargetLines;
  readonly #over = new AbortController();

  constructor(job: ScriptJob) {
    const { plan, script, scriptTally, names, clock = systemClock } = job;
    const success = [...plan.success, SWITCHING_PROTOCOLS];
    const time = new MeasuredTime((from) => {
      this.#recorder.restart(from);
      scriptTally.reset();
      this.#errors.reset();
      job.onMeasureStart?.();
    });
    this.#recorder = new Recorder(job.tally, { ...plan, success }, time);
    this.#errors = new ScriptErrors(script.moduleUrl);
    const opened = job.openLines(this.#recorder);
    const lines = script.http2 === false ? opened : countedProtocols(opened, names, scriptTally);
    this.#lines = script.trace ? tracedLines(lines, job.onExchange) : lines;
    setMaxListeners(0, this.#over.signal);
    this.#thread = new ScriptThread({
      plan,
      script,
      clock,
      time,
      recorder: this.#recorder,
      tally: scriptTally,
      names,
      errors: this.#errors,
      lines: this.#lines,
      shared: job.shared,
      onStop: (reason) => {
        this.stop();
        job.onStop(reason);
      },
      onMessage: script.trace ? job.onMessage : null,
    });
    this.#streams = script.streams.map(
      (_, index) =>
        new ScriptStream(this.#thread, {
          index,
          worker: job.worker,
          workers: job.workers,
          tickets: job.tickets[index]!,
          functionOf: job.functionOf,
          signal: this.#over.signal,
          isSaturated: job.isSaturated ?? (() => false),
        }),
    );
    this.#course = this.#createCourse(job, clock, time);
  }

  /** Rounds of the event loop spent spinning towards due times, and the milliseconds they took. */
  get spinning(): Spinning {
    let spins = 0;
    let spinMs = 0;
    for (const { traffic } of this.#streams) {
      spins += traffic.spins;
      spinMs += traffic.spinMs;
    }
    return { spins, spinMs };
  }

  /** Runs the plan from `startAt` on the clock; resolves when it is over and every connection is closed. */
  async run(startAt: number): Promise<void> {
    await this.#course.run(startAt);
    for (const stream of this.#streams) stream.abandon();
    this.#thread.log.leaveAll();
    this.#thread.pauses.close();
    this.#over.abort(new Error('the run is over'));
    await this.#lines.close();
  }

  /** Ends the run early: nothing more is begun or sent, what was sent is awaited for a moment. */
  stop(): void {
    this.#course.stop();
  }

  /** A rejection that nobody handled, or what a timer of the scenario's threw. */
  recordUnhandled(thrown: unknown): void {
    if (typeof thrown === 'object' && thrown !== null && this.#thread.log.counted.has(thrown))
      return;
    const { script, tally } = this.#thread;
    const scenario = script.scenarios.length === 1 ? 0 : tally.currentScenario;
    this.#errors.record(scenario, thrown, true);
  }

  /** Pauses, resumes or changes levels at a moment of the schedule. */
  steer(step: SteeringStep): void {
    this.#course.steer(step);
  }

  takeFailures(): readonly FailureCount[] | null {
    return this.#recorder.takeFailures();
  }

  takeErrors(): readonly RawScriptError[] | null {
    return this.#errors.takeErrors();
  }

  #createCourse({ plan, script }: ScriptJob, clock: Clock, time: MeasuredTime): Course {
    const isCounted = script.streams.some(({ maxIterations }) => maxIterations !== null);
    return new Course({
      clock,
      streams: this.#streams,
      timeoutMs: plan.timeoutMs,
      warmupMs: plan.warmupMs,
      isIdle: () => this.#thread.log.open.size === 0,
      patienceMs: () => (isCounted ? LONGEST_DRAIN_MS + 2 * plan.timeoutMs : LONGEST_DRAIN_MS),
      onStart: (now) => this.#recorder.start(now),
      time,
    });
  }
}
