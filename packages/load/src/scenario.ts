export { defineLoad, feed } from './scenario/define-load.ts';
export type {
  Checks,
  DataDefinition,
  DataOf,
  FeedDefinition,
  LoadDefinition,
  LoadShape,
  ScenarioDefinition,
  SetupContext,
  UserContext,
  UserFunction,
  Vars,
} from './scenario/definition.ts';
export type { UserClient } from './scenario/user-client.ts';
