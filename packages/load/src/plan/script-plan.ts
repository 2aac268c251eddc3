import type { LoadSpec } from './plan.ts';

/** One scenario of a script, without its code. */
export interface ScenarioPlan {
  readonly name: string;
  /** Share of the iterations of its stream. */
  readonly weight: number;
}

/** A load, and the scenarios whose iterations it starts: one, or several drawn by weight from the seed and the iteration. */
export interface StreamPlan {
  /** Of iterations: users who begin one after the other, or iterations due by a schedule. */
  readonly load: LoadSpec;
  /** Ends the stream after this many iterations. */
  readonly maxIterations: number | null;
  /** Open model: the most iterations under way at a time. Closed model: the most users. */
  readonly maxUsers: number;
  /** Positions in `ScriptPlan.scenarios`. */
  readonly scenarios: readonly number[];
  /** Pause of a user between two iterations. */
  readonly thinkMs: number;
}

/** How rows of a feed fall to iterations. `unique`: each row once in the whole run, which ends the iterations when used up. */
type FeedPick = 'sequential' | 'random' | 'unique';

/** A feed in memory that all threads share. */
export interface SharedFeed {
  /** Key under `data`; null when `data` is this feed itself. */
  readonly name: string | null;
  /** Where it came from, for messages. */
  readonly file: string;
  readonly pick: FeedPick;
  readonly columns: readonly string[];
  readonly rowCount: number;
  /** Made and read by `source/shared-rows.ts`. */
  readonly rows: SharedArrayBuffer;
}

/** What a plan adds when users are scripts; plain data but for shared memory. */
export interface ScriptPlan {
  /** As given, for messages. */
  readonly file: string;
  /** URL of the module that is imported in each thread: what was bundled. Its default export is the definition. */
  readonly moduleUrl: string;
  readonly scenarios: readonly ScenarioPlan[];
  readonly streams: readonly StreamPlan[];
  readonly feeds: readonly SharedFeed[];
  readonly vars: Readonly<Record<string, string | number | boolean>>;
  /** `own`: each user has connections of its own. `shared`: users of a thread take turns on `maxConnections`. */
  readonly connections: 'own' | 'shared';
  readonly maxConnections: number;
  /** What outlives an iteration: cookies, connections and `session`, or nothing. */
  readonly session: 'user' | 'iteration';
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly http2: boolean | 'prior-knowledge';
  readonly followRedirects: boolean;
  readonly hasSetup: boolean;
  readonly hasTeardown: boolean;
  /** Prints each exchange instead of only counting it. */
  readonly trace: boolean;
}
