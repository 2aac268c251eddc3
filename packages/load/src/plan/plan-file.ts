import type { StressData } from '../search/stress-data.ts';
import type { FilePosition } from './errors.ts';

/** Text, or a number that stands for itself; text may hold variables. */
export type Scalar = string | number;

/** One line, or one entry of a map; an array makes a header of that name for each member. */
type HeaderValue = string | number | boolean | readonly (string | number | boolean)[];

/** `{ Name: value }`, or a list of `Name: value` lines. */
export type HeadersData = Readonly<Record<string, HeaderValue>> | readonly string[];

/** A request as written in a plan file; at most one of `body`, `json` and `bodyFile`. */
export interface RequestData {
  readonly name?: string | undefined;
  readonly method?: string | undefined;
  /** Relative to the target, or `url` for a whole address. */
  readonly path?: string | undefined;
  readonly url?: string | undefined;
  readonly headers?: HeadersData | undefined;
  readonly body?: string | undefined;
  readonly json?: unknown;
  /** Sent as it is; relative to the plan file. */
  readonly bodyFile?: string | undefined;
  readonly weight?: Scalar | undefined;
}

/** Stages end at `users` or at `rate`, all of them at the same. */
export interface StageData {
  readonly duration: Scalar;
  readonly users?: Scalar | undefined;
  readonly rate?: Scalar | undefined;
}

/** The load of a plan file. Which keys go together depends on the shape, see `parsePlanFile`. */
export interface LoadData {
  readonly scenario?: ScenarioName | undefined;
  readonly users?: Scalar | undefined;
  readonly rate?: Scalar | undefined;
  /** Level at the beginning of the first stage or of the ramp. */
  readonly start?: Scalar | undefined;
  readonly duration?: Scalar | undefined;
  readonly rampUp?: Scalar | undefined;
  readonly think?: Scalar | undefined;
  readonly iterations?: Scalar | undefined;
  readonly requests?: Scalar | undefined;
  readonly arrivals?: 'even' | 'poisson' | undefined;
  readonly spikeUsers?: Scalar | undefined;
  readonly spikeDuration?: Scalar | undefined;
  readonly stages?: readonly StageData[] | undefined;
}

export type ScenarioName =
  | 'constant'
  | 'gradual'
  | 'spike'
  | 'stages'
  | 'rate'
  | 'rate-ramp'
  | 'poisson'
  | 'iterations';

/** What a plan file holds, checked for shape; texts still hold their variables. A lone request may stand at the top. */
export interface PlanData extends Omit<RequestData, 'weight'> {
  readonly target?: string | undefined;
  readonly requests?: readonly RequestData[] | undefined;
  readonly load?: LoadData | undefined;
  /** What `needletail stress` does with the plan. */
  readonly stress?: StressData | undefined;
  readonly connections?: Scalar | undefined;
  readonly workers?: Scalar | undefined;
  readonly timeout?: Scalar | undefined;
  readonly warmup?: Scalar | undefined;
  readonly keepAlive?: boolean | undefined;
  readonly pipelining?: Scalar | undefined;
  readonly insecure?: boolean | undefined;
  /** PEM file relative to the plan file, or PEM text. */
  readonly ca?: string | undefined;
  readonly servername?: string | undefined;
  readonly feed?: string | FeedData | undefined;
  readonly thresholds?: readonly string[] | undefined;
  readonly success?: readonly Scalar[] | undefined;
  readonly onlyOk?: boolean | undefined;
  readonly seed?: Scalar | undefined;
  readonly apdex?: Scalar | undefined;
  readonly vars?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly watch?: readonly WatchData[] | undefined;
}

/** Something that shows figures of the target: one of `pid`, `metrics` and `node`. */
export interface WatchData {
  readonly pid?: Scalar | undefined;
  /** URL of a Prometheus endpoint, and the figures to read of it. */
  readonly metrics?: string | undefined;
  readonly only?: readonly string[] | undefined;
  /** `host:port` of the inspector of a Node process. */
  readonly node?: Scalar | undefined;
}

interface FeedData {
  readonly file: string;
  readonly format?: 'csv' | 'tsv' | 'json' | 'ndjson' | undefined;
}

/** Keys and list positions from the top of a plan file. */
export type PlanPath = readonly (string | number)[];

/** A plan file that was read: its data, and where each part of it stands. */
export interface PlanFile {
  /** As given to `parsePlanFile`; other files it names are relative to it. */
  readonly file: string;
  readonly data: PlanData;
  readonly positionOf: (path: PlanPath) => FilePosition;
}

/** `requests[0].headers.Accept`. */
export function pathLabel(path: PlanPath): string {
  return path.reduce<string>(
    (label, key) =>
      typeof key === 'number' ? `${label}[${key}]` : label === '' ? key : `${label}.${key}`,
    '',
  );
}
