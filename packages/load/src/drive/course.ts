import type { Clock } from '@needletail/wire';
import type { MeasuredTime } from '../collect/measured-time.ts';
import { steer } from '../pace/steering.ts';
import type { SteeredPacer, SteeringStep } from '../pace/steering.ts';
import type { Traffic } from './traffic.ts';

/** What was begun is given this long to be answered after the end of a timed run; its own time-out may end it before. */
export const LONGEST_DRAIN_MS = 2000;
const SHORTEST_SWEEP_MS = 5;
const LONGEST_SWEEP_MS = 50;

/** One traffic of a course: it starts with the others and may end before them. */
export interface CourseStream {
  readonly traffic: Traffic;
  /** Its whole schedule, from the start, warm-up included; ends at Infinity when only what it began ends it. */
  readonly pacer: SteeredPacer;
  /** Whether it has carried out all that it should. */
  isCarriedOut(now: number): boolean;
  /** Nothing more is begun; called once, at the end of its time at the latest. */
  readonly onStopped?: () => void;
}

export interface CourseOptions {
  readonly clock: Clock;
  readonly streams: readonly CourseStream[];
  readonly timeoutMs: number;
  readonly warmupMs: number;
  /** Whether nothing that was begun is waited for any more; asked once nothing more is begun. */
  readonly isIdle: () => boolean;
  /** How long to wait for that. */
  readonly patienceMs: () => number;
  readonly onStart: (now: number) => void;
  readonly time: MeasuredTime;
}

/** The way of a run in one thread: all traffic starts at once, each is ended in its time, then what is open is awaited. */
export class Course {
  readonly #options: CourseOptions;
  readonly #running: Set<CourseStream>;
  readonly #sweepMs: number;
  #startedAt = 0;
  #stoppedAt = Infinity;
  #finish: (() => void) | null = null;

  constructor(options: CourseOptions) {
    const { timeoutMs, streams } = options;
    this.#options = options;
    this.#running = new Set(streams);
    this.#sweepMs = Math.min(LONGEST_SWEEP_MS, Math.max(SHORTEST_SWEEP_MS, timeoutMs / 50));
  }

  /** Whether the end was reached or asked for: from then on nothing is begun. */
  get isStopped(): boolean {
    return this.#stoppedAt !== Infinity;
  }

  /** Runs from `startAt` on the clock; resolves when it is over. */
  async run(startAt: number): Promise<void> {
    const { clock, warmupMs, onStart, time } = this.#options;
    this.#startedAt = startAt;
    await new Promise<void>((resolve) => {
      this.#finish = resolve;
      clock.setTimer(Math.max(0, startAt - clock.now()), () => {
        this.#startedAt = Math.max(startAt, clock.now());
        onStart(this.#startedAt);
        if (warmupMs > 0) {
          time.expect(this.#startedAt + warmupMs);
          clock.setTimer(this.#startedAt + warmupMs - clock.now(), () => time.start());
        }
        for (const { traffic } of this.#running) traffic.start(this.#startedAt);
        this.#sweep();
      });
    });
  }

  /** Ends it early: nothing more is begun, what is in flight is awaited for a moment. */
  stop(): void {
    if (this.isStopped) return;
    const now = this.#options.clock.now();
    for (const stream of this.#running) this.#stop(stream, now);
    this.#stoppedAt = now;
  }

  /** Makes a change at its moment, of which it may hear a little earlier. */
  steer(step: SteeringStep): void {
    const now = this.#options.clock.now();
    const at = this.#startedAt + step.atMs;
    this.#options.streams.forEach((stream, index) => {
      const { pacer, traffic } = stream;
      steer(pacer, step, index);
      if (!this.#running.has(stream)) return;
      if (step.action === 'pause') traffic.pause(at, now);
      else if (step.action === 'resume') traffic.resume(at, now);
      else traffic.reschedule(now);
    });
  }

  #stop(stream: CourseStream, now: number): void {
    this.#running.delete(stream);
    stream.traffic.stop(now);
    stream.onStopped?.();
  }

  #sweep(): void {
    const { clock, streams, isIdle, patienceMs } = this.#options;
    const now = clock.now();
    for (const stream of this.#running) {
      const isOver = now - this.#startedAt >= stream.pacer.endMs;
      if (isOver || stream.isCarriedOut(now)) this.#stop(stream, now);
    }
    if (this.#running.size === 0 && !this.isStopped) this.#stoppedAt = now;
    for (const { traffic } of streams) traffic.sweep(now);
    if (this.isStopped && (isIdle() || now - this.#stoppedAt >= patienceMs())) {
      this.#finish?.();
      return;
    }
    const untilEndMs = this.#startedAt + this.#nextEndMs() - now;
    const stepMs = this.isStopped ? SHORTEST_SWEEP_MS : this.#sweepMs;
    clock.setTimer(untilEndMs > 0 ? Math.min(stepMs, untilEndMs) : stepMs, () => this.#sweep());
  }

  #nextEndMs(): number {
    let nextMs = Infinity;
    for (const { pacer } of this.#running) nextMs = Math.min(nextMs, pacer.endMs);
    return nextMs;
  }
}
