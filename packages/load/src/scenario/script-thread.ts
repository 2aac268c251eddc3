import { parseUrl, type Transport } from '@needletail/client';
import type { Clock } from '@needletail/wire';
import type { MeasuredTime } from '../collect/measured-time.ts';
import type { Recorder } from '../collect/recorder.ts';
import type { ScriptErrors } from '../collect/script-errors.ts';
import type { ScriptNames } from '../collect/script-names.ts';
import type { ScriptTally } from '../collect/script-tally.ts';
import type { Plan } from '../plan/plan.ts';
import type { ScriptPlan } from '../plan/script-plan.ts';
import { MessageTrace } from '../trace/message-trace.ts';
import type { TracedMessage } from '../trace/traced-message.ts';
import { EndpointNames } from './endpoint-names.ts';
import { inGroup } from './group.ts';
import { MeasuringTransport, type RequestOwner } from './measuring-transport.ts';
import { PauseWheel } from './pause-wheel.ts';
import { RequestLog } from './request-record.ts';
import { IterationFailed, RunStopped, shown, wrongCall } from './script-error.ts';
import { StartLine } from './start-line.ts';
import { UserClient, type UserPort } from './user-client.ts';

/** The connections of a user. */
export interface UserLine {
  readonly transport: Transport;
  /** Drops them; new ones are opened when asked for again. */
  reset(): void;
}

/** The way to the target: `network.ts` over sockets, `local-target.ts` within this process. */
export interface TargetLines {
  /** A line of its own for a user, or one that users take turns on. */
  openLine(): UserLine;
  /** Behind the client that those of users extend, which sends nothing itself. */
  readonly plain: Transport;
  close(): Promise<void>;
}

export interface ScriptThreadParts {
  readonly plan: Plan;
  readonly script: ScriptPlan;
  readonly clock: Clock;
  readonly time: MeasuredTime;
  readonly recorder: Recorder;
  readonly tally: ScriptTally;
  readonly names: ScriptNames;
  readonly errors: ScriptErrors;
  readonly lines: TargetLines;
  /** What `setup` gave. */
  readonly shared: unknown;
  readonly onStop: (reason: string | null) => void;
  /** Told of messages and events; null unless the run is traced. */
  readonly onMessage: ((message: TracedMessage) => void) | null;
}

/** What all users of one thread have in common, and the parts of their context that know of no user. */
export class ScriptThread {
  readonly plan: Plan;
  readonly script: ScriptPlan;
  readonly clock: Clock;
  readonly time: MeasuredTime;
  readonly tally: ScriptTally;
  readonly names: ScriptNames;
  readonly errors: ScriptErrors;
  readonly shared: unknown;
  readonly log: RequestLog;
  readonly starts: StartLine;
  /** Of users in `think()`. */
  readonly pauses: PauseWheel;
  /** Users who pause in `think()`. */
  thinking = 0;
  readonly #lines: TargetLines;
  readonly #client: UserClient;
  readonly #onStop: (reason: string | null) => void;
  readonly #trace: UserPort['trace'];

  constructor(parts: ScriptThreadParts) {
    const { plan, script, clock, time, recorder, tally, names, lines } = parts;
    this.plan = plan;
    this.script = script;
    this.clock = clock;
    this.time = time;
    this.tally = tally;
    this.names = names;
    this.errors = parts.errors;
    this.shared = parts.shared;
    this.#lines = lines;
    this.#onStop = parts.onStop;
    this.#trace = parts.onMessage === null ? null : numberedTraces(parts.onMessage, clock);
    const { timeoutMs } = plan;
    const endpoints = new EndpointNames(names, parseUrl(plan.target).origin);
    this.log = new RequestLog({ clock, time, recorder, tally, names, endpoints, timeoutMs });
    this.starts = new StartLine(clock, this.log);
    this.pauses = new PauseWheel(clock);
    this.#client = plainClient(plan, script, lines.plain);
  }

  openLine(): UserLine {
    return this.#lines.openLine();
  }

  /** A client of a user, with cookies of its own. */
  clientOf(line: UserLine, owner: RequestOwner): UserClient {
    const transport = new MeasuringTransport(line.transport, this.log, owner);
    const port = { log: this.log, owner, trace: this.#trace };
    return new UserClient({ transport, cookieJar: true }, this.#client, port);
  }

  // What a user counts and times belongs to what came before it, at `followsAt`.

  group<Result>(
    followsAt: number,
    name: string,
    work: () => Promise<Result> | Result,
  ): Promise<Result> {
    checkName(name, 'group');
    if (typeof work !== 'function') {
      throw wrongCall(
        'Nothing to time',
        `${shown(work)} is no function`,
        `group '${name}'`,
        'Give one',
      );
    }
    const { clock, tally, names, time } = this;
    const startedAt = clock.now();
    return inGroup(name, work, (path) => {
      if (time.has(followsAt)) tally.timed(names.timing(path), clock.now() - startedAt);
    });
  }

  count(followsAt: number, name: string, by = 1): void {
    checkName(name, 'count');
    if (typeof by !== 'number' || !Number.isFinite(by)) {
      throw wrongCall(
        'Nothing to count',
        `${shown(by)} is no number`,
        `count '${name}'`,
        'Give one',
      );
    }
    if (this.time.has(followsAt)) this.tally.counted(this.names.counter(name), by);
  }

  timing(followsAt: number, name: string, milliseconds: number): void {
    checkName(name, 'timing');
    if (!(milliseconds >= 0 && milliseconds < Infinity)) {
      const cause = `${shown(milliseconds)} is no number of milliseconds from 0 on`;
      throw wrongCall('Nothing to time', cause, `timing '${name}'`, 'Give one');
    }
    if (this.time.has(followsAt)) this.tally.timed(this.names.timing(name), milliseconds);
  }

  readonly fail = (message: string): never => {
    throw new IterationFailed(String(message));
  };

  readonly stop = (reason?: string): never => {
    this.#onStop(reason === undefined ? null : String(reason));
    throw new RunStopped('The scenario ended the run.');
  };
}

/** A client with the settings of the definition whose requests are not measured. */
export function plainClient(plan: Plan, script: ScriptPlan, transport: Transport): UserClient {
  const { timeoutMs } = plan;
  return new UserClient({
    baseUrl: plan.target,
    headers: script.headers,
    followRedirects: script.followRedirects,
    // Of these only `exchange` runs against the target's time: from the send to the end of the answer, as without a script.
    timeout: { pool: timeoutMs, connect: timeoutMs, write: null, read: null, exchange: timeoutMs },
    transport,
  });
}

/** A trace for each connection of the thread, in the order in which they were asked for. */
function numberedTraces(tell: (message: TracedMessage) => void, clock: Clock): UserPort['trace'] {
  let connection = 0;
  return (name, url) => {
    connection += 1;
    return new MessageTrace(tell, clock, { name, url, connection });
  };
}

function checkName(name: string, call: string): void {
  if (typeof name === 'string' && name !== '') return;
  throw wrongCall('No name', `${shown(name)} is no text`, call, 'Give a name first');
}
