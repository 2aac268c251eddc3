import { OptionError } from '../errors.ts';
import { checkNames, type Names } from '../listen/check-names.ts';
import { checkAmount, shown } from '../listen/check-options.ts';
import type { AppListenOptions, AppOptions } from './app.ts';

const APP_OPTIONS: Names<AppOptions<object>> = {
  state: true,
  trailingSlash: true,
  bodyLimitBytes: true,
  currentContext: true,
  notFound: true,
  onError: true,
};

const LISTEN_OPTIONS: Names<AppListenOptions> = {
  server: true,
  port: true,
  host: true,
  socketPath: true,
  socketMode: true,
  tls: true,
  workers: true,
  signals: true,
  graceMs: true,
  restarts: true,
  onStop: true,
  maxConnections: true,
  limits: true,
  timeouts: true,
  backlog: true,
  clock: true,
  onConnection: true,
  onRefusal: true,
};

const SLASHES: readonly unknown[] = [undefined, 'strict', 'ignore', 'redirect'];

/** Throws an OptionError for what TypeScript would refuse, and for limits that would limit nothing. */
export function checkAppOptions(options: {
  readonly bodyLimitBytes?: unknown;
  readonly trailingSlash?: unknown;
  readonly notFound?: unknown;
  readonly onError?: unknown;
}): void {
  const where = 'new App';
  if (typeof options !== 'object' || options === null) {
    throw new OptionError(where, `it was given ${shown(options)}`, 'Give an object, or nothing');
  }
  checkNames(where, options, APP_OPTIONS);
  const { bodyLimitBytes, trailingSlash, notFound, onError } = options;
  if (bodyLimitBytes !== undefined) checkAmount(where, 'bodyLimitBytes', bodyLimitBytes);
  if (!SLASHES.includes(trailingSlash)) {
    const reason = `trailingSlash is ${shown(trailingSlash)}`;
    throw new OptionError(where, reason, 'Give strict, ignore or redirect');
  }
  for (const [name, given] of Object.entries({ notFound, onError })) {
    if (given === undefined || typeof given === 'function') continue;
    throw new OptionError(where, `${name} is ${shown(given)}`, 'Give a function');
  }
}

/** Throws an OptionError for `listen(3000)`, which other servers take, and for names there are not. */
export function checkListenOptions(given: unknown): void {
  if (typeof given === 'object' && given !== null)
    return checkNames('listen', given, LISTEN_OPTIONS);
  throw new OptionError('listen', `it was given ${shown(given)}`, 'Write listen({ port: 3000 })');
}
