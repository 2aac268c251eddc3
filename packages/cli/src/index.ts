export { formatSummary } from './print/summary.ts';
export { parsePlanFile, resolvePlan, runLoad, type Plan, type RunResult } from '@needletail/load';
export type { RunSummary } from '@needletail/load/summary';
export { csvExporter, hgrmExporter, jsonExporter, type Exporter } from '@needletail/report';
