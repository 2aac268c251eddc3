// Hot: an iteration allocates its context, the scenario's promise and nothing else of ours. Invariant: one iteration at a time,
// scheduled once, that ends in exactly one of ended and leftInFlight. Guarded by bench/src/script-cpu.ts.
import type { IterationRecorder } from '../collect/iteration-recorder.ts';
import type { ScriptNames } from '../collect/script-names.ts';
import type { ScriptTally } from '../collect/script-tally.ts';
import type { Connection, Traffic } from '../drive/traffic.ts';
import { check, type CheckPlace } from './check.ts';
import type { Checks, UserContext } from './definition.ts';
import { IterationRandom } from './iteration-random.ts';
import type { RequestOwner } from './measuring-transport.ts';
import { pauseLength } from './pause-length.ts';
import type { RequestRecord } from './request-record.ts';
import { RunStopped, wrongCall } from './script-error.ts';
import type { ScriptStream } from './script-stream.ts';
import type { ScriptThread, UserLine } from './script-thread.ts';
import type { UserClient } from './user-client.ts';

/** Who could not connect waits this long before the next try, doubled each time up to the longest. */
const FIRST_BACK_OFF_MS = 50;
const LONGEST_BACK_OFF_MS = 1000;

/** One user: to its traffic a connection that is busy for the length of an iteration. */
export class VirtualUser implements Connection, RequestOwner, CheckPlace {
  readonly index: number;
  step = 0;
  iteration = 0;
  readonly #thread: ScriptThread;
  readonly #stream: ScriptStream;
  readonly #traffic: Traffic;
  readonly #recorder: IterationRecorder;
  readonly #random: IterationRandom;
  #line: UserLine | null = null;
  #http: UserClient | null = null;
  #session: Record<string, unknown> = {};
  #isOpen = false;
  #isOpening = false;
  #isBusy = false;
  #isRetired = false;
  #isAbandoned = false;
  #backOffMs = 0;
  #backOffUntil = -Infinity;
  // ── of the iteration under way ──
  #position = 0;
  #scenario = 0;
  #dueAt = 0;
  /** What it did last: it was due, asked, paused or was sent something. What the scenario counts belongs there. */
  #followsAt = 0;
  #lagMs = 0;
  /** No request has been made yet. */
  #isFirst = false;
  /** The scenario has not given way since it began. */
  #isAtStart = false;
  /** The event loop has turned: whatever comes next starves nobody. */
  #hasTurned = false;
  #hasFailed = false;
  #isUnconnected = false;

  constructor(index: number, traffic: Traffic, stream: ScriptStream, thread: ScriptThread) {
    this.index = index;
    this.#traffic = traffic;
    this.#stream = stream;
    this.#thread = thread;
    this.#recorder = stream.recorder;
    this.#random = new IterationRandom(thread.plan.seed, stream.index);
  }

  // ── for the traffic ──

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get hasRoom(): boolean {
    return !this.#isBusy;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  isBackingOff(now: number): boolean {
    return now < this.#backOffUntil;
  }

  open(now: number): void {
    if (this.#isOpen || this.#isOpening) return;
    this.#isOpening = true;
    const { clock, starts } = this.#thread;
    const enter = (): void => starts.enter(() => this.#enter());
    if (now < this.#backOffUntil) clock.setTimer(this.#backOffUntil - now, enter);
    else enter();
  }

  begin(position: number, iteration: number, dueAt: number, now: number): void {
    this.#recorder.scheduled(position, dueAt);
    this.#isOpen = true;
    this.#isBusy = true;
    this.#position = position;
    this.#scenario = this.#stream.scenarioAt(position);
    this.iteration = iteration;
    this.#dueAt = dueAt;
    this.#followsAt = dueAt;
    this.#lagMs = now - dueAt;
    this.#isFirst = true;
    this.#isAtStart = true;
    this.#hasTurned = false;
    this.#hasFailed = false;
    this.#isUnconnected = false;
    this.#random.begin(iteration);
    this.#run();
    this.#isAtStart = false;
  }

  checkTimeout(): void {
    // Requests have limits of their own; an iteration may take as long as it likes.
  }

  retire(): void {
    this.#isRetired = true;
    if (!this.#isBusy) this.#line?.reset();
  }

  restore(): void {
    this.#isRetired = false;
  }

  abandon(): void {
    if (this.#isBusy && !this.#isAbandoned)
      this.#recorder.leftInFlight(this.#position, this.#dueAt);
    this.#isAbandoned = true;
  }

  // ── for its requests ──

  get isClosed(): boolean {
    return this.#stream.isClosed;
  }

  /** The first request of an iteration waited with it; later ones are due when they are made. */
  dueAt(now: number): number {
    let dueAt = now;
    if (this.#isFirst) {
      this.#isFirst = false;
      dueAt = this.#isAtStart ? this.#dueAt : now - this.#lagMs;
    }
    this.#followsAt = dueAt;
    return dueAt;
  }

  answered(isHeard: boolean): void {
    this.#isUnconnected = false;
    this.#resumes(isHeard);
  }

  received(): void {
    this.#followsAt = this.#thread.clock.now();
    this.#resumes(true);
  }

  failed(isHeard: boolean, isUnconnected: boolean): void {
    if (isUnconnected) this.#isUnconnected = true;
    this.#resumes(isHeard || isUnconnected);
  }

  // ── for its checks ──

  get names(): ScriptNames {
    return this.#thread.names;
  }

  get tally(): ScriptTally {
    return this.#thread.tally;
  }

  measures(record: RequestRecord | null): boolean {
    return record === null ? this.#thread.time.has(this.#followsAt) : record.isMeasured;
  }

  failIteration(): void {
    this.#hasFailed = true;
  }

  // ── private ──

  #resumes(hasTurned: boolean): void {
    if (hasTurned) this.#hasTurned = true;
    this.#thread.tally.currentScenario = this.#scenario;
  }

  #enter(): void {
    this.#isOpening = false;
    if (this.#isRetired || this.#isBusy) return;
    this.#isOpen = true;
    this.#traffic.onFree(this, this.#thread.clock.now());
  }

  #run(): void {
    const { tally } = this.#thread;
    tally.currentScenario = this.#scenario;
    let result: unknown;
    try {
      result = this.#stream.functionOf(this.#scenario)(this.#makeContext());
    } catch (error) {
      result = Promise.reject(error as Error);
    }
    Promise.resolve(result).then(this.#onDone, this.#onThrown);
  }

  readonly #onDone = (): void => this.#end();

  readonly #onThrown = (error: unknown): void => {
    if (this.#isAbandoned) return;
    if (!(error instanceof RunStopped)) {
      this.#hasFailed = true;
      const { errors, log, time } = this.#thread;
      const isCounted = typeof error === 'object' && error !== null && log.counted.has(error);
      if (!isCounted && time.has(this.#dueAt)) errors.record(this.#scenario, error);
    }
    this.#end();
  };

  #end(): void {
    if (this.#isAbandoned) return;
    const { clock, script } = this.#thread;
    const now = clock.now();
    this.#recorder.ended(this.#position, !this.#hasFailed, this.#dueAt, now);
    this.#isBusy = false;
    this.#http?.endIteration();
    this.#setBackOff(now);
    if (script.session === 'iteration') this.#forget();
    if (this.#isRetired) this.#line?.reset();
    if (this.#hasTurned) this.#traffic.onFree(this, now);
    else clock.soon(() => this.#isAbandoned || this.#traffic.onFree(this, clock.now()));
  }

  #setBackOff(now: number): void {
    if (!this.#isUnconnected) {
      this.#backOffMs = 0;
      return;
    }
    const doubledMs = Math.max(FIRST_BACK_OFF_MS, this.#backOffMs * 2);
    this.#backOffMs = Math.min(LONGEST_BACK_OFF_MS, doubledMs);
    this.#backOffUntil = now + this.#backOffMs;
    this.#isOpen = false;
  }

  #forget(): void {
    this.#line?.reset();
    this.#http = null;
    this.#session = {};
  }

  #makeContext(): UserContext {
    const thread = this.#thread;
    const { iteration } = this;
    return {
      http: (this.#http ??= this.#makeClient()),
      check: this.#check,
      group: this.#group,
      think: this.#think,
      data: this.#stream.rows.of(iteration) as UserContext['data'],
      iteration,
      scenario: this.#stream.nameOf(this.#scenario),
      user: this.#stream.userNumber(this.index),
      vars: thread.script.vars,
      shared: thread.shared,
      session: this.#session,
      random: this.#draw,
      count: this.#count,
      timing: this.#timing,
      fail: thread.fail,
      stop: thread.stop,
      signal: this.#stream.signal,
    };
  }

  #makeClient(): UserClient {
    this.#line ??= this.#thread.openLine();
    return this.#thread.clientOf(this.#line, this);
  }

  readonly #draw = (): number => this.#random.next();

  readonly #check = <Value>(value: Value, checks: Checks<Value>): boolean =>
    check(this, value, checks);

  readonly #group = <Result>(name: string, work: () => Promise<Result> | Result): Promise<Result> =>
    this.#thread.group(this.#followsAt, name, work);

  readonly #count = (name: string, by?: number): void =>
    this.#thread.count(this.#followsAt, name, by);

  readonly #timing = (name: string, milliseconds: number): void =>
    this.#thread.timing(this.#followsAt, name, milliseconds);

  readonly #think = (time: number | string, atMost?: number | string): Promise<void> => {
    const leastMs = pauseLength(time, 'think');
    const mostMs = atMost === undefined ? leastMs : pauseLength(atMost, 'think');
    if (mostMs < leastMs) {
      const cause = `${mostMs} ms at most is less than ${leastMs} ms`;
      throw wrongCall('Not a pause', cause, 'think', 'Give the shorter time first');
    }
    const pauseMs = mostMs === leastMs ? leastMs : leastMs + this.#draw() * (mostMs - leastMs);
    const thread = this.#thread;
    thread.thinking += 1;
    return new Promise((resolve) => {
      thread.pauses.set(pauseMs, () => {
        thread.thinking -= 1;
        this.received();
        resolve();
      });
    });
  };
}
