import { systemClock, type Clock } from '@needletail/wire';
import type { AuthFlow } from '../auth/auth-flow.ts';
import { basic } from '../auth/basic.ts';
import { resolveAuth } from '../auth/resolve-auth.ts';
import { CookieStore } from '../send/cookie-store.ts';
import { RateLimiter } from '../send/rate-limiter.ts';
import { resolveRetryPolicy } from '../send/resolve-retry-policy.ts';
import type { RetryPolicy } from '../send/retry-policy.ts';
import { parseUrlPattern } from '../transport/url-pattern.ts';
import type { Transport } from '../transport/transport.ts';
import type { ClientOptions, Hooks } from './client-options.ts';
import { clientVersion } from './client-version.ts';
import { cookieHeader } from './cookie-header.ts';
import { HeaderList } from './header-list.ts';
import {
  checkedBoolean,
  checkedCount,
  checkedNumber,
  checkNames,
  invalidOption,
} from './invalid-option.ts';
import { parseBaseUrl, type BaseUrl } from './join-url.ts';
import { encodeParams, joinQueries } from './params.ts';
import { resolveTimeouts } from './resolve-timeouts.ts';
import { DEFAULT_TIMEOUTS, type Timeouts } from './timeouts.ts';

const ACCEPT_ENCODING = 'gzip, deflate, br, zstd';
const DEFAULT_MAX_BODY_BYTES = 64 * 1024 * 1024;
const DEFAULT_MAX_REDIRECTS = 20;

/** Options as a client needs them at each request: checked, with defaults, in forms that cost nothing to use. */
export interface ClientSettings {
  readonly clock: Clock;
  readonly baseUrl: BaseUrl | null;
  /** Never changed: requests share it. */
  readonly headers: HeaderList;
  /** Encoded. */
  readonly params: string;
  readonly cookies: Readonly<Record<string, string>> | null;
  readonly auth: AuthFlow | null;
  readonly timeouts: Timeouts;
  readonly followRedirects: boolean;
  readonly maxRedirects: number;
  readonly allowDowngrade: boolean;
  readonly retry: RetryPolicy | null;
  readonly maxBodyBytes: number;
  readonly decompress: boolean;
  /** These three have a state, which an extended client shares. */
  readonly rateLimiter: RateLimiter | null;
  readonly cookieStore: CookieStore | null;
  readonly mounts: Readonly<Record<string, Transport | null>> | null;
  readonly hooks: Hooks | null;
  readonly traceContext: (() => string | undefined) | boolean;
}

const NAMES: ReadonlySet<string> = new Set<keyof ClientOptions>([
  'allowDowngrade',
  'auth',
  'baseUrl',
  'cookieJar',
  'cookies',
  'decompress',
  'followRedirects',
  'headers',
  'hooks',
  'http2',
  'limits',
  'maxBodyBytes',
  'maxRedirects',
  'mounts',
  'params',
  'proxy',
  'rateLimit',
  'retry',
  'socketPath',
  'timeout',
  'tls',
  'traceContext',
  'transport',
  'trustEnv',
]);

/** Throws InvalidRequestError for names there are none of and values that make no sense. */
export function createSettings(options: ClientOptions, clock: Clock = systemClock): ClientSettings {
  return extendSettings(originalSettings(clock), options);
}

/** `base` with what `options` says in its place: headers over those there, params and cookies added to them. */
export function extendSettings(base: ClientSettings, options: ClientOptions): ClientSettings {
  if (typeof options !== 'object' || options === null) {
    throw invalidOption('options', options, 'is no object', 'Give an object or nothing');
  }
  checkNames(options, NAMES, 'a client');
  const baseUrl = options.baseUrl === undefined ? base.baseUrl : parseBaseUrl(options.baseUrl);
  const decompress = pick('decompress', options.decompress, base.decompress, checkedBoolean);
  return {
    clock: base.clock,
    baseUrl,
    headers: headersOf(base, options, decompress),
    params:
      options.params === undefined
        ? base.params
        : joinQueries(base.params, encodeParams(options.params)),
    cookies: options.cookies === undefined ? base.cookies : addedCookies(base, options.cookies),
    auth: authOf(base, options, baseUrl),
    timeouts:
      options.timeout === undefined
        ? base.timeouts
        : resolveTimeouts(options.timeout, base.timeouts),
    followRedirects: pick(
      'followRedirects',
      options.followRedirects,
      base.followRedirects,
      checkedBoolean,
    ),
    maxRedirects: pick('maxRedirects', options.maxRedirects, base.maxRedirects, countFromZero),
    allowDowngrade: pick(
      'allowDowngrade',
      options.allowDowngrade,
      base.allowDowngrade,
      checkedBoolean,
    ),
    retry: options.retry === undefined ? base.retry : resolveRetryPolicy(options.retry, base.retry),
    maxBodyBytes: pick('maxBodyBytes', options.maxBodyBytes, base.maxBodyBytes, numberFromZero),
    decompress,
    rateLimiter: rateLimiterOf(base, options),
    cookieStore: cookieStoreOf(base, options),
    mounts: options.mounts === undefined ? base.mounts : checkedMounts(options.mounts),
    hooks: options.hooks === undefined ? base.hooks : checkedHooks(options.hooks),
    traceContext: traceContextOf(base, options),
  };
}

function originalSettings(clock: Clock): ClientSettings {
  return {
    clock,
    baseUrl: null,
    headers: new HeaderList([
      ['Accept', '*/*'],
      ['Accept-Encoding', ACCEPT_ENCODING],
      ['User-Agent', `needletail/${clientVersion()}`],
    ]),
    params: '',
    cookies: null,
    auth: null,
    timeouts: DEFAULT_TIMEOUTS,
    followRedirects: true,
    maxRedirects: DEFAULT_MAX_REDIRECTS,
    allowDowngrade: false,
    retry: null,
    maxBodyBytes: DEFAULT_MAX_BODY_BYTES,
    decompress: true,
    rateLimiter: null,
    cookieStore: new CookieStore(),
    mounts: null,
    hooks: null,
    traceContext: false,
  };
}

function headersOf(
  base: ClientSettings,
  { headers }: ClientOptions,
  decompress: boolean,
): HeaderList {
  if (headers === undefined && decompress === base.decompress) return base.headers;
  const list = base.headers.copy();
  if (decompress !== base.decompress) offerCodings(list, decompress);
  if (headers !== undefined) list.override(headers);
  return list;
}

/** Asks for codings that will be undone, or no longer does; a choice that the user made stays. */
export function offerCodings(headers: HeaderList, decompress: boolean): void {
  if (!decompress) {
    if (headers.get('accept-encoding') === ACCEPT_ENCODING) headers.delete('accept-encoding');
  } else if (!headers.has('accept-encoding')) headers.append('Accept-Encoding', ACCEPT_ENCODING);
}

function addedCookies(
  base: ClientSettings,
  cookies: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  cookieHeader(cookies);
  return { ...base.cookies, ...cookies };
}

function authOf(
  base: ClientSettings,
  { auth, baseUrl }: ClientOptions,
  url: BaseUrl | null,
): AuthFlow | null {
  if (auth !== undefined) return auth === null ? null : resolveAuth(auth);
  const isInUrl = baseUrl !== undefined && url !== null && `${url.username}${url.password}` !== '';
  return isInUrl ? basic(url.username, url.password) : base.auth;
}

function rateLimiterOf(base: ClientSettings, { rateLimit }: ClientOptions): RateLimiter | null {
  if (rateLimit === undefined) return base.rateLimiter;
  if (typeof rateLimit !== 'object' || rateLimit === null) {
    const remedy = 'Give { requestsPerSecond }';
    throw invalidOption('rateLimit', rateLimit, 'is no object', remedy);
  }
  checkNames(rateLimit, new Set(['requestsPerSecond', 'burst']), 'rateLimit');
  const { requestsPerSecond, burst = 1 } = rateLimit;
  if (!(requestsPerSecond > 0 && Number.isFinite(requestsPerSecond))) {
    const remedy = 'Give requests per second, above zero';
    throw invalidOption('rateLimit.requestsPerSecond', requestsPerSecond, 'is no rate', remedy);
  }
  return new RateLimiter(requestsPerSecond, checkedCount('rateLimit.burst', burst, 1), base.clock);
}

function cookieStoreOf(base: ClientSettings, { cookieJar }: ClientOptions): CookieStore | null {
  if (cookieJar === undefined) return base.cookieStore;
  return checkedBoolean('cookieJar', cookieJar) ? new CookieStore() : null;
}

function traceContextOf(
  base: ClientSettings,
  { traceContext = base.traceContext }: ClientOptions,
): ClientSettings['traceContext'] {
  if (typeof traceContext === 'boolean' || typeof traceContext === 'function') return traceContext;
  const remedy = 'Give true, false, or a function that gives the header';
  throw invalidOption('traceContext', traceContext, 'is no choice', remedy);
}

function checkedMounts(
  mounts: Readonly<Record<string, Transport | null>>,
): Readonly<Record<string, Transport | null>> {
  if (typeof mounts !== 'object' || mounts === null) {
    throw invalidOption('mounts', mounts, 'is no object', 'Give transports by URL pattern');
  }
  const patterns = Object.keys(mounts);
  for (const pattern of patterns) {
    parseUrlPattern(pattern);
    const transport: Partial<Transport> | null | undefined = mounts[pattern];
    if (transport === null || typeof transport?.send === 'function') continue;
    throw invalidOption(
      `mounts['${pattern}']`,
      transport,
      'has no method send',
      'Give a Transport',
    );
  }
  // A copy, because what is mounted is looked up in a table made once.
  return { ...mounts };
}

function checkedHooks(hooks: Hooks): Hooks {
  if (typeof hooks !== 'object' || hooks === null) {
    throw invalidOption('hooks', hooks, 'is no object', 'Give { request, response }');
  }
  checkNames(hooks, new Set(['request', 'response']), 'hooks');
  for (const [name, hook] of Object.entries(hooks)) {
    if (hook === undefined || typeof hook === 'function') continue;
    throw invalidOption(`hooks.${name}`, hook, 'is no function', 'Give one');
  }
  return hooks;
}

function countFromZero(name: string, value: unknown): number {
  return checkedCount(name, value, 0);
}

function numberFromZero(name: string, value: unknown): number {
  return checkedNumber(name, value, 0);
}

function pick<T>(
  name: string,
  given: T | undefined,
  base: T,
  check: (name: string, value: unknown) => T,
): T {
  return given === undefined ? base : check(name, given);
}
