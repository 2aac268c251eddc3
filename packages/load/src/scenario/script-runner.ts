import { MOST_ENDPOINTS, ScriptNames } from '../collect/script-names.ts';
import { ScriptTally } from '../collect/script-tally.ts';
import { Tally } from '../collect/tally.ts';
import { plannedDurationMs } from '../plan/describe-plan.ts';
import { shareOf } from '../pace/pacer.ts';
import { collectGarbage } from '../workers/collect-garbage.ts';
import { measureFloor } from '../workers/floor.ts';
import type { Floor, FromWorker, ScriptFault, ToWorker, WorkerStart } from '../workers/messages.ts';
import { ProcessorWatch } from '../workers/processor-watch.ts';
import type { LoadDefinition, SetupContext, UserFunction } from './definition.ts';
import { HeapWatch, heapPercent } from './heap-watch.ts';
import { ScriptAttack } from './script-attack.ts';
import { measureScriptFloor } from './script-floor.ts';
import { plainClient, type TargetLines } from './script-thread.ts';
import { openNetworkLines, openPlainTransport } from './target-lines.ts';

/** Failures and errors are told this often; counts go through shared memory. */
const REPORT_EVERY_MS = 250;
const BEAT_EVERY_MS = 100;

export interface ScriptRunnerOptions {
  readonly start: WorkerStart;
  readonly post: (message: FromWorker) => void;
  readonly loadDefinition: () => Promise<LoadDefinition>;
  /** To an application in this process, in place of the network. */
  readonly localLines?: () => TargetLines;
}

/** Runs the scripts of one thread as the main thread tells it to. */
export class ScriptRunner {
  readonly #options: ScriptRunnerOptions;
  readonly #watch: ProcessorWatch;
  readonly #tally: Tally;
  readonly #scriptTally: ScriptTally;
  readonly #beat: NodeJS.Timeout;
  readonly #ending = new AbortController();
  #definition: LoadDefinition | null = null;
  #attack: ScriptAttack | null = null;
  #isStopped = false;

  constructor(options: ScriptRunnerOptions) {
    const { plan, tally, script } = options.start;
    this.#options = options;
    this.#tally = new Tally(MOST_ENDPOINTS + 1, tally);
    this.#scriptTally = new ScriptTally(plan.script!.scenarios.length, script!.tally);
    this.#watch = new ProcessorWatch(this.#tally, () => this.#attack?.spinning ?? NOT_SPINNING);
    this.#beat = setInterval(() => this.#scriptTally.beat(heapPercent()), BEAT_EVERY_MS);
  }

  /** Loads the scenario, and measures the floor. */
  async load(): Promise<void> {
    const { post, loadDefinition } = this.#options;
    try {
      this.#definition = await loadDefinition();
    } catch (error) {
      post({ type: 'script-fault', fault: faultOf('load', error) });
      return;
    }
    post({ type: 'loaded', floor: await this.#measureFloor() });
  }

  async receive(message: ToWorker): Promise<void> {
    switch (message.type) {
      case 'set-up':
        return this.#setUp();
      case 'prepare':
        return this.#prepare(message.shared);
      case 'go':
        return this.#carryOut(message.startAtEpochMs);
      case 'control':
        this.#attack?.steer(message.step);
        return;
      case 'stop':
        this.#isStopped = true;
        this.#attack?.stop();
        return;
      case 'tear-down':
        return this.#tearDown(message.shared);
    }
  }

  /** What nobody handled: a rejection, or what a timer of the scenario's threw. */
  recordUnhandled(thrown: unknown): void {
    this.#attack?.recordUnhandled(thrown);
  }

  /** Lets the thread end. */
  close(): void {
    clearInterval(this.#beat);
    this.#ending.abort(new Error('the run is over'));
  }

  /** With a script in every thread, whose code that compiles; an application in this process has no connections to warm. */
  #measureFloor(): Promise<Floor | null> {
    const { start, localLines } = this.#options;
    if (localLines === undefined) return measureScriptFloor();
    return start.measuresFloor ? measureFloor() : Promise.resolve(null);
  }

  async #setUp(): Promise<void> {
    const { post } = this.#options;
    let shared: unknown;
    try {
      shared = await this.#withContext((context) => this.#definition!.setup!(context));
    } catch (error) {
      post({ type: 'script-fault', fault: faultOf('setup', error) });
      return;
    }
    try {
      post({ type: 'was-set-up', shared });
    } catch (error) {
      post({ type: 'script-fault', fault: faultOf('shared', error) });
    }
  }

  async #tearDown(shared: unknown): Promise<void> {
    const { post } = this.#options;
    try {
      await this.#withContext((context) => this.#definition!.teardown!({ ...context, shared }));
      post({ type: 'torn-down', fault: null });
    } catch (error) {
      post({ type: 'torn-down', fault: faultOf('teardown', error) });
    }
  }

  async #withContext<Result>(work: (context: SetupContext) => Result): Promise<Awaited<Result>> {
    const { plan, addresses } = this.#options.start;
    const script = plan.script!;
    const { localLines } = this.#options;
    const transport = localLines?.().plain ?? openPlainTransport(plan, script, addresses);
    const http = plainClient(plan, script, transport);
    try {
      return await work({ http, vars: script.vars, signal: this.#ending.signal });
    } finally {
      await transport.close();
    }
  }

  async #prepare(shared: unknown): Promise<void> {
    const { start, post, localLines } = this.#options;
    const { plan, worker, workers, addresses } = start;
    const script = plan.script!;
    this.#attack = new ScriptAttack({
      plan,
      script,
      functionOf: functionsOf(this.#definition!),
      shared,
      worker,
      workers,
      tally: this.#tally,
      scriptTally: this.#scriptTally,
      names: new ScriptNames(start.script!.names),
      tickets: start.script!.tickets,
      openLines:
        localLines ??
        ((recorder) =>
          openNetworkLines({
            plan,
            script,
            recorder,
            maxConnections: Math.max(1, shareOf(script.maxConnections, worker, workers)),
            addresses,
          })),
      onStop: (reason) => post({ type: 'stop-asked', reason }),
      onExchange: (exchange) => post({ type: 'exchange', exchange }),
      onMessage: (message) => post({ type: 'message', message }),
      isSaturated: this.#watch.isSaturated,
      onMeasureStart: () => this.#watch.restart(),
    });
    collectGarbage();
    post({ type: 'ready' });
  }

  async #carryOut(startAtEpochMs: number): Promise<void> {
    const { post, start } = this.#options;
    const attack = this.#attack!;
    const startAt = startAtEpochMs - performance.timeOrigin;
    this.#watch.start();
    const reporter = setInterval(() => this.#report(attack), REPORT_EVERY_MS);
    const heap = new HeapWatch(startAt, plannedDurationMs(start.plan));
    const running = attack.run(startAt);
    if (this.#isStopped) attack.stop();
    await running;
    clearInterval(reporter);
    this.#watch.stop();
    this.#report(attack);
    post({ type: 'heap', growthBytes: heap.growthBytes() });
    post({ type: 'done' });
  }

  #report(attack: ScriptAttack): void {
    const { post } = this.#options;
    const failures = attack.takeFailures();
    if (failures !== null) post({ type: 'failures', failures });
    const errors = attack.takeErrors();
    if (errors !== null) post({ type: 'script-errors', errors });
  }
}

const NOT_SPINNING = { spins: 0, spinMs: 0 };

/** By their positions in the plan, which are those in the definition. */
function functionsOf(definition: LoadDefinition): (scenario: number) => UserFunction {
  const { user, scenarios } = definition;
  const functions =
    scenarios === undefined ? [user!] : Object.values(scenarios).map((scenario) => scenario.user);
  return (scenario) => functions[scenario] as UserFunction;
}

function faultOf(stage: ScriptFault['stage'], thrown: unknown): ScriptFault {
  if (!(thrown instanceof Error)) return { stage, message: String(thrown), stack: '' };
  const message = thrown.message === '' ? thrown.name : thrown.message;
  return { stage, message, stack: thrown.stack ?? '' };
}
