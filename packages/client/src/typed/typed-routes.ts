import type { ParamsInput, RequestOptions } from '../model/client-options.ts';
import type { HeadersInput } from '../model/header-list.ts';
import type { Jsonified } from './jsonified.ts';

/** The type of an application that tells its routes: `{ '~routes': { 'GET /users/:id': { params, response, … } } }`. */
export interface TypedApp {
  readonly '~routes': object;
}

/** The routes of an application by their names: `GET /users/:id`. */
type RoutesOf<App extends TypedApp> = App['~routes'];

export type RouteName<App extends TypedApp> = keyof RoutesOf<App> & string;

/** The patterns that a method has routes for. */
export type PatternOf<App extends TypedApp, Method extends string> =
  RouteName<App> extends infer Name
    ? Name extends `${Method} ${infer Pattern}`
      ? Pattern
      : never
    : never;

/** A route by its name; what is not a route cannot be called. */
export type RouteAt<App extends TypedApp, Name extends string> = Name extends keyof RoutesOf<App>
  ? RoutesOf<App>[Name]
  : never;

/** A member of a route, or unknown where it says nothing of it. */
type MemberOf<Route, Key extends string> = Route extends { readonly [Name in Key]: infer Member }
  ? Member
  : unknown;

/** Whether `{}` would do. */
type IsOptional<Value> = Record<never, never> extends Value ? true : false;

/** One member of the options, that may be left out where `{}` would do. */
type Part<Key extends string, Value> =
  IsOptional<Value> extends true
    ? { readonly [Name in Key]?: Value }
    : { readonly [Name in Key]: Value };

type ParamsPart<Params> = [keyof Params] extends [never]
  ? { readonly params?: undefined }
  : Part<'params', { readonly [Name in keyof Params]: Params[Name] | number | bigint }>;

/** What a schema accepts; anything where there is no schema. */
type QueryPart<Query> = [Query] extends [undefined]
  ? { readonly query?: ParamsInput }
  : Part<'query', Query>;

type HeadersPart<Headers> = [Headers] extends [undefined]
  ? { readonly headers?: HeadersInput }
  : Part<'headers', Headers & Readonly<Record<string, unknown>>>;

type BodyPart<Body> = [Body] extends [undefined]
  ? { readonly body?: unknown }
  : undefined extends Body
    ? { readonly body?: Body }
    : { readonly body: Body };

/** What goes with every call, as for a client. */
type SharedCallOptions = Omit<
  RequestOptions,
  'params' | 'headers' | 'json' | 'form' | 'multipart' | 'body'
> & {
  /** How the body is written: as JSON unless given. */
  readonly bodyAs?: 'json' | 'form' | 'multipart';
};

/** What a route has to be told. */
export type CallOptions<Route> = ParamsPart<MemberOf<Route, 'params'>> &
  QueryPart<MemberOf<Route, 'query'>> &
  HeadersPart<MemberOf<Route, 'headers'>> &
  BodyPart<MemberOf<Route, 'body'>> &
  SharedCallOptions;

/** What an address of a route consists of. */
export type UrlOptions<Route> = ParamsPart<MemberOf<Route, 'params'>> &
  QueryPart<MemberOf<Route, 'query'>>;

/** May be left out where nothing in it is needed. */
export type OptionsArgument<Options> =
  IsOptional<Options> extends true ? [options?: Options] : [options: Options];

/** An answer that says status and fields itself: its body is not known. The platform's, and that of a server. */
type OpenAnswer = Response | { readonly encodedHead: () => string };

/** The body of a 2xx answer of a route, as it arrives. */
export type ArrivedBody<Route> = Arrived<MemberOf<Route, 'response'>>;

type Arrived<Value> = unknown extends Value
  ? unknown
  : // Each member of a union by itself.
    Value extends OpenAnswer | AsyncIterable<unknown> | ReadableStream<unknown>
    ? unknown
    : Value extends Uint8Array | ArrayBuffer | Blob
      ? Buffer
      : Value extends undefined
        ? undefined
        : Jsonified<Value>;
