import type { FeedDefinition, LoadShape } from './definition.ts';
import type {
  WrittenArrivals,
  WrittenCount,
  WrittenDuration,
  WrittenRate,
  WrittenStatus,
  WrittenThreshold,
} from './written-values.ts';

/**
 * What the compiler holds a definition against beside the names and kinds of its settings: the grammar of its texts, settings
 * that do not go together, and what has to be there. `Given` is the definition as it was written.
 *
 * The branch that is never taken gives the compiler a place to infer `Given` from; a plain intersection with it would make a
 * misspelt setting a known one.
 */
export type Checked<Given> = Given extends object
  ? CheckedSettings<Given> &
      (keyof Given & ('user' | 'scenarios') extends never ? UserOrScenarios : unknown)
  : Given;

/** A definition has one of these. */
interface UserOrScenarios {
  /** What a user does; or in its place `scenarios`. */
  readonly user: object;
}

type CheckedKey =
  | 'load'
  | 'scenarios'
  | 'data'
  | 'thresholds'
  | 'success'
  | 'timeout'
  | 'warmup'
  | 'apdex'
  | 'workers'
  | 'seed';

type CheckedSettings<Given> = {
  readonly [Key in keyof Given & CheckedKey]?: Key extends 'load'
    ? CheckedLoad<Given[Key]>
    : Key extends 'scenarios'
      ? Given extends { readonly user: object; readonly scenarios: object }
        ? 'a definition has one user or several scenarios: make the user one of the scenarios'
        : CheckedScenarios<Given[Key]>
      : Key extends 'thresholds'
        ? CheckedThresholds<Given[Key]>
        : Key extends 'success'
          ? CheckedStatuses<Given[Key]>
          : Key extends 'data'
            ? CheckedData<Given[Key]>
            : Key extends 'workers' | 'seed'
              ? WrittenCount<Given[Key]>
              : WrittenDuration<Given[Key]>;
};

type CheckedThresholds<List> = List extends readonly unknown[]
  ? { readonly [Index in keyof List]: WrittenThreshold<List[Index]> }
  : unknown;

type CheckedStatuses<List> = List extends readonly unknown[]
  ? { readonly [Index in keyof List]: WrittenStatus<List[Index]> }
  : unknown;

/** One feed, or several by name. */
type CheckedData<Data> = Data extends
  | { readonly file: string }
  | { readonly rows: readonly object[] }
  ? CheckedFeed<Data>
  : Data extends object
    ? {
        readonly [Name in keyof Data]?: Data[Name] extends object
          ? CheckedFeed<Data[Name]>
          : unknown;
      }
    : unknown;

type CheckedFeed<Feed> = keyof Feed extends keyof FeedDefinition<object>
  ? Feed extends { readonly file: string; readonly rows: object }
    ? 'a feed has a file or rows: leave one of them out'
    : unknown
  : `${Exclude<keyof Feed & string, keyof FeedDefinition<object>>} is no setting of a feed, which has file or rows, format and pick`;

type CheckedScenarios<Scenarios> = Scenarios extends object
  ? { readonly [Name in keyof Scenarios]: CheckedScenario<Scenarios[Name]> }
  : unknown;

type CheckedScenario<Scenario> = {
  readonly load?: Scenario extends { readonly load: infer Load } ? CheckedLoad<Load> : unknown;
  readonly weight?: Scenario extends { readonly load: object; readonly weight: number }
    ? 'a weight is a share of the load at the top: leave out weight or load'
    : number;
  readonly user?: unknown;
};

/** The settings of each shape of load, and those that have to be there. */
interface Shapes {
  readonly users: Shape<
    'users' | 'duration' | 'iterations' | 'rampUp' | 'think',
    never,
    'a load with users has users, duration, iterations, rampUp and think'
  >;
  readonly constant: Shape<
    'users' | 'duration' | 'iterations' | 'think',
    never,
    'constant has users, duration, iterations and think'
  >;
  readonly gradual: Shape<
    'users' | 'rampUp' | 'duration' | 'iterations' | 'think',
    'rampUp',
    'gradual has users, rampUp, duration, iterations and think'
  >;
  readonly spike: Shape<
    'users' | 'spikeUsers' | 'spikeDuration' | 'duration' | 'rampUp' | 'think',
    'spikeUsers' | 'spikeDuration',
    'spike has users, spikeUsers, spikeDuration, duration, rampUp and think'
  >;
  readonly stages: Shape<
    'stages' | 'start' | 'think',
    'stages',
    'stages of users go with start and think'
  >;
  readonly 'stages of a rate': Shape<
    'stages' | 'start' | 'arrivals' | 'maxUsers',
    'stages',
    'stages of a rate go with start, arrivals and maxUsers'
  >;
  readonly rate: Shape<
    'rate' | 'duration' | 'iterations' | 'arrivals' | 'maxUsers',
    'rate',
    'a load with a rate has rate, duration, iterations, arrivals and maxUsers'
  >;
  readonly 'rate-ramp': Shape<
    'start' | 'rate' | 'duration' | 'arrivals' | 'maxUsers',
    'rate' | 'duration',
    'rate-ramp has start, rate, duration, arrivals and maxUsers'
  >;
  readonly poisson: Shape<
    'rate' | 'duration' | 'iterations' | 'maxUsers',
    'rate',
    'poisson has rate, duration, iterations and maxUsers'
  >;
  readonly iterations: Shape<
    'iterations' | 'users' | 'duration' | 'think',
    'iterations',
    'iterations has iterations, users, duration and think'
  >;
}

interface Shape<Keys extends keyof LoadShape, Needed extends Keys, Summary extends string> {
  readonly keys: Keys;
  readonly needed: Needed;
  /** What a setting that does not belong to it is answered with. */
  readonly summary: Summary;
}

/** The shape that is named, else the one that the settings make. */
type ShapeOf<Load> = Load extends { readonly scenario: infer Name extends keyof Shapes }
  ? Name extends 'stages'
    ? StagesOf<Load>
    : Name
  : Load extends { readonly stages: unknown }
    ? StagesOf<Load>
    : Load extends { readonly rate: unknown }
      ? 'rate'
      : 'users';

type StagesOf<Load> = Load extends {
  readonly stages: readonly [{ readonly rate: unknown }, ...unknown[]];
}
  ? 'stages of a rate'
  : 'stages';

/** Of several loads (`isLong ? { … } : { … }`), each is held against its own shape. */
type CheckedLoad<Load> = Load extends object ? CheckedShape<Load, Shapes[ShapeOf<Load>]> : unknown;

type CheckedShape<Load, Known extends Shapes[keyof Shapes]> = {
  readonly [Key in keyof Load & keyof LoadShape]?: Key extends Known['keys'] | 'scenario'
    ? WrittenSetting<Key, Load[Key]>
    : // A load that was put together elsewhere may have every setting, and then none that counts.
      undefined extends Load[Key]
      ? unknown
      : `leave it out: ${Known['summary']}`;
} & { readonly [Key in Known['needed']]: unknown };

type WrittenSetting<Key extends keyof LoadShape, Value> = Key extends
  | 'duration'
  | 'rampUp'
  | 'think'
  | 'spikeDuration'
  ? WrittenDuration<Value>
  : Key extends 'users' | 'iterations' | 'spikeUsers' | 'maxUsers'
    ? WrittenCount<Value>
    : Key extends 'rate' | 'start'
      ? WrittenRate<Value>
      : Key extends 'stages'
        ? CheckedStages<Value>
        : Key extends 'arrivals'
          ? WrittenArrivals<Value>
          : unknown;

type CheckedStages<Stages> = Stages extends readonly unknown[]
  ? { readonly [Index in keyof Stages]: CheckedStage<Stages[Index]> }
  : unknown;

type CheckedStage<Stage> = {
  readonly [Key in keyof Stage & ('duration' | 'users' | 'rate')]?: WrittenSetting<Key, Stage[Key]>;
};
