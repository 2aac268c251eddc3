/** Values of parameters by name, decoded; without a prototype, so that no name means anything but a parameter. */
export type PathParams = Readonly<Record<string, string>>;

/** What a path was found to be: exactly one of these. */
export type FindResult<Value> =
  | RouteMatch<Value>
  | NotFound
  | MethodNotAllowed
  | OptionsAsked
  | SlashRedirect
  | BadPath;

export interface RouteMatch<Value> {
  readonly outcome: 'found';
  readonly value: Value;
  /** As it was registered; a name for metrics and logs that does not grow with the paths asked for. */
  readonly pattern: string;
  /** Made when it is first read. A parameter that is optional and absent has no property. */
  readonly params: PathParams;
}

/** No route of any method: 404. */
export interface NotFound {
  readonly outcome: 'not-found';
}

/** Routes of other methods only: 405, with `Allow` (RFC 9110 §15.5.6). */
export interface MethodNotAllowed {
  readonly outcome: 'method-not-allowed';
  readonly allow: readonly string[];
}

/** OPTIONS where no route of that method is registered: 204 with `Allow` (RFC 9110 §9.3.7). */
export interface OptionsAsked {
  readonly outcome: 'options';
  readonly allow: readonly string[];
}

/** Found with a trailing slash more or less: 308 to `path`, encoded and fit for `Location`; the query is yet to be added. */
export interface SlashRedirect {
  readonly outcome: 'redirect';
  readonly path: string;
}

/** An escape that is no `%` and two digits, or that is not UTF-8: 400. */
export interface BadPath {
  readonly outcome: 'bad-path';
}

/** A route as it was registered. */
export interface RouteEntry<Value> {
  readonly method: string;
  readonly pattern: string;
  readonly value: Value;
  /** Where in the program, for messages; empty when it was not told. */
  readonly where: string;
}

/**
 * What a trailing slash means. 'strict': another path. 'ignore': nothing. 'redirect': another path, but when only the other
 * one is a route, the answer is where to find it.
 */
export type SlashPolicy = 'strict' | 'ignore' | 'redirect';

export interface RouterOptions {
  /** 'strict' unless given. */
  readonly trailingSlash?: SlashPolicy;
}

/** Finds the value that belongs to a method and a path. */
export interface Router<Value> {
  /** Throws RouteError for a pattern that is invalid, or registered already; `where` names the place in messages. */
  add(method: string, pattern: string, value: Value, where?: string): void;
  /** `path` as it was sent, without the query; methods are case-sensitive (RFC 9110 §9.1). Never throws. */
  find(method: string, path: string): FindResult<Value>;
  /** Methods with a route for `path`, as `Allow` lists them: HEAD with GET, OPTIONS with any. Empty when there are none. */
  allowed(path: string): readonly string[];
  /** In the order of registration. */
  routes(): readonly RouteEntry<Value>[];
}
