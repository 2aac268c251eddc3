import type { Injected, Needs } from './token.ts';

/**
 * How long a value lives. 'singleton': as long as the container. 'request': one for each scope. 'transient': one for each
 * place that asks, as long as whoever asks.
 */
export type InjectScope = 'singleton' | 'request' | 'transient';

/** What a factory is told besides what it needs. */
export interface FactoryContext {
  /** Aborts when the scope (of a singleton: the container) is closed, done or not; made when it is asked for. */
  readonly signal: AbortSignal;
}

/** Nothing is needed: the default, so that a name that was not asked for does not compile. */
export type NoNeeds = Readonly<Record<never, never>>;

export interface FactoryProvider<Value, Wanted extends Needs = NoNeeds> {
  readonly scope: InjectScope;
  /** Called once for each value; what it throws reaches whoever asked, unchanged. A promise is awaited. */
  readonly create: (needs: Injected<Wanted>, context: FactoryContext) => Value | PromiseLike<Value>;
  readonly needs?: Wanted;
  /** Called once with each value that was made, after all that was made of it has been disposed of. A promise is awaited. */
  readonly dispose?: (value: Value) => unknown;
  /** A singleton that `start` leaves out: made when it is first asked for. */
  readonly lazy?: boolean;
}

/** A value that is there already, handed out as it is, and not disposed of: whoever made it owns it. */
export interface ValueProvider<Value> {
  readonly value: Value;
}

export type Provider<Value, Wanted extends Needs = NoNeeds> =
  | ValueProvider<Value>
  | FactoryProvider<Value, Wanted>;
