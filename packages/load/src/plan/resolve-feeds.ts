import type { DataDefinition, FeedDefinition } from '../scenario/definition.ts';
import { isFeed } from './check-definition.ts';
import { PlanError } from './errors.ts';
import { pathLabel } from './plan-file.ts';
import type { PlanFiles } from './plan-files.ts';
import { FLAG_LABEL } from './plan-flags.ts';
import type { SharedFeed } from './script-plan.ts';

/** The feeds of a definition in memory that threads share. Files are relative to the scenario, that of `--feed` to the shell. */
export async function resolveFeeds(
  data: DataDefinition | undefined,
  flag: string | undefined,
  files: PlanFiles,
): Promise<readonly SharedFeed[]> {
  if (data === undefined) {
    if (flag === undefined) return [];
    throw feedFlagFault('the scenario has no data to replace', 'Give it data, or drop the flag.');
  }
  if (typeof data === 'string' || isFeed(data)) return [await shareFeed(null, data, files, flag)];
  if (flag !== undefined) {
    throw feedFlagFault('the scenario has several feeds', 'Change them in the scenario.');
  }
  return Promise.all(
    Object.entries(data).map(([name, feed]) => shareFeed(name, feed, files, undefined)),
  );
}

async function shareFeed(
  name: string | null,
  given: string | FeedDefinition<object>,
  files: PlanFiles,
  flag: string | undefined,
): Promise<SharedFeed> {
  // Loaded on demand: most scenarios have no feed, and the CSV parser would be paid by all.
  const { checkTable, readValueFeed } = await import('../source/read-feed.ts');
  const { tableOfRows } = await import('../source/json-table.ts');
  const { shareRows } = await import('../source/shared-rows.ts');
  const feed: FeedDefinition<object> = typeof given === 'string' ? { file: given } : given;
  const label = pathLabel(name === null ? ['data'] : ['data', name]);
  const pick = feed.pick ?? 'sequential';
  if (flag === undefined && feed.rows !== undefined) {
    const { columns, rows } = checkTable(label, tableOfRows(feed.rows, label));
    return { name, file: label, pick, columns, rowCount: rows.length, rows: shareRows(rows) };
  }
  const file = flag ?? feed.file!;
  const content =
    flag === undefined
      ? await files.read(file, label)
      : await files.readFromCwd(flag, FLAG_LABEL.feed);
  const format = flag === undefined ? feed.format : undefined;
  const { columns, rows } = readValueFeed(file, content, format);
  return { name, file, pick, columns, rowCount: rows.length, rows: shareRows(rows) };
}

function feedFlagFault(cause: string, remedy: string): PlanError {
  const problem = 'Flag without effect';
  return new PlanError({ code: 'PLAN_CONFLICT', problem, cause, where: FLAG_LABEL.feed, remedy });
}
