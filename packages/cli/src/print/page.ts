import type { RunSummary } from '@needletail/load/summary';
import type { Style } from './style.ts';

/** What a section is laid out for. */
export interface Page {
  /** In columns; no line is longer, except for a word that cannot be broken. */
  readonly width: number;
  readonly style: Style;
}

/** One part of the summary as lines; none when it has nothing to say about this run. */
export type Section = (summary: RunSummary, page: Page) => string[];
