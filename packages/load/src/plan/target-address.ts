import { PlanError, quoted } from './errors.ts';

/** An http or https address taken apart, its path and query as written. */
export interface TargetAddress {
  /** `http://host:port`, the default port left out. */
  readonly origin: string;
  /** Path and query with their slots, beginning with `/`. */
  readonly target: string;
  /** Basic credentials (RFC 7617) from `user:password@`, null without. */
  readonly authorization: string | null;
}

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;

/**
 * Reads an address. Without a scheme it is http; credentials become a header, a fragment is dropped; other schemes,
 * hosts that are none and slots in the host are refused.
 */
export function parseAddress(text: string, where: string): TargetAddress {
  const fail = (cause: string, remedy: string): PlanError =>
    new PlanError({ code: 'PLAN_URL', problem: 'Not an address', cause, where, remedy });
  const example = 'Write it like http://localhost:3000/path.';
  const address = text.trim();
  if (address === '') throw fail('it is empty', example);
  const scheme = SCHEME.exec(address)?.[1].toLowerCase() ?? 'http';
  if (scheme !== 'http' && scheme !== 'https') {
    throw fail(`${scheme} is not spoken`, 'Use http or https.');
  }
  const rest = address.replace(SCHEME, '');
  const authority = /^[^/?#]*/.exec(rest)![0];
  const { hostPart, target } = splitSlot(authority, withoutFragment(rest.slice(authority.length)));
  if (hostPart.includes('{{')) {
    throw fail(
      'host and port cannot hold slots',
      'All requests of a run go to one place; vary the path.',
    );
  }
  const at = hostPart.lastIndexOf('@');
  const host = hostPart.slice(at + 1);
  if (host === '') throw fail(`${quoted(shown(address))} has no host`, example);
  if (/[\s\\<>"^`{|}]/.test(host)) throw fail(`${quoted(host)} is no host`, example);
  const url = parseOrNull(`${scheme}://${host}/`);
  if (url === null || url.port === '0') {
    const port = /:(\d+)$/.exec(host)?.[1];
    const isPort = port !== undefined && (Number(port) < 1 || Number(port) > 65_535);
    throw fail(
      isPort ? `port ${port} is not from 1 to 65535` : `${quoted(host)} is no host`,
      example,
    );
  }
  const authorization = at === -1 ? null : basic(hostPart.slice(0, at), fail);
  return { origin: `${scheme}://${url.host}`, target, authorization };
}

/** `http://host{{path}}`: the path itself is a slot. */
function splitSlot(authority: string, rest: string): { hostPart: string; target: string } {
  const pathSlot = /^([^{]*[^{:])(\{\{[^{}]*\}\})$/.exec(authority);
  if (pathSlot !== null) return { hostPart: pathSlot[1], target: `/${pathSlot[2]}${rest}` };
  return { hostPart: authority, target: rest.startsWith('/') ? rest : `/${rest}` };
}

function withoutFragment(target: string): string {
  // A # inside a slot belongs to the name of a column.
  return /^(?:[^#{]|\{\{[^}]*\}\}|\{)*/.exec(target)![0];
}

function basic(credentials: string, fail: (cause: string, remedy: string) => PlanError): string {
  try {
    const [user, ...password] = credentials.split(':');
    const decoded = `${decodeURIComponent(user)}:${decodeURIComponent(password.join(':'))}`;
    return `Basic ${Buffer.from(decoded, 'utf8').toString('base64')}`;
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw fail('its credentials hold a bad percent code', 'Write a % in a password as %25.');
  }
}

/** Never shows credentials. */
function shown(address: string): string {
  return address.replace(/\/\/[^/?#]*@/, '//');
}

function parseOrNull(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
