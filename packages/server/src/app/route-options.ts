import type { Injected as InjectedValues, Needs } from '../inject/token.ts';
import type { ParamsOf } from '../router/params-of.ts';
import type { InferInput, InferOutput, StandardSchema } from '../schema/standard-schema.ts';
import type { Context, PlainTypes } from './context.ts';
import type { MiddlewareInput } from './middleware.ts';

/** What may be said of a route besides its method, pattern and handler. */
export interface RouteOptions {
  /** Standard Schemas; everything that fails them is told in one answer, 422. */
  readonly params?: StandardSchema;
  readonly query?: StandardSchema;
  /** Given the fields as a record with lower-case names. */
  readonly headers?: StandardSchema;
  readonly cookies?: StandardSchema;
  /** The body is read by its Content-Type: JSON, a form, multipart or text. */
  readonly body?: StandardSchema;
  /** Filters and validates what the handler returns with 200; short for `responses: { 200: … }`. */
  readonly response?: StandardSchema;
  readonly responses?: Readonly<Record<number, StandardSchema>>;
  /** Tokens by the names under which the handler finds their values in `c.injected`. */
  readonly inject?: Needs;
  /** Behind the middleware of the scope. */
  readonly use?: readonly MiddlewareInput[];
  readonly bodyLimitBytes?: number;

  /** For the OpenAPI document. */
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly deprecated?: boolean;
  readonly operationId?: string;
  /** Left out of the OpenAPI document. */
  readonly isHidden?: boolean;
}

type OutputOr<Schema, Plain> = Schema extends StandardSchema ? InferOutput<Schema> : Plain;

type ValuesOf<Wanted> = Wanted extends Needs ? InjectedValues<Wanted> : PlainTypes['injected'];

/** The types of the context of a route with these options. */
export interface TypesOf<Pattern extends string, Options extends RouteOptions> {
  readonly params: OutputOr<Options['params'], ParamsOf<Pattern>>;
  readonly query: OutputOr<Options['query'], PlainTypes['query']>;
  readonly headers: OutputOr<Options['headers'], PlainTypes['headers']>;
  readonly cookies: OutputOr<Options['cookies'], PlainTypes['cookies']>;
  readonly body: OutputOr<Options['body'], undefined>;
  readonly injected: ValuesOf<Options['inject']>;
}

/** What a handler returns is answered: an object as JSON, a string as text, bytes, a `Reply`, a `Response`, nothing as 204. */
export type Handler<
  State = object,
  Locals = object,
  Pattern extends string = string,
  Options extends RouteOptions = RouteOptions,
  Result = unknown,
> = (c: Context<State, Locals, TypesOf<Pattern, Options>>) => Result;

/** What a typed client has to know of a route. */
export interface RouteType<Pattern extends string, Options extends RouteOptions, Result> {
  readonly params: ParamsOf<Pattern>;
  readonly query: InputOf<Options['query']>;
  readonly headers: InputOf<Options['headers']>;
  readonly body: InputOf<Options['body']>;
  readonly response: Options['response'] extends StandardSchema
    ? InferOutput<Options['response']>
    : Awaited<Result>;
}

type InputOf<Schema> = Schema extends StandardSchema ? InferInput<Schema> : undefined;

/** What registering a route adds to the type of an application; the keys are `GET /users/:id`. */
export interface WithRoute<Method extends string, Pattern extends string, Type> {
  readonly '~routes': { readonly [Key in `${Method} ${Pattern}`]: Type };
}

/** What `use` adds to the type of an application. */
export interface WithLocals<Adds> {
  readonly '~locals': Adds;
}

export type LocalsOf<App> = App extends { readonly '~locals': infer Locals } ? Locals : object;

/** A prefix and a path as `joinPattern` joins them. */
export type Joined<Prefix extends string, Path extends string> = Prefix extends ''
  ? Path extends ''
    ? '/'
    : Path
  : Path extends '' | '/'
    ? Prefix
    : Path extends `/${string}`
      ? `${Prefix}${Path}`
      : `${Prefix}/${Path}`;
