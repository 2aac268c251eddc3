import { IN_FLIGHT, DROPPED, FAILED, OK, SCHEDULED, TIMED_OUT } from '../collect/tally.ts';
import { protocolRemark } from '../collect/protocol-remark.ts';
import { mergeScriptErrors, type RawScriptError } from '../collect/script-errors.ts';
import { ScriptNames, type ScriptNameBuffers } from '../collect/script-names.ts';
import { ScriptTally } from '../collect/script-tally.ts';
import { Tickets } from '../drive/tickets.ts';
import { PlanError } from '../plan/errors.ts';
import type { Plan } from '../plan/plan.ts';
import type { ScriptPlan } from '../plan/script-plan.ts';
import { feedThatRanOut } from '../scenario/feed-end.ts';
import { stackMapperFor } from '../script/map-stack.ts';
import type { TracedExchange } from '../trace/traced-exchange.ts';
import type { TracedMessage } from '../trace/traced-message.ts';
import { nameOfThread, ThreadEnded, type Crew, type CrewEvents } from './crew.ts';
import { lineOfHang } from './line-of-hang.ts';
import type { ScriptFault, ScriptStart } from './messages.ts';

const LOOK_EVERY_MS = 250;
/** A thread that shows no sign of life for so long while it runs is taken for hung, and before that at its start. */
const LONGEST_SILENCE_MS = 5000;
const LONGEST_SILENT_START_MS = 30_000;
const LONGEST_TEARDOWN_MS = 30_000;
/** A thread that held so much when it was last heard of is busy looking for more. */
const FULL_PERCENT = 60;

/** What the threads of a run have in common because they run scripts: names, `setup`, and a watch over those that hang. */
export class FleetScripts implements CrewEvents {
  readonly names: ScriptNames;
  /** Reasons for which the run failed that no figure tells of. */
  readonly failures: string[] = [];
  /** What else is worth knowing. */
  readonly remarks: string[] = [];
  /** Told when scripts end the run: because one asked for it, or because one hangs. */
  onEnd: (ended: 'complete' | 'aborted') => void = () => undefined;
  /** Told of each exchange, when they are traced. */
  onExchange: (exchange: TracedExchange) => void = () => undefined;
  /** The same of each message and event. */
  onMessage: (message: TracedMessage) => void = () => undefined;
  readonly #plan: Plan;
  readonly #script: ScriptPlan;
  readonly #buffers: ScriptNameBuffers = ScriptNames.createShared();
  readonly #tickets: readonly SharedArrayBuffer[];
  readonly #beats = new Map<Crew, { count: number; sinceMs: number }>();
  #crews: readonly Crew[] = [];
  #timer: NodeJS.Timeout | null = null;
  #isRunning = false;
  #shared: unknown = undefined;
  #isSetUp = false;

  constructor(plan: Plan, script: ScriptPlan) {
    this.#plan = plan;
    this.#script = script;
    this.names = new ScriptNames(this.#buffers);
    this.#tickets = script.streams.map(() => Tickets.createShared());
  }

  get tallies(): readonly ScriptTally[] {
    return this.#crews.map((crew) => crew.scriptTally!);
  }

  get heapGrowthBytes(): number | null {
    const grown = this.#crews.map((crew) => crew.heapGrowthBytes ?? 0);
    const sumBytes = grown.reduce((sum, sizeBytes) => sum + sizeBytes, 0);
    return sumBytes === 0 ? null : sumBytes;
  }

  /** Errors of all threads, most frequent first; positions are those of the bundle. */
  errors(): readonly RawScriptError[] {
    const perThread = this.#crews.map((crew) => crew.scriptErrors);
    return mergeScriptErrors(perThread, this.#script.moduleUrl);
  }

  startOf(): ScriptStart {
    const tally = new SharedArrayBuffer(ScriptTally.sizeBytes(this.#script.scenarios.length));
    return { tally, names: this.#buffers, tickets: this.#tickets };
  }

  /** Looks after the threads until `close`. */
  watch(crews: readonly Crew[]): void {
    this.#crews = crews;
    const now = performance.now();
    for (const crew of crews) this.#beats.set(crew, { count: 0, sinceMs: now });
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Runs `setup` in one thread and gives what it gave. */
  async setUp(): Promise<unknown> {
    if (this.#script.hasSetup) {
      const [first] = this.#crews;
      first!.post({ type: 'set-up' });
      this.#shared = await first!.wasSetUp;
    }
    this.#isSetUp = true;
    this.#isRunning = true;
    return this.#shared;
  }

  /** Runs `teardown` where `setup` ran; what goes wrong with it is only told. */
  async tearDown(): Promise<void> {
    this.#isRunning = false;
    const [first] = this.#crews;
    this.#noteFeeds();
    const protocol = protocolRemark(this.names, this.tallies);
    if (protocol !== null) this.remarks.push(protocol);
    if (!this.#script.hasTeardown || !this.#isSetUp) return;
    if (first!.isLost) {
      this.remarks.push('teardown was not run: the thread that was to run it is gone.');
      return;
    }
    first!.post({ type: 'tear-down', shared: this.#shared });
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<string>((resolve) => {
      const seconds = LONGEST_TEARDOWN_MS / 1000;
      timer = setTimeout(() => resolve(`it was not done after ${seconds} s`), LONGEST_TEARDOWN_MS);
    });
    const cause = await Promise.race([
      first!.tornDown.then((fault) => (fault === null ? null : this.#sentenceOf(fault))),
      tooLong,
    ]);
    clearTimeout(timer);
    if (cause !== null) this.remarks.push(`teardown failed: ${cause}.`);
  }

  // ── from the crews ──

  readonly onStopAsked = (reason: string | null): void => {
    const said = reason === null ? '.' : `: ${reason.replace(/\.$/, '')}.`;
    const remark = `A scenario ended the run${said}`;
    if (!this.remarks.includes(remark)) this.remarks.push(remark);
    this.onEnd('complete');
  };

  readonly explainFault = (fault: ScriptFault): Error => {
    const [problem, remedy] = FAULTS[fault.stage];
    const cause = fault.message.replace(/\.$/, '');
    const frame = firstFrameOf(this.#mapped(fault.stack)) ?? '';
    const where = /([^\s()]+:\d+(?::\d+)?)\)?$/.exec(frame)?.[1] ?? this.#script.file;
    const code = fault.stage === 'load' ? 'SCRIPT_THREW' : 'SCRIPT_SETUP';
    return new PlanError({ code, problem, cause, where, remedy });
  };

  /** The message of what was thrown, and the user's line that threw it. */
  #sentenceOf({ message, stack }: ScriptFault): string {
    const frame = firstFrameOf(this.#mapped(stack));
    return `${message.replace(/\.$/, '')}${frame === null ? '' : `, ${frame}`}`;
  }

  #mapped(stack: string): string {
    return stackMapperFor(this.#script)(stack);
  }

  #look(): void {
    const now = performance.now();
    const limitMs = this.#isRunning ? LONGEST_SILENCE_MS : LONGEST_SILENT_START_MS;
    for (const crew of this.#crews) {
      const seen = this.#beats.get(crew)!;
      const count = progressOf(crew);
      if (count !== seen.count) {
        seen.count = count;
        seen.sinceMs = now;
      } else if (!crew.isLost && !crew.isDone && now - seen.sinceMs >= limitMs) {
        void this.#giveUp(crew, now - seen.sinceMs);
      }
    }
  }

  async #giveUp(crew: Crew, silentMs: number): Promise<void> {
    crew.isLost = true;
    const { heapPercent } = crew.scriptTally!;
    const hang = await lineOfHang(nameOfThread(crew.index), (stack) =>
      firstFrameOf(this.#mapped(stack)),
    );
    const seconds = (silentMs / 1000).toFixed(0);
    const isFull = hang.collectsGarbage || (hang.line === null && heapPercent >= FULL_PERCENT);
    const place = hang.line === null ? '' : `, ${hang.line}`;
    const silence = `it kept its thread busy for ${seconds} s without giving way${place}`;
    await this.#lose(crew, isFull ? outOfMemory(`and ${silence}`) : { ...HUNG, cause: silence });
  }

  readonly onLost = (crew: Crew, error: unknown): boolean => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_WORKER_OUT_OF_MEMORY') void this.#lose(crew, outOfMemory(''));
    else if (error instanceof ThreadEnded) void this.#lose(crew, ENDED);
    else return false;
    return true;
  };

  /** Goes on without a thread, and keeps what it measured; before the run there is nothing to keep. */
  async #lose(crew: Crew, { code, problem, verb, cause, remedy }: Loss): Promise<void> {
    crew.isLost = true;
    const wasRunning = this.#isRunning;
    const current = crew.scriptTally!.currentScenario;
    const where = this.#script.file;
    await crew.giveUp(new PlanError({ code, problem, cause, where, remedy }));
    if (wasRunning) {
      closeBooks(crew);
      const name = this.#script.scenarios[current]?.name ?? where;
      this.failures.push(`Scenario ${JSON.stringify(name)} ${verb}: ${cause}. ${remedy}`);
      this.onEnd('aborted');
    }
    crew.conclude(cause);
  }

  /** Feeds of which each row is used once may be used up before the load is. */
  #noteFeeds(): void {
    this.#script.streams.forEach((_, index) => {
      const ranOut = feedThatRanOut(this.#plan, index, this.#tickets[index]!, this.tallies);
      if (ranOut !== null) this.failures.push(ranOut);
    });
  }
}

const FAULTS: Readonly<Record<ScriptFault['stage'], readonly [problem: string, remedy: string]>> = {
  load: ['Scenario not loaded', 'What stands at the top level of a module runs in each thread.'],
  setup: ['setup failed', 'Nothing was sent to the target by users.'],
  shared: [
    'What setup gave cannot be shared',
    'Threads get copies: give plain data, without functions and open connections.',
  ],
  teardown: ['teardown failed', 'See what it threw.'],
};

/** Why a thread is lost: as an error before the run, and as a sentence about its scenario after it. */
interface Loss {
  readonly code: 'SCRIPT_HUNG' | 'SCRIPT_MEMORY' | 'SCRIPT_EXIT';
  readonly problem: string;
  readonly verb: string;
  readonly cause: string;
  readonly remedy: string;
}

const HUNG = {
  code: 'SCRIPT_HUNG',
  problem: 'Scenario hung',
  verb: 'hung',
  remedy:
    'Look for a loop without an end, a call that blocks (execSync), and work that belongs into setup.',
} as const;

const ENDED: Loss = {
  code: 'SCRIPT_EXIT',
  problem: 'Scenario ended its thread',
  verb: 'ended its thread',
  cause: 'process.exit() and the like end the generator, not only the scenario',
  remedy: 'Use stop() to end the run, and fail() to fail an iteration.',
};

function outOfMemory(more: string): Loss {
  return {
    code: 'SCRIPT_MEMORY',
    problem: 'Scenario out of memory',
    verb: 'ran out of memory',
    cause: `what it holds on to fills the memory of its thread ${more}`.trimEnd(),
    remedy: 'Look for lists and maps that live longer than an iteration, and for session.',
  };
}

/** Moves on as long as a thread turns its event loop, or at least begins iterations: many due at once take their time. */
function progressOf({ scriptTally }: Crew): number {
  const { heartbeat, scenarios } = scriptTally!;
  return scenarios.reduce((sum, { ledger }) => sum + ledger[SCHEDULED]!, heartbeat);
}

function firstFrameOf(stack: string): string | null {
  const frame = stack.split('\n').find((line) => /^\s+at .*:\d+(?::\d+)?\)?$/.test(line));
  return frame === undefined ? null : frame.trim();
}

/** A thread that was ended could not count what it left open. */
function closeBooks({ tally, scriptTally }: Crew): void {
  for (const { ledger } of [...tally.endpoints, ...scriptTally!.scenarios]) {
    const ended = ledger[OK]! + ledger[FAILED]! + ledger[TIMED_OUT]! + ledger[DROPPED]!;
    ledger[IN_FLIGHT] = Math.max(0, ledger[SCHEDULED]! - ended);
  }
}
