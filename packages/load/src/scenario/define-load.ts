import type { Checked } from './checked-definition.ts';
import type { DataDefinition, FeedDefinition, LoadDefinition, Vars } from './definition.ts';

/** Types a load test; gives what it is given. */
export function defineLoad<
  const Data extends DataDefinition = string,
  Variables extends Vars = Vars,
  Shared = undefined,
  Given = unknown,
>(
  definition: LoadDefinition<Data, Variables, Shared> & Checked<Given>,
): LoadDefinition<Data, Variables, Shared> {
  return definition;
}

/** A feed with a type for its rows: `data: feed<{ sku: string }>('skus.csv', { pick: 'random' })`. */
export function feed<Row extends object = Readonly<Record<string, string>>>(
  source: string | readonly Row[],
  options: Omit<FeedDefinition<Row>, 'file' | 'rows' | '~row'> = {},
): FeedDefinition<Row> {
  return typeof source === 'string' ? { ...options, file: source } : { ...options, rows: source };
}
