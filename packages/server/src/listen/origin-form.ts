import { authorityOf } from '@needletail/wire';

const SLASH = 0x2f;
const ASTERISK = '*';
const SCHEME = /^https?:\/\//i;
const PATH = /[/?]/;
const HOST_LINE = /\r\nhost:[^\r]*/i;

/** Path and query of a target in origin or absolute form (RFC 9112 §3.2); `*` stays. */
export function originForm(target: string): string {
  if (target.charCodeAt(0) === SLASH || target === ASTERISK) return target;
  const rest = target.replace(SCHEME, '');
  const at = rest.search(PATH);
  if (at === -1) return '/';
  return rest.charCodeAt(at) === SLASH ? rest.slice(at) : `/${rest.slice(at)}`;
}

/** The head with the authority of an absolute target as its Host, which counts instead of what the client sent (RFC 9112 §3.2.2). */
export function withHostOf(rawHead: string): string {
  const space = rawHead.indexOf(' ');
  if (rawHead.charCodeAt(space + 1) === SLASH) return rawHead;
  const method = rawHead.slice(0, space);
  const target = rawHead.slice(space + 1, rawHead.indexOf(' ', space + 1));
  const authority = authorityOf(method, target, null);
  if (authority === '') return rawHead;
  return HOST_LINE.test(rawHead)
    ? rawHead.replace(HOST_LINE, () => `\r\nHost: ${authority}`)
    : `${rawHead}\r\nHost: ${authority}`;
}
