import type { FieldValue } from '@needletail/wire';
import { PaginationError } from '../errors.ts';
import type { RequestOptions } from '../model/client-options.ts';
import { HeaderList, type HeadersInput } from '../model/header-list.ts';
import { checkedCount } from '../model/invalid-option.ts';
import { valueAt } from './json-path.ts';
import { checkStrategy, invalidPage, nextUrl, type NextPage, type Page } from './next-page.ts';

/** `params` and every other option of a request are those of the first page; later ones have their parameters in the URL. */
export interface PaginateOptions<P> extends RequestOptions {
  readonly next: NextPage<P>;
  /** Pages after which it ends, whether or not there are more; 100 unless set. See `isTruncated`. */
  readonly maxPages?: number;
}

/** Yields the members of a list in each page instead of the pages. */
export interface RecordOptions<P, Item> extends PaginateOptions<P> {
  /** Path of the list in the JSON (`data.items`), or a function that finds it. */
  readonly records: string | ((page: P) => Iterable<Item> | Promise<Iterable<Item>>);
}

/** What pagination needs of a client. */
export interface PageClient<P> {
  request(method: string, url: string, options?: RequestOptions): Promise<P>;
}

const DEFAULT_MAX_PAGES = 100;
/** What a request may carry that is meant for one origin only. */
const CREDENTIALS = ['authorization', 'proxy-authorization', 'cookie'];

/**
 * Follows pages from `url` on, one request at a time and only as they are asked for. Each `for await` starts again at the
 * first page. Throws PaginationError when a page leads back to one that was fetched, and when it is not as described.
 *
 * Where a page leads to another origin, the request goes there without credentials, as a redirect would.
 */
export function paginate<P extends Page, Item>(
  client: PageClient<P>,
  method: string,
  url: string | URL,
  options: RecordOptions<P, Item>,
): Paginator<P, Item>;
export function paginate<P extends Page>(
  client: PageClient<P>,
  method: string,
  url: string | URL,
  options: PaginateOptions<P>,
): Paginator<P, P>;
export function paginate<P extends Page, Item>(
  client: PageClient<P>,
  method: string,
  url: string | URL,
  options: PaginateOptions<P> & Partial<RecordOptions<P, Item>>,
): Paginator<P, P | Item> {
  return new Paginator(client, method, String(url), options);
}

/** Pages, or records, as they are asked for; `collect` for all of them at once. */
export class Paginator<P extends Page, Item> implements AsyncIterable<Item> {
  readonly #client: PageClient<P>;
  readonly #method: string;
  readonly #url: string;
  readonly #options: PaginateOptions<P> & Partial<RecordOptions<P, Item>>;
  readonly #maxPages: number;
  #pagesFetched = 0;
  #isTruncated = false;

  /** Use `paginate`. */
  constructor(
    client: PageClient<P>,
    method: string,
    url: string,
    options: PaginateOptions<P> & Partial<RecordOptions<P, Item>>,
  ) {
    checkStrategy((options as Partial<PaginateOptions<P>> | undefined)?.next);
    this.#client = client;
    this.#method = method;
    this.#url = url;
    this.#options = options;
    this.#maxPages = checkedCount('maxPages', options.maxPages ?? DEFAULT_MAX_PAGES, 1);
  }

  /** In the latest iteration. */
  get pagesFetched(): number {
    return this.#pagesFetched;
  }

  /** Whether the latest iteration ended at `maxPages` although there was a next page. */
  get isTruncated(): boolean {
    return this.#isTruncated;
  }

  async collect(): Promise<Item[]> {
    const items: Item[] = [];
    for await (const item of this) items.push(item);
    return items;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    const { records } = this.#options;
    for await (const page of this.#pages()) {
      if (records === undefined) yield page as unknown as Item;
      else yield* await recordsOf<P, Item>(page, records);
    }
  }

  async *#pages(): AsyncGenerator<P, void, undefined> {
    const { next, maxPages: _, records: __, ...first } = this.#options;
    const seen = new Set<string>();
    let options: RequestOptions = first;
    let url: string | null = this.#url;
    let origin: string | null = null;
    this.#pagesFetched = 0;
    this.#isTruncated = false;
    while (url !== null) {
      if (this.#pagesFetched === this.#maxPages) {
        this.#isTruncated = true;
        return;
      }
      const page: P = await this.#client.request(this.#method, url, options);
      this.#pagesFetched += 1;
      seen.add(url).add(withoutFragment(page.url));
      origin ??= askedOrigin(page);
      yield page;
      url = await nextUrl(page, next);
      if (url === null) return;
      url = withoutFragment(url);
      if (seen.has(url)) throw loop(page, url, this.#pagesFetched);
      options = optionsOfNext(first, new URL(url).origin === origin);
    }
  }
}

async function recordsOf<P extends Page, Item>(
  page: P,
  records: RecordOptions<P, Item>['records'],
): Promise<Iterable<Item>> {
  if (typeof records === 'function') return records(page);
  const found = valueAt(page.json(), records);
  if (Array.isArray(found)) return found as Item[];
  throw invalidPage(page, `there is no list at ${JSON.stringify(records)} in its JSON`);
}

/** The origin that the caller asked, whatever redirects came after. */
function askedOrigin(page: Page): string {
  return (page.history[0] ?? page).request.url.origin;
}

function optionsOfNext(first: RequestOptions, isSameOrigin: boolean): RequestOptions {
  const { params: _, ...rest } = first;
  if (isSameOrigin) return rest;
  const { cookies: __, auth: ___, headers, ...open } = rest;
  const kept: Record<string, FieldValue | null | undefined> = {};
  for (const [name, value] of fieldsOf(headers)) kept[name.toLowerCase()] = value;
  for (const name of CREDENTIALS) kept[name] = null;
  return { ...open, headers: kept, auth: null };
}

/** Each name once; null, which drops what the client has under it, stays null. */
function fieldsOf(
  headers: HeadersInput = {},
): Iterable<readonly [name: string, value: FieldValue | null | undefined]> {
  if (!(Symbol.iterator in headers)) return Object.entries(headers);
  const list = new HeaderList(headers);
  return [...list].map(([name]) => [name, list.getAll(name)] as const);
}

function withoutFragment(url: string): string {
  const hashAt = url.indexOf('#');
  return hashAt === -1 ? url : url.slice(0, hashAt);
}

function loop(page: Page, url: string, pages: number): PaginationError {
  return new PaginationError({
    code: 'PAGE_LOOP',
    phase: 'body',
    problem: 'Pages lead in a circle',
    reason: `page ${pages} names ${url} as the next, which was fetched before`,
    remedy: 'Check the option next; the server may repeat its last page',
    url: page.url,
  });
}
