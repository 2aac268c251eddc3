// Hot: a plain GET allocates the request and nothing else; its headers are those of the client, shared.
// Guarded by bench/src/client-cpu.ts.
import type { AuthFlow } from '../auth/auth-flow.ts';
import { basic } from '../auth/basic.ts';
import { resolveAuth } from '../auth/resolve-auth.ts';
import { makeBody } from '../body/make-body.ts';
import type { RequestBody } from '../body/request-body.ts';
import { resolveRetryPolicy } from '../send/resolve-retry-policy.ts';
import type { RequestOptions } from './client-options.ts';
import type { ClientRequest } from './client-request.ts';
import { offerCodings, type ClientSettings } from './client-settings.ts';
import { cookieHeader, joinCookieHeaders } from './cookie-header.ts';
import type { HeaderList } from './header-list.ts';
import {
  checkedBoolean,
  checkedCount,
  checkedNumber,
  checkNames,
  invalidOption,
} from './invalid-option.ts';
import { joinUrl, urlBehind } from './join-url.ts';
import { appendQuery, encodeParams, joinQueries } from './params.ts';
import { parseUrl, type RequestUrl } from './request-url.ts';
import { resolveTimeouts } from './resolve-timeouts.ts';
import { expectManyListeners } from './shared-signal.ts';

const NONE: RequestOptions = {};
const JSON_TYPE = 'application/json';

const NAMES: ReadonlySet<string> = new Set<keyof RequestOptions>([
  'auth',
  'body',
  'cookies',
  'decompress',
  'expectContinue',
  'followRedirects',
  'form',
  'headers',
  'json',
  'maxBodyBytes',
  'maxRedirects',
  'multipart',
  'name',
  'onUploadProgress',
  'params',
  'retry',
  'signal',
  'timeout',
]);

/** Methods that are meant whatever the letter case, as in fetch; others are sent as they are written. */
const USUAL_METHODS: ReadonlyMap<string, string> = new Map(
  ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE', 'PATCH'].flatMap((name) => [
    [name, name],
    [name.toLowerCase(), name],
  ]),
);

/** Lists of clients with the Content-Type of JSON behind, so that these requests share one too. */
const listsForJson = new WeakMap<HeaderList, HeaderList>();

/** The request that `options` describe on top of `settings`; throws InvalidUrlError and InvalidRequestError. */
export function buildRequest(
  settings: ClientSettings,
  method: string,
  url: string | URL,
  options: RequestOptions | undefined,
  isStreaming: boolean,
): ClientRequest {
  const given = options ?? NONE;
  if (given !== NONE) checkOptions(given);
  const target = urlOf(settings, url, given);
  const { timeout, maxBodyBytes } = given;
  const fields = headersOf(settings, target, given);
  const body = given === NONE ? null : makeBody(given, fields.headers);
  if (body !== null) describe(body, fields);
  return {
    method: methodOf(method),
    url: target,
    headers: fields.headers,
    ownsHeaders: fields.ownsHeaders,
    body,
    auth: authOf(settings, target, given),
    timeouts:
      timeout === undefined ? settings.timeouts : resolveTimeouts(timeout, settings.timeouts),
    signal: given.signal ?? null,
    followRedirects: given.followRedirects ?? settings.followRedirects,
    maxRedirects: given.maxRedirects ?? settings.maxRedirects,
    retry:
      given.retry === undefined ? settings.retry : resolveRetryPolicy(given.retry, settings.retry),
    isStreaming,
    maxBodyBytes: isStreaming
      ? (maxBodyBytes ?? Infinity)
      : (maxBodyBytes ?? settings.maxBodyBytes),
    decompress: given.decompress ?? settings.decompress,
    expectContinue: given.expectContinue ?? false,
    onUploadProgress: given.onUploadProgress ?? null,
    startedAtMs: settings.clock.now(),
    name: given.name ?? null,
    watch: null,
  };
}

function methodOf(method: string): string {
  return USUAL_METHODS.get(method) ?? USUAL_METHODS.get(method.toLowerCase()) ?? method;
}

function checkOptions(options: RequestOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw invalidOption('options', options, 'is no object', 'Give an object or nothing');
  }
  checkNames(options, NAMES, 'a request');
  const { signal, followRedirects, maxRedirects, maxBodyBytes, decompress } = options;
  const { expectContinue, onUploadProgress, name } = options;
  if (signal !== undefined) {
    if (!(signal instanceof AbortSignal)) {
      throw invalidOption('signal', signal, 'is no AbortSignal', 'Give controller.signal');
    }
    expectManyListeners(signal);
  }
  if (followRedirects !== undefined) checkedBoolean('followRedirects', followRedirects);
  if (maxRedirects !== undefined) checkedCount('maxRedirects', maxRedirects, 0);
  if (maxBodyBytes !== undefined) checkedNumber('maxBodyBytes', maxBodyBytes, 0);
  if (decompress !== undefined) checkedBoolean('decompress', decompress);
  if (expectContinue !== undefined) checkedBoolean('expectContinue', expectContinue);
  if (onUploadProgress !== undefined && typeof onUploadProgress !== 'function') {
    throw invalidOption('onUploadProgress', onUploadProgress, 'is no function', 'Give one');
  }
  if (name !== undefined && (typeof name !== 'string' || name === '')) {
    throw invalidOption('name', name, 'is no name', 'Give text, or nothing');
  }
}

function urlOf(
  settings: ClientSettings,
  url: string | URL,
  { params }: RequestOptions,
): RequestUrl {
  const reference = typeof url === 'string' ? url : String(url);
  if (params === undefined && settings.params === '') return urlBehind(reference, settings.baseUrl);
  const text = joinUrl(reference, settings.baseUrl);
  const query = params === undefined ? '' : encodeParams(params);
  return parseUrl(appendQuery(text, joinQueries(settings.params, query)));
}

/** The nearest one: what the call says, what its URL says, what the client has. */
function authOf(
  settings: ClientSettings,
  url: RequestUrl,
  { auth }: RequestOptions,
): AuthFlow | null {
  if (auth !== undefined) return auth === null ? null : resolveAuth(auth);
  const { username, password } = url;
  return username === '' && password === '' ? settings.auth : basic(username, password);
}

interface Fields {
  headers: HeaderList;
  ownsHeaders: boolean;
}

function headersOf(settings: ClientSettings, url: RequestUrl, options: RequestOptions): Fields {
  const { headers, cookies, decompress = settings.decompress } = options;
  const cookie = cookiesFor(settings, url, cookies);
  if (headers === undefined && cookie === '' && decompress === settings.decompress) {
    return { headers: settings.headers, ownsHeaders: false };
  }
  const list = settings.headers.copy();
  if (decompress !== settings.decompress) offerCodings(list, decompress);
  if (headers !== undefined) list.override(headers);
  if (cookie !== '')
    list.set('Cookie', joinCookieHeaders(cookie, list.getAll('cookie').join('; ')));
  return { headers: list, ownsHeaders: true };
}

/** The cookies of a client with a base URL are for that origin: a URL that leads elsewhere does not take them along. */
function cookiesFor(
  { cookies, baseUrl }: ClientSettings,
  url: RequestUrl,
  given: RequestOptions['cookies'],
): string {
  const isTheirs = cookies !== null && (baseUrl === null || baseUrl.origin === url.origin);
  if (!isTheirs) return given === undefined ? '' : cookieHeader(given);
  return cookieHeader(given === undefined ? cookies : { ...cookies, ...given });
}

/** Says what the body is, unless the headers do. */
function describe(body: RequestBody, fields: Fields): void {
  const { contentType } = body;
  if (contentType === null || fields.headers.has('content-type')) return;
  if (fields.ownsHeaders) {
    fields.headers.append('Content-Type', contentType);
    return;
  }
  const isJson = contentType === JSON_TYPE;
  const known = isJson ? listsForJson.get(fields.headers) : undefined;
  const list = known ?? fields.headers.copy();
  if (known === undefined) {
    list.append('Content-Type', contentType);
    if (isJson) listsForJson.set(fields.headers, list);
  }
  fields.headers = list;
  fields.ownsHeaders = !isJson;
}
