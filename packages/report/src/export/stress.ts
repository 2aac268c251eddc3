import type { StressSummary } from '@needletail/load/summary';
import type { Exporter } from '../exporter.ts';
import { refuseNonFinite } from './json.ts';
import { levelsCsv } from './level-columns.ts';

/** As `schema/needletail.stress-1.schema.json` describes it. Throws `ReportError` for what JSON has no number for. */
export const stressJsonExporter: Exporter<StressSummary> = {
  name: 'json',
  extension: 'json',
  serialize(summary) {
    refuseNonFinite(summary, '');
    return `${JSON.stringify(summary, null, 2)}\n`;
  },
};

/** One row for each run of a level. */
export const stressCsvExporter: Exporter<StressSummary> = {
  name: 'csv',
  extension: 'csv',
  serialize: ({ levels }) => levelsCsv(levels),
};
