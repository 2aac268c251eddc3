import { ServerError } from '../errors.ts';

/** Attributes of a Set-Cookie field (RFC 6265bis §4.1.2). */
export interface CookieOptions {
  readonly domain?: string;
  readonly path?: string;
  /** Whole seconds; 0 or less deletes the cookie. Browsers keep none for longer than 400 days. */
  readonly maxAgeSeconds?: number;
  readonly expires?: Date;
  readonly httpOnly?: boolean;
  readonly secure?: boolean;
  readonly sameSite?: 'strict' | 'lax' | 'none';
  /** Kept apart for each top-level site (CHIPS); needs `secure`. */
  readonly partitioned?: boolean;
  readonly priority?: 'low' | 'medium' | 'high';
}

/** A cookie that browsers would refuse, or that would be another than was meant. */
export class CookieError extends ServerError {
  override readonly name = 'CookieError';

  constructor(reason: string, where: string, remedy: string) {
    super({ code: 'INVALID_COOKIE', problem: 'Cookie not set', reason, where, remedy });
  }
}

/** token (RFC 9110 §5.6.2). */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** cookie-octet (RFC 6265bis §4.1.1): no controls, space, quote, comma, semicolon, backslash. */
const VALUE = /^[!#-+\--:<-[\]-~]*$/;
/** av-octet: no controls, no semicolon. */
const PATH = /^\/[ -:<-~]*$/;
const DOMAIN = /^\.?[0-9A-Za-z-]{1,63}(?:\.[0-9A-Za-z-]{1,63}){0,126}$/;
/** RFC 6265bis §5.6: browsers ignore longer ones. */
const MOST_COOKIE_BYTES = 4096;
const MOST_ATTRIBUTE_BYTES = 1024;

const SAME_SITE = { strict: 'Strict', lax: 'Lax', none: 'None' } as const;
const PRIORITY = { low: 'Low', medium: 'Medium', high: 'High' } as const;

/**
 * The value of a Set-Cookie field. Throws CookieError for names, values and attributes that could say something else than
 * was meant, or that browsers refuse: what the prefixes `__Host-`, `__Secure-` and `__Http-` ask for, SameSite=None or
 * Partitioned without Secure, more than 4,096 bytes.
 */
export function encodeCookie(name: string, value: string, options: CookieOptions = {}): string {
  checkPair(name, value);
  checkAttributes(name, options);
  checkPrefix(name, options);
  const { domain, path, maxAgeSeconds, expires, sameSite, priority } = options;
  let text = `${name}=${value}`;
  if (domain !== undefined) text += `; Domain=${domain}`;
  if (path !== undefined) text += `; Path=${path}`;
  if (maxAgeSeconds !== undefined) text += `; Max-Age=${maxAgeSeconds}`;
  if (expires !== undefined) text += `; Expires=${expires.toUTCString()}`;
  if (options.httpOnly === true) text += '; HttpOnly';
  if (options.secure === true) text += '; Secure';
  if (sameSite !== undefined) text += `; SameSite=${SAME_SITE[sameSite]}`;
  if (options.partitioned === true) text += '; Partitioned';
  if (priority !== undefined) text += `; Priority=${PRIORITY[priority]}`;
  return text;
}

function checkPair(name: string, value: string): void {
  if (!NAME.test(name)) {
    const remedy = "Use letters, digits and !#$%&'*+-.^_`|~";
    throw new CookieError('its name holds something else than a token', shown(name), remedy);
  }
  if (!VALUE.test(value)) {
    const remedy =
      'Encode it, with encodeURIComponent or as base64url, and decode it where it is read';
    throw new CookieError('its value holds characters a cookie cannot', shown(name), remedy);
  }
  if (name.length + value.length > MOST_COOKIE_BYTES) {
    const remedy = 'Keep the data on the server, and a key to it in the cookie';
    throw new CookieError(
      `browsers ignore more than ${MOST_COOKIE_BYTES} bytes`,
      shown(name),
      remedy,
    );
  }
}

function checkAttributes(name: string, options: CookieOptions): void {
  const { domain, path, maxAgeSeconds, expires, sameSite, priority } = options;
  const refuse = (attribute: string, remedy: string): never => {
    throw new CookieError(`its ${attribute} is invalid`, shown(name), remedy);
  };
  if (domain !== undefined && (!DOMAIN.test(domain) || domain.length > 254)) {
    refuse('domain', 'Use a host name without port; an international one in its ASCII form');
  }
  if (path !== undefined && (!PATH.test(path) || path.length > MOST_ATTRIBUTE_BYTES)) {
    refuse('path', 'Begin it with a slash, and use visible ASCII without semicolons');
  }
  if (maxAgeSeconds !== undefined && !Number.isSafeInteger(maxAgeSeconds)) {
    refuse('maxAgeSeconds', 'Use whole seconds');
  }
  if (expires !== undefined && Number.isNaN(expires.getTime())) {
    refuse('expires', 'Use a valid Date');
  }
  if (sameSite !== undefined && !Object.hasOwn(SAME_SITE, sameSite)) {
    refuse('sameSite', 'Use strict, lax or none');
  }
  if (priority !== undefined && !Object.hasOwn(PRIORITY, priority)) {
    refuse('priority', 'Use low, medium or high');
  }
  if (options.secure === true) return;
  if (sameSite === 'none') refuse('sameSite', 'Browsers want secure: true with none');
  if (options.partitioned === true) refuse('partitioned', 'Browsers want secure: true with it');
}

/** RFC 6265bis §4.1.3; browsers compare prefixes in any letter case. */
function checkPrefix(name: string, options: CookieOptions): void {
  const lower = name.toLowerCase();
  if (!lower.startsWith('__')) return;
  const isHost = lower.startsWith('__host-');
  const isHttp = lower.startsWith('__http-') || lower.startsWith('__host-http-');
  if (!isHost && !isHttp && !lower.startsWith('__secure-')) return;
  const missing: string[] = [];
  if (options.secure !== true) missing.push('secure: true');
  if (isHttp && options.httpOnly !== true) missing.push('httpOnly: true');
  if (isHost && options.path !== '/') missing.push("path: '/'");
  if (isHost && options.domain !== undefined) missing.push('no domain');
  if (missing.length === 0) return;
  throw new CookieError('its prefix asks for more', shown(name), `Set ${missing.join(', ')}`);
}

/** Names are code, not secrets; still, only what is harmless in a log. */
function shown(name: string): string {
  return JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
}
