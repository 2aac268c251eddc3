import { OptionError } from '../errors.ts';
import { checkNames, namesInstead, type Names } from '../listen/check-names.ts';
import { checkAmount, shown } from '../listen/check-options.ts';
import { RouteError } from '../router/route-error.ts';
import { SOCKET_OPTIONS } from '../websocket/websocket-options.ts';
import { callSite } from './call-site.ts';
import { noHooks } from './hooks.ts';
import type { RouteOptions } from './route-options.ts';

/** Every name that the options of a route may have: a schema under any other would check nothing, in silence. */
const ROUTE_OPTIONS: Names<RouteOptions> = {
  params: true,
  query: true,
  headers: true,
  cookies: true,
  body: true,
  response: true,
  responses: true,
  inject: true,
  use: true,
  bodyLimitBytes: true,
  summary: true,
  description: true,
  tags: true,
  deprecated: true,
  operationId: true,
  isHidden: true,
};
const SCHEMAS = ['params', 'query', 'headers', 'cookies', 'body', 'response'] as const;

/** Throws a RouteError for what is no route, where the compiler did not: in JavaScript, or behind a generic type. */
export function checkRoute(method: unknown, path: unknown, rest: readonly unknown[]): void {
  const refuse = (reason: string, remedy: string): never => {
    const place = callSite();
    const where = `${String(method)} ${shown(path)}${place === '' ? '' : ` at ${place}`}`;
    throw new RouteError({
      code: 'INVALID_ROUTE',
      problem: 'Route refused',
      reason,
      where,
      remedy,
    });
  };
  if (typeof method !== 'string') return refuse('its method is no text', "Write it like 'PURGE'");
  if (/[a-z]/.test(method)) {
    const reason = 'methods are case-sensitive (RFC 9110 §9.1), and all there are upper-case';
    refuse(reason, `Write ${method.toUpperCase()}`);
  }
  if (typeof path !== 'string') return refuse('its path is no text', "Write it like '/users/:id'");
  if (rest.length > 2 || (rest.length === 2 && typeof rest[0] === 'function')) {
    refuse('it has several handlers', 'Give middleware as { use: [...] } before the handler');
  }
  const handler = rest.at(-1);
  if (typeof handler !== 'function') {
    refuse(`its handler is ${shown(handler)}`, 'Give a function as the last argument');
  }
  if (rest.length === 2) checkRouteOptions(rest[0], refuse);
}

function checkRouteOptions(
  given: unknown,
  refuse: (reason: string, remedy: string) => never,
): void {
  if (typeof given !== 'object' || given === null) {
    return refuse(`its options are ${shown(given)}`, 'Give an object');
  }
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(ROUTE_OPTIONS, name));
  if (unknown !== undefined) {
    refuse(`there is no option ${unknown}`, namesInstead(unknown, ROUTE_OPTIONS));
  }
  const options = given as RouteOptions;
  const schemas: [string, unknown][] = [
    ...SCHEMAS.map((name): [string, unknown] => [name, options[name]]),
    ...Object.entries(options.responses ?? {}),
  ];
  const odd = schemas.find(([, schema]) => schema !== undefined && !isSchema(schema));
  if (odd !== undefined) {
    refuse(`${odd[0]} is no schema`, 'Give one that follows Standard Schema, of zod for instance');
  }
  if (options.bodyLimitBytes !== undefined) {
    checkAmount('options of a route', 'bodyLimitBytes', options.bodyLimitBytes);
  }
  if (options.use !== undefined && !Array.isArray(options.use)) {
    refuse('use is no list', 'Write use: [middleware]');
  }
}

/** Schemas may be functions, those of arktype are. */
function isSchema(value: unknown): boolean {
  const standard = (value as { readonly '~standard'?: { readonly validate?: unknown } } | null)?.[
    '~standard'
  ];
  return typeof standard?.validate === 'function';
}

/** Throws an OptionError for what is no middleware: it would do nothing, in silence. */
export function checkMiddleware(given: unknown): void {
  if (typeof given === 'function') return;
  if (typeof given !== 'object' || given === null) {
    const remedy = 'Give a function, or an object; paths are for group';
    throw new OptionError('use', `${shown(given)} is no middleware`, remedy);
  }
  const { handle, answer, done, setup } = given as Readonly<Record<string, unknown>>;
  if (typeof setup === 'function') {
    throw new OptionError('use', 'it was given a plugin', 'Give it to register');
  }
  if ([handle, answer, done].some((each) => typeof each === 'function')) return;
  const reason = 'an object without handle, answer and done does nothing';
  throw new OptionError('use', reason, 'Give one of these functions');
}

/** Throws an OptionError for a hook that nobody would call. */
export function checkHook(name: string, hook: unknown): void {
  const hooks = noHooks();
  if (!Object.hasOwn(hooks, name)) {
    throw new OptionError(
      'on',
      `there is no hook ${name}`,
      `There are ${Object.keys(hooks).join(', ')}`,
    );
  }
  if (typeof hook === 'function') return;
  throw new OptionError('on', `the hook ${name} is ${shown(hook)}`, 'Give a function');
}

export function checkPlugin(plugin: unknown): void {
  const setup = (plugin as { readonly setup?: unknown } | null | undefined)?.setup;
  if (typeof setup === 'function') return;
  const reason = `${shown(plugin)} is no plugin`;
  throw new OptionError('register', reason, 'Give { name, setup(scope, options) }');
}

export function checkPrefix(prefix: unknown): void {
  if (typeof prefix === 'string') return;
  throw new OptionError('group', `its prefix is ${shown(prefix)}`, "Write it like '/teams/:team'");
}

const SOCKET_HANDLERS = ['upgrade', 'open', 'message', 'drain', 'close', 'error'] as const;

/** Throws an OptionError for what would leave a client connected to nothing. */
export function checkSocket(path: unknown, options: unknown): void {
  const write = 'Write ws(path, { message(socket, message) {} })';
  if (typeof path !== 'string' || typeof options !== 'object' || options === null) {
    throw new OptionError('ws', 'it has no path or no options', write);
  }
  const where = `ws ${path}`;
  checkNames(where, options, SOCKET_OPTIONS);
  const given = SOCKET_HANDLERS.map((name) => [name, (options as Record<string, unknown>)[name]]);
  const handlers = given.filter(([, handler]) => handler !== undefined);
  for (const [name, handler] of handlers) {
    if (typeof handler === 'function') continue;
    throw new OptionError(where, `${String(name)} is ${shown(handler)}`, 'Give a function');
  }
  if (handlers.length > 0) return;
  const remedy = `${write}, or open() {} where clients only listen`;
  throw new OptionError(where, 'it has no handler, so that nothing would happen', remedy);
}
