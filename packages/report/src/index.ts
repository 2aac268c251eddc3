export { ReportError } from './errors.ts';
export type { ExportedRun, Exporter } from './exporter.ts';
export { csvExporter } from './export/csv.ts';
export { hgrmExporter } from './export/hgrm.ts';
export { jsonExporter } from './export/json.ts';
export { stressCsvExporter, stressJsonExporter } from './export/stress.ts';
export { sweepCsvExporter, sweepJsonExporter } from './export/sweep.ts';
