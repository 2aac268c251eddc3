import type { AnyContext } from '../app/middleware.ts';

/**
 * What a provider is registered and asked for by: an object, so that two tokens of one name are two, with the type of what
 * it stands for.
 */
export interface Token<Value> {
  /** For messages only. */
  readonly name: string;
  /** Never there: carries the type. */
  readonly '~value'?: () => Value;
}

/** The value that a token stands for. */
export type TokenValue<Of> = Of extends Token<infer Value> ? Value : never;

/** What a provider or a route asks for: names of its own choice, and the token that each stands for. */
export type Needs = Readonly<Record<string, Token<unknown>>>;

/** Values by the names that they were asked for by. */
export type Injected<Wanted extends Needs> = {
  readonly [Name in keyof Wanted]: TokenValue<Wanted[Name]>;
};

/** Makes a token; call it once, at the top of a module, and export what it gives. */
export function token<Value>(name: string): Token<Value> {
  return Object.freeze({ name });
}

/** Stands for what a scope was opened with: the context of the request. Provided by the container itself. */
export const RequestToken: Token<AnyContext> = token('request');
