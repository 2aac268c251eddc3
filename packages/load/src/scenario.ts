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
  Threshold,
  UserContext,
  UserFunction,
  Vars,
} from './scenario/definition.ts';
export type { AskOptions, MeasuredWebSocket } from './scenario/measured-websocket.ts';
export type { UserClient, UserWebSocketOptions } from './scenario/user-client.ts';
