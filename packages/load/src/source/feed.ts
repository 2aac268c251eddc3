/** Rows of a data feed, every value as text; row `n` of an iteration is `rows[n % rows.length]`. */
export interface FeedRows {
  /** Where it came from, for messages. */
  readonly file: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A feed before it has a name. */
export type FeedTable = Omit<FeedRows, 'file'>;
