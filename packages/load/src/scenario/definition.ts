import type { FetchApp, NodeListener } from '@needletail/client';
import type { FeedValue } from '../source/feed.ts';
import type { UserClient } from './user-client.ts';
import type { WrittenDuration } from './written-values.ts';

/** A feed of rows: a CSV, TSV, JSON or NDJSON file beside the scenario, or rows written in it. */
export interface FeedDefinition<Row> {
  readonly file?: string;
  readonly rows?: readonly Row[];
  readonly format?: 'csv' | 'tsv' | 'json' | 'ndjson';
  /** `sequential` unless set. */
  readonly pick?: 'sequential' | 'random' | 'unique';
  /** Never there: carries the type of a row. */
  readonly '~row'?: Row;
}

/** `data` of a definition: a file, a feed, or several feeds by name. */
export type DataDefinition =
  | string
  | FeedDefinition<object>
  | (Readonly<Record<string, string | FeedDefinition<object>>> & {
      // Or a feed with a mistake in it would pass for several feeds called file, rows and pick.
      readonly [Key in 'file' | 'rows' | 'pick' | 'format']?: FeedDefinition<object>;
    });

/** A row of a file of text. */
interface TextRow {
  readonly [column: string]: string;
}

/** Rows of JSON keep its values; what they are, only `feed<Row>()` can say. */
type FileRow<File> = File extends `${string}.${'json' | 'ndjson' | 'jsonl'}`
  ? Readonly<Record<string, FeedValue>>
  : TextRow;

/** `const` inference sees the very texts and numbers of rows; an iteration gets any of them. */
type Widened<Value> = Value extends string
  ? string
  : Value extends number
    ? number
    : Value extends boolean
      ? boolean
      : Value extends readonly (infer Member)[]
        ? readonly Widened<Member>[]
        : Value extends object
          ? { readonly [Key in keyof Value]: Widened<Value[Key]> }
          : Value;

type RowOf<Feed> = Feed extends string
  ? FileRow<Feed>
  : Feed extends { readonly rows: readonly (infer Row)[] }
    ? Widened<Row>
    : Feed extends { readonly '~row'?: infer Row }
      ? unknown extends Row
        ? FileRow<Feed extends { readonly file: infer File } ? File : never>
        : Row
      : TextRow;

/** What `data` of an iteration is for a definition's `data`. */
export type DataOf<Data> = Data extends
  | string
  | { readonly rows: readonly unknown[] }
  | { readonly file: string }
  | { readonly '~row'?: unknown; readonly pick?: unknown; readonly format?: unknown }
  ? RowOf<Data>
  : { readonly [Name in keyof Data]: RowOf<Data[Name]> };

export interface Vars {
  readonly [name: string]: string | number | boolean;
}

// The texts in these unions are what an editor completes, and what makes the compiler keep a text as it was written, for
// Checked to look at. Any other text is taken too: `& {}` keeps it from swallowing them.
type AnyText = string & {};
/** A list; the second kind makes the compiler look at each member by itself. */
type Listed<Member> = readonly Member[] | readonly [Member, ...Member[]];
/** `500ms`, `10s`, `1m30s`, `2h`; a number is seconds. */
type Duration = number | '500ms' | '10s' | '1m30s' | '2h' | AnyText;
/** `250`, `10k`, `1.5m`. */
type Count = number | '10k' | '1.5m' | AnyText;
/** Per second: `2000`, `2k`, `0.5`, `600/m`. */
type Rate = number | '2k' | '600/m' | AnyText;
type Status = (number & {}) | 404 | '200-299' | '200-399' | AnyText;

/** What code reads of `vars`: `-e` may set a variable to anything of its kind. */
type VarsOf<Variables> = Vars extends Variables ? Variables : Widened<Variables>;

/** The shape of load, as in a YAML plan: `{ users: 50, duration: '30s' }`, `{ rate: 500 }`, `{ scenario: 'spike', … }`. */
export interface LoadShape {
  readonly scenario?:
    | 'constant'
    | 'gradual'
    | 'spike'
    | 'stages'
    | 'rate'
    | 'rate-ramp'
    | 'poisson'
    | 'iterations';
  readonly users?: Count;
  /** Iterations due per second. */
  readonly rate?: Rate;
  readonly start?: Rate;
  readonly duration?: Duration;
  readonly rampUp?: Duration;
  /** Pause between two iterations of a user. */
  readonly think?: Duration;
  readonly iterations?: Count;
  readonly arrivals?: 'even' | 'poisson' | AnyText;
  readonly spikeUsers?: Count;
  readonly spikeDuration?: Duration;
  readonly stages?: Listed<StageShape>;
  /** Open model: most iterations under way at a time, 1000 unless set. */
  readonly maxUsers?: Count;
}

/** A stage goes evenly from the level before it to its own: users, or a rate. */
interface StageShape {
  readonly duration: Duration;
  readonly users?: Count;
  readonly rate?: Rate;
}

/** Named outcomes of a check: a predicate each, given what was checked. */
export type Checks<Value> = Readonly<Record<string, (value: Value) => unknown>>;

/** `p99 < 50ms`; `none` for none. Any text is one here: `defineLoad` holds those that are written out against the grammar. */
export type Threshold =
  | 'none'
  | 'p50 < 50ms'
  | 'p95 < 200ms'
  | 'p99 < 250ms'
  | 'error rate < 1%'
  | 'errors < 10'
  | 'rps > 1000'
  | 'apdex > 0.9'
  | 'checks > 99%'
  | 'check[name] > 99%'
  | 'timing[name] p95 < 500ms'
  | 'counter[name] > 100'
  | 'iteration p95 < 5s'
  | 'iteration error rate < 1%'
  | 'iterations > 1000'
  | '[GET /] p95 < 80ms'
  | 'p99 < 1s for 10s, abort'
  | AnyText;

/** What a scenario is given for one iteration. Safe to take apart: `async user({ http, check })`. */
export interface UserContext<Data = TextRow, Variables = Vars, Shared = unknown> {
  /** The client of this virtual user: own cookies and connections; `name` groups URLs in the report. */
  readonly http: UserClient;
  /** Counts each outcome under its name; gives whether all held. A failed one turns its response's request to failed. */
  readonly check: <Value>(value: Value, checks: Checks<Value>) => boolean;
  /** Times `work` under a name and gives what it gives; names nest as `checkout / pay`. */
  readonly group: <Result>(name: string, work: () => Promise<Result> | Result) => Promise<Result>;
  /** Pauses this user: `think('1s')`, `think(250)` in milliseconds, or a random time between two. */
  readonly think: <Time extends Duration, Most extends Duration>(
    time: WrittenDuration<Time>,
    atMost?: WrittenDuration<Most>,
  ) => Promise<void>;
  /** The row of this iteration; asking for a column that is not there fails the iteration. */
  readonly data: Data;
  /** Number of this iteration within its stream, from 0, unique among all threads. */
  readonly iteration: number;
  readonly scenario: string;
  /** Number of this user within its stream, from 0. */
  readonly user: number;
  /** From `vars` and `-e`. */
  readonly vars: Variables;
  /** What `setup` gave; a copy in each thread. */
  readonly shared: Shared;
  /** Kept from one iteration of this user to its next, unless `session` is `iteration`. */
  readonly session: Record<string, unknown>;
  /** Between 0 and 1, the same in a run with the same seed. */
  readonly random: () => number;
  /** Adds to a counter of your own. */
  readonly count: (name: string, by?: number) => void;
  /** Records a time of your own, in milliseconds. */
  readonly timing: (name: string, milliseconds: number) => void;
  /** Fails this iteration. */
  readonly fail: (message: string) => never;
  /** Ends the run: what is under way is awaited as at the end of any run. */
  readonly stop: (reason?: string) => never;
  /** Aborts when the run ends, for what you wait for yourself. */
  readonly signal: AbortSignal;
}

export type UserFunction<Data = TextRow, Variables = Vars, Shared = unknown> = (
  context: UserContext<Data, Variables, Shared>,
) => unknown;

/** One of several scenarios: with a load of its own, or a share (`weight`) of the definition's. */
export interface ScenarioDefinition<Data, Variables, Shared> {
  readonly load?: LoadShape;
  readonly weight?: number;
  readonly user: UserFunction<Data, Variables, Shared>;
}

/** What `setup` and `teardown` are given. Their requests are not part of the measurement. */
export interface SetupContext<Variables = Vars> {
  readonly http: UserClient;
  readonly vars: Variables;
  readonly signal: AbortSignal;
}

/** A load test in code. Either `user`, or `scenarios`. */
export interface LoadDefinition<
  Data extends DataDefinition = DataDefinition,
  Variables extends Vars = Vars,
  Shared = unknown,
> {
  readonly name?: string;
  /** Base URL; in a test runner also an application: a fetch handler or a node request listener. */
  readonly target: string | FetchApp | NodeListener;
  readonly load?: LoadShape;
  readonly user?: UserFunction<DataOf<Data>, VarsOf<Variables>, Shared>;
  readonly scenarios?: Readonly<
    Record<string, ScenarioDefinition<DataOf<Data>, VarsOf<Variables>, Shared>>
  >;
  readonly thresholds?: Listed<Threshold>;
  readonly data?: Data;
  readonly vars?: Variables;
  readonly setup?: (context: SetupContext<VarsOf<Variables>>) => Promise<Shared> | Shared;
  readonly teardown?: (
    context: SetupContext<VarsOf<Variables>> & { readonly shared: Shared },
  ) => unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** `own` unless set. */
  readonly connections?: 'own' | 'shared' | { readonly shared: number };
  /** `user` unless set. */
  readonly session?: 'user' | 'iteration';
  readonly http2?: boolean | 'prior-knowledge';
  /** False unless set: what the target sees is what the ledger counts, each hop for itself. */
  readonly followRedirects?: boolean;
  readonly workers?: Count;
  readonly timeout?: Duration;
  readonly warmup?: Duration;
  readonly seed?: Count;
  readonly success?: Listed<Status>;
  readonly onlyOk?: boolean;
  readonly apdex?: Duration;
  readonly insecure?: boolean;
  /** PEM text, or the path of a PEM file beside the scenario. */
  readonly ca?: string;
  readonly servername?: string;
  /** Figures of the target to show beside those of the run: a process, a Prometheus endpoint, the inspector of a Node process. */
  readonly watch?: readonly WatchDefinition[];
}

/** One of `pid`, `metrics` and `node`; `only` names figures of an endpoint: `name` or `name{label="x"}`. */
type WatchDefinition =
  | (Only<'pid'> & { readonly pid: number | string })
  | (Only<'metrics' | 'only'> & { readonly metrics: string; readonly only?: readonly string[] })
  | (Only<'node'> & { readonly node: string | number });

type Only<Kept extends 'pid' | 'metrics' | 'only' | 'node'> = {
  readonly [Key in Exclude<'pid' | 'metrics' | 'only' | 'node', Kept>]?: undefined;
};
