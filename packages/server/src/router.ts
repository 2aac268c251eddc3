export type {
  BadPath,
  FindResult,
  MethodNotAllowed,
  NotFound,
  OptionsAsked,
  PathParams,
  RouteEntry,
  RouteMatch,
  Router,
  RouterOptions,
  SlashPolicy,
  SlashRedirect,
} from './router/router.ts';
export type { ParamsOf } from './router/params-of.ts';
export { RadixRouter } from './router/radix-router.ts';
export { RouteError } from './router/route-error.ts';
