export { Container, type Overrides, type TimeLimit } from './inject/container.ts';
export { InjectError, InjectFailures } from './inject/inject-error.ts';
export type { InjectionPlan, InjectionScope } from './inject/plan.ts';
export type {
  FactoryContext,
  FactoryProvider,
  InjectScope,
  NoNeeds,
  Provider,
  ValueProvider,
} from './inject/provider.ts';
export {
  RequestToken,
  token,
  type Injected,
  type Needs,
  type Token,
  type TokenValue,
} from './inject/token.ts';
