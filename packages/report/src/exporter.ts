import type { RunSummary } from '@needletail/load/summary';
import type { Histogram } from '@needletail/stats';

/** A finished run as exporters see it: plain figures, and the histograms (µs) they were read from. */
export interface ExportedRun {
  readonly summary: RunSummary;
  /** From when a request was due. */
  readonly latency: Histogram;
  /** From when it was sent. */
  readonly serviceTime: Histogram;
}

/**
 * One file format. Pure: no clock, no file system; the same result always gives the same text, ending with a newline.
 * Throws `ReportError` when the result holds a figure the format cannot say.
 */
export interface Exporter<Result = ExportedRun> {
  /** As in the flag that asks for it: `--json`. */
  readonly name: string;
  /** Without the dot. */
  readonly extension: string;
  serialize(result: Result): string;
}
