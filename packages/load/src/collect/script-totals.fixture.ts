import { plainPlan } from '../plan/plain-plan.ts';
import type { LoadSpec, Plan } from '../plan/plan.ts';
import type { ScriptPlan, StreamPlan } from '../plan/script-plan.ts';
import { IterationRecorder } from './iteration-recorder.ts';
import { MeasuredTime } from './measured-time.ts';
import { Recorder } from './recorder.ts';
import { MOST_ENDPOINTS, ScriptNames } from './script-names.ts';
import { ScriptTally } from './script-tally.ts';
import { ScriptTotals } from './script-totals.ts';
import { Tally } from './tally.ts';

const OPTIONS = { success: [{ from: 200, to: 399 }], onlyOk: false, apdexMs: 100 };

/** One thread of a run of scripts, as far as it counts. */
export class ScriptedThread {
  readonly names: ScriptNames;
  readonly scripts: ScriptTally;
  readonly tally = new Tally(MOST_ENDPOINTS + 1);
  readonly recorder = new Recorder(this.tally, OPTIONS);
  readonly iterations: IterationRecorder;

  constructor(buffers: ReturnType<typeof ScriptNames.createShared>, scenarioCount: number) {
    this.names = new ScriptNames(buffers);
    this.scripts = new ScriptTally(scenarioCount);
    const scenarios = Array.from({ length: scenarioCount }, (_, index) => index);
    this.iterations = new IterationRecorder({
      tally: this.scripts,
      stream: 0,
      scenarios,
      time: new MeasuredTime(),
    });
  }

  /** An iteration with one request that is answered after `ageMs`. */
  iterate(scenario: number, name: string, ageMs: number, isOk = true): void {
    this.iterations.scheduled(scenario, 0);
    const endpoint = this.names.endpoint(name);
    this.recorder.scheduled(endpoint, 0);
    this.recorder.answered(endpoint, 200, 0, 0, ageMs, ageMs);
    this.iterations.ended(scenario, isOk, 0, ageMs);
  }
}

/** Threads that share names, and the main thread's look at them. */
export function scriptedRun(
  threadCount: number,
  scenarios: readonly string[],
): { readonly threads: readonly ScriptedThread[]; readonly totals: ScriptTotals } {
  const buffers = ScriptNames.createShared();
  const threads = Array.from(
    { length: threadCount },
    () => new ScriptedThread(buffers, scenarios.length),
  );
  const totals = new ScriptTotals(
    threads.map(({ scripts }) => scripts),
    new ScriptNames(buffers),
    scenarios.map((name) => ({ name })),
  );
  return { threads, totals };
}

const constant: LoadSpec = { kind: 'constant', users: 20, durationMs: 30_000 };

export function stream(changes: Partial<StreamPlan> = {}): StreamPlan {
  return {
    load: constant,
    maxIterations: null,
    maxUsers: 20,
    scenarios: [0],
    thinkMs: 0,
    ...changes,
  };
}

/** A plan of scripts: each stream given, and as many scenarios as names. */
export function scriptedPlan(names: readonly string[], streams: readonly StreamPlan[]): Plan {
  const script: ScriptPlan = {
    file: 'shop.ts',
    moduleUrl: 'file:///tmp/shop.mjs',
    scenarios: names.map((name, index) => ({ name, weight: index + 1 })),
    streams,
    feeds: [],
    vars: {},
    connections: 'own',
    maxConnections: 100,
    session: 'user',
    headers: [],
    http2: false,
    followRedirects: false,
    hasSetup: false,
    hasTeardown: false,
    trace: false,
  };
  return plainPlan('http://h/', {
    requests: [],
    load: streams[0].load,
    connections: streams.reduce((sum, { maxUsers }) => sum + maxUsers, 0),
    timeoutMs: 10_000,
    success: OPTIONS.success,
    apdexMs: 100,
    script,
  });
}
