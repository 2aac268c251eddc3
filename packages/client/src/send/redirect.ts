import {
  InvalidUrlError,
  RedirectError,
  RemoteProtocolError,
  withoutCredentials,
} from '../errors.ts';
import { requestWith, type ClientRequest } from '../model/client-request.ts';
import type { HeaderList } from '../model/header-list.ts';
import { parseUrl, resolveUrl, type RequestUrl } from '../model/request-url.ts';
import type { TransportResponse } from '../transport/transport.ts';
import type { Exchange, Layer, Send } from './layer.ts';
import { setAside } from './set-aside.ts';

/** What grants access, and the name of the host it was meant for (RFC 9110 §15.4). */
const OF_THE_ORIGIN = ['authorization', 'cookie', 'host', 'proxy-authorization'];
/** What describes a body (RFC 9110 §15.4, §8). */
const OF_THE_BODY = [
  'content-digest',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'digest',
  'last-modified',
  'repr-digest',
];

/**
 * Follows 301, 302, 303, 307 and 308 (RFC 9110 §15.4). POST becomes GET at 301 and 302, everything but HEAD at 303; else
 * method and body stay. Another origin gets no credentials, not even when the chain comes back.
 */
export function redirectLayer(allowDowngrade: boolean): Layer {
  return (request, next) => {
    const answer = next(request);
    if (!request.followRedirects) return answer;
    return answer.then((exchange) => afterRedirects(request, exchange, next, allowDowngrade));
  };
}

/** The answer at the end of the redirects that begin with this one; each hop goes through `next`. */
export function afterRedirects(
  request: ClientRequest,
  exchange: Exchange,
  next: Send,
  allowDowngrade: boolean,
): Exchange | Promise<Exchange> {
  if (!request.followRedirects || !isRedirect(exchange.response)) return exchange;
  return follow(request, exchange, next, allowDowngrade);
}

async function follow(
  first: ClientRequest,
  answer: Exchange,
  next: Send,
  allowDowngrade: boolean,
): Promise<Exchange> {
  let request = first;
  let exchange = answer;
  const history: Exchange[] = [];
  for (let hops = 1; isRedirect(exchange.response); hops += 1) {
    const redirect = setAside(exchange);
    if (hops > first.maxRedirects) throw tooMany(first);
    request = nextRequest(request, redirect.response, allowDowngrade);
    history.push(...redirect.history, { ...redirect, history: [] });
    exchange = await next(request);
  }
  return { ...exchange, history: [...history, ...exchange.history] };
}

/** Whether it leads elsewhere. */
export function isRedirect({ status, headers }: TransportResponse): boolean {
  switch (status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return headers.has('location');
    default:
      return false;
  }
}

function nextRequest(
  request: ClientRequest,
  response: TransportResponse,
  allowDowngrade: boolean,
): ClientRequest {
  const url = locationOf(request, response);
  const isDowngrade = request.url.scheme === 'https' && url.scheme === 'http';
  if (isDowngrade && !allowDowngrade) throw downgraded(request, url);
  const { method } = request;
  const becomesGet =
    response.status === 303
      ? method !== 'HEAD'
      : (response.status === 301 || response.status === 302) && method === 'POST';
  if (!becomesGet && request.body !== null && !request.body.isReplayable)
    throw notReplayable(request);
  const isTrusted = request.url.origin === url.origin || isUpgrade(request.url, url);
  const headers = request.headers.copy();
  if (becomesGet) drop(headers, OF_THE_BODY);
  if (!isTrusted) drop(headers, OF_THE_ORIGIN);
  return requestWith(request, {
    url,
    headers,
    ...(becomesGet ? { method: 'GET', body: null, expectContinue: false } : {}),
    ...(isTrusted ? {} : { auth: null }),
  });
}

/** The same host, now over TLS, both at their usual ports. */
function isUpgrade(from: RequestUrl, to: RequestUrl): boolean {
  return (
    from.hostname === to.hostname &&
    from.scheme === 'http' &&
    from.port === 80 &&
    to.scheme === 'https' &&
    to.port === 443
  );
}

/** Where to go; a fragment is passed on (RFC 9110 §10.2.2). Credentials in it are a server's, and not used. */
function locationOf(request: ClientRequest, { headers }: TransportResponse): RequestUrl {
  const [location = '', ...others] = headers.getAll('location');
  if (others.some((other) => other !== location)) {
    throw badLocation(request, 'the answer names several places to go to');
  }
  try {
    const url = resolveUrl(utf8Of(location), request.url);
    const fragment =
      url.fragment === '' && !location.includes('#') ? request.url.fragment : url.fragment;
    return parseUrl(`${url.href}${fragment}`);
  } catch (error) {
    if (!(error instanceof InvalidUrlError)) throw error;
    throw badLocation(
      request,
      `it leads to ${JSON.stringify(withoutCredentials(location).slice(0, 200))}`,
      error,
    );
  }
}

/** Field values are read as latin1; servers write UTF-8 in this one, which browsers take. */
function utf8Of(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return /^[\0-\x7f]*$/.test(text) ? text : Buffer.from(text, 'latin1').toString();
}

function drop(headers: HeaderList, names: readonly string[]): void {
  for (const name of names) headers.delete(name);
}

function badLocation(request: ClientRequest, reason: string, cause?: unknown): RemoteProtocolError {
  return new RemoteProtocolError({
    code: 'INVALID_REDIRECT',
    phase: 'redirect',
    problem: 'Redirect not followed',
    reason,
    remedy: 'See response.headers with followRedirects: false',
    method: request.method,
    url: request.url.href,
    cause,
  });
}

function tooMany(request: ClientRequest): RedirectError {
  const { maxRedirects, method, url } = request;
  return new RedirectError({
    code: 'TOO_MANY_REDIRECTS',
    phase: 'redirect',
    problem: 'Redirect not followed',
    reason: `${maxRedirects} were followed already`,
    remedy: 'Look for a loop, or raise maxRedirects',
    method,
    url: url.href,
  });
}

function downgraded(request: ClientRequest, url: RequestUrl): RedirectError {
  return new RedirectError({
    code: 'INSECURE_REDIRECT',
    phase: 'redirect',
    problem: 'Redirect not followed',
    reason: `it leads from https to ${url.href}`,
    remedy: 'Set allowDowngrade if that may go over the network in the clear',
    method: request.method,
    url: request.url.href,
  });
}

function notReplayable({ method, url }: ClientRequest): RedirectError {
  return new RedirectError({
    code: 'BODY_NOT_REPLAYABLE',
    phase: 'redirect',
    problem: 'Redirect not followed',
    reason: 'the body would have to be sent again, and it can be read once only',
    remedy: 'Give the body as a string, bytes or a Blob',
    method,
    url: url.href,
  });
}
