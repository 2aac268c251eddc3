export { formatSummary } from './print/summary.ts';
export { runLoad } from './run/run-load.ts';
export {
  PlanError,
  resolvePlan,
  type Plan,
  type PlanFlags,
  type RunOptions,
  type RunResult,
} from '@needletail/load';
export { parsePlanFile } from '@needletail/load/plan-file';
export { defineLoad, feed } from '@needletail/load/scenario';
export type {
  Checks,
  DataDefinition,
  FeedDefinition,
  LoadDefinition,
  LoadShape,
  ScenarioDefinition,
  SetupContext,
  UserClient,
  UserContext,
  UserFunction,
  Vars,
} from '@needletail/load/scenario';
export type { RunSummary } from '@needletail/load/summary';
export { csvExporter, hgrmExporter, jsonExporter, type Exporter } from '@needletail/report';
