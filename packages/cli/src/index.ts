export { formatSummary } from './print/summary.ts';
export { runLoad } from './run/run-load.ts';
export {
  ControlError,
  PlanError,
  resolvePlan,
  RunControl,
  type ControlStatus,
  type Plan,
  type PlanFlags,
  type RunOptions,
  type RunResult,
  type WatchTarget,
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
  Threshold,
  UserContext,
  UserFunction,
  Vars,
} from '@needletail/load/scenario';
export type { RunSummary } from '@needletail/load/summary';
export { csvExporter, hgrmExporter, jsonExporter, type Exporter } from '@needletail/report';
