import type { FieldMap } from '@needletail/wire';
import { WebSocketError } from './websocket-error.ts';
import type { OriginPolicy } from './websocket-options.ts';

/** Whether a page of `origin` may connect; null for a client that is no browser. */
export type OriginCheck<Context> = (
  origin: string | null,
  headers: FieldMap,
  c: Context,
) => boolean;

/** The check that a policy asks for; throws WebSocketError INVALID_OPTION for what cannot be an origin. */
export function originCheckOf<Context>(policy: OriginPolicy<Context>): OriginCheck<Context> {
  if (policy === 'any') return () => true;
  if (policy === 'same') {
    return (origin, headers) => origin === null || isSameHost(origin, headers.get('host') ?? '');
  }
  if (typeof policy === 'function') {
    return (origin, _headers, c) => origin === null || policy(origin, c);
  }
  const allowed = new Set(policy.map(checkedOrigin));
  return (origin) => origin === null || allowed.has(origin.toLowerCase());
}

function isSameHost(origin: string, host: string): boolean {
  const page = urlOf(origin);
  if (page === null || page.host === '') return false;
  // With the page's scheme, so that its default port may be written out or not.
  return urlOf(`${page.protocol}//${host}`)?.host === page.host;
}

function urlOf(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

function checkedOrigin(text: string): string {
  const url = urlOf(text);
  const origin = url === null ? '' : `${url.protocol}//${url.host}`;
  if (text === 'null' || (url?.host !== '' && text.toLowerCase() === origin)) {
    return text.toLowerCase();
  }
  throw new WebSocketError({
    code: 'INVALID_OPTION',
    problem: 'WebSocket not set up',
    reason: `${JSON.stringify(text)} is no origin`,
    where: 'origins',
    remedy: 'Give scheme and host, with the port unless it is the default: https://example.com',
  });
}
