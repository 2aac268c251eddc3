/** Rows of a data feed, every value as text; row `n` of an iteration is `rows[n % rows.length]`. */
export interface FeedRows {
  /** Where it came from, for messages. */
  readonly file: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A feed before it has a name. */
export interface FeedTable<Cell = string> {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** What a cell of a feed in a scenario may hold: text, or anything else that JSON can say. */
export type FeedValue =
  | string
  | number
  | boolean
  | null
  | readonly FeedValue[]
  | { readonly [key: string]: FeedValue };

/** Makes a cell of a value, or throws a PlanError that names its column and place. */
export type CellReader<Cell> = (value: unknown, column: string, where: string) => Cell;
