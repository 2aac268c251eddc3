import type { CookieJar } from 'tough-cookie';
import { InvalidRequestError } from '../errors.ts';
import { parseUrl } from '../model/request-url.ts';
import { checkedCookies, toStored, type StoredCookie } from './stored-cookie.ts';

/** Name, value and attributes together; RFC 6265bis §5.6 has a client ignore what is longer. */
const LONGEST_BYTES = 8192;
/** RFC 6265 §6.1 asks for 3000 at least; those unused for longest go first. */
const MOST_COOKIES = 3000;

/**
 * The cookies of a client: which server set them, and where they may be sent (RFC 6265, with the public suffixes that
 * nobody may set cookies for). The library that knows the rules is loaded when the first cookie comes: a client that
 * never sees one does not pay.
 */
export class CookieStore {
  #jar: CookieJar | null = null;
  #loading: Promise<CookieJar> | null = null;
  /** At least as many as there are. */
  #count = 0;

  /** Whether there may be any cookies. */
  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** The value that a request to `url` would carry under that name, or null. Throws InvalidUrlError. */
  get(name: string, url: string): string | null {
    return this.all(url).find((cookie) => cookie.name === name)?.value ?? null;
  }

  /** Those that a request to `url` would carry, in that order; without `url` every one. Throws InvalidUrlError. */
  all(url?: string): StoredCookie[] {
    const jar = this.#jar;
    if (url !== undefined) {
      const { href } = parseUrl(url);
      return jar === null ? [] : jar.getCookiesSync(href).map(toStored);
    }
    return jar === null ? [] : listOf(jar).map(toStored);
  }

  /**
   * Keeps `setCookie`, written as in a Set-Cookie field (`id=7; Path=/; Secure`), as if `url` had sent it. Rejects
   * InvalidRequestError where a server would be ignored: not for that host, for a public suffix, malformed.
   */
  async set(setCookie: string, url: string): Promise<void> {
    const { href } = parseUrl(url);
    const jar = await this.#load();
    try {
      if (setCookie.length > LONGEST_BYTES) throw new Error(`longer than ${LONGEST_BYTES} bytes`);
      if (jar.setCookieSync(setCookie, href) === undefined) throw new Error('malformed');
    } catch (error) {
      throw new InvalidRequestError({
        code: 'INVALID_OPTION',
        phase: 'build',
        problem: 'Cookie not kept',
        reason: (error as Error).message,
        remedy: 'Write it as in Set-Cookie, for the host of the URL',
        url,
        cause: error,
      });
    }
    this.#grew(jar, 1);
  }

  clear(): void {
    this.#jar?.removeAllCookiesSync();
    this.#count = 0;
  }

  /** What `restore` takes: cookies are credentials, so treat the file they go to as a secret. */
  toJSON(): readonly StoredCookie[] {
    return this.all();
  }

  /** Adds what `toJSON` gave, parsed or as text. Rejects InvalidRequestError for anything else. */
  async restore(saved: unknown): Promise<void> {
    const cookies = checkedCookies(saved);
    if (cookies.length === 0) return;
    const { Cookie } = await import('tough-cookie');
    const jar = await this.#load();
    for (const { name, value, sameSite, expires, ...others } of cookies) {
      const cookie = new Cookie({
        ...others,
        key: name,
        value,
        expires: expires === null ? 'Infinity' : new Date(expires),
        sameSite: sameSite ?? undefined,
      });
      // Straight to the store: that the host may set it was found when it came.
      jar.store.putCookie(cookie, throwError);
    }
    this.#grew(jar, cookies.length);
  }

  /** The value of a Cookie field for `href`, or empty. */
  headerFor(href: string): string {
    return this.#jar === null ? '' : this.#jar.getCookieStringSync(href);
  }

  /**
   * Keeps what a server sent, and ignores what it may not set or nobody can read (RFC 6265 §5.3). Null when that is done,
   * a promise while the library is loaded.
   */
  receive(setCookies: readonly string[], href: string): Promise<void> | null {
    if (this.#jar === null) return this.#load().then((jar) => this.#keep(jar, setCookies, href));
    this.#keep(this.#jar, setCookies, href);
    return null;
  }

  #keep(jar: CookieJar, setCookies: readonly string[], href: string): void {
    for (const setCookie of setCookies) {
      if (setCookie.length > LONGEST_BYTES) continue;
      if (jar.setCookieSync(setCookie, href, { ignoreError: true }) !== undefined)
        this.#grew(jar, 1);
    }
  }

  #load(): Promise<CookieJar> {
    this.#loading ??= import('tough-cookie').then((library) => {
      this.#jar = new library.CookieJar();
      return this.#jar;
    });
    return this.#loading;
  }

  /** Counts without looking, since one may have replaced another; looks when there seem to be too many. */
  #grew(jar: CookieJar, added: number): void {
    this.#count += added;
    if (this.#count <= MOST_COOKIES) return;
    const now = Date.now();
    const cookies = listOf(jar);
    const kept = cookies
      .filter((cookie) => cookie.TTL(now) > 0)
      .toSorted((a, b) => lastUse(b) - lastUse(a))
      // Room for some more, so that the next one does not look again.
      .slice(0, MOST_COOKIES - MOST_COOKIES / 10);
    const keep = new Set(kept);
    for (const cookie of cookies) {
      if (keep.has(cookie)) continue;
      jar.store.removeCookie(cookie.domain, cookie.path, cookie.key, throwError);
    }
    this.#count = kept.length;
  }
}

type StoreCookie = ReturnType<CookieJar['getCookiesSync']>[number];

/** The store in memory calls back before it returns. */
function listOf(jar: CookieJar): StoreCookie[] {
  let cookies: StoreCookie[] = [];
  jar.store.getAllCookies((error, all) => {
    throwError(error);
    cookies = all ?? [];
  });
  return cookies;
}

function lastUse({ lastAccessed }: StoreCookie): number {
  return lastAccessed instanceof Date ? lastAccessed.getTime() : 0;
}

function throwError(error: Error | null): void {
  if (error !== null) throw error;
}
