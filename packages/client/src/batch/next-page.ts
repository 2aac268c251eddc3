import { InvalidRequestError, PaginationError } from '../errors.ts';
import { parseUrl } from '../model/request-url.ts';
import { ResponseLinks } from '../model/response-links.ts';
import { valueAt } from './json-path.ts';

/** What pagination needs of a response. */
export interface Page {
  readonly url: string;
  readonly request: { readonly url: { readonly origin: string } };
  readonly history: readonly Page[];
  readonly headers: { get(name: string): string | null; getAll(name: string): string[] };
  json(): unknown;
}

/**
 * Where the URL of the next page is: in the Link header (`rel="next"`, RFC 8288), at a path in the JSON (`meta.next`), in a
 * header of its own, or what a function says; null, an empty text or nothing there ends the pages.
 */
export type NextPage<P> =
  | 'link'
  | { readonly json: string }
  | { readonly header: string }
  | ((page: P) => string | URL | null | undefined | Promise<string | URL | null | undefined>);

/** The URL of the page after `page`, against which it is resolved; null after the last. */
export async function nextUrl<P extends Page>(
  page: P,
  strategy: NextPage<P>,
): Promise<string | null> {
  const found = await findNext(page, strategy);
  if (found === null || found === undefined || found === '') return null;
  if (typeof found !== 'string' && !(found instanceof URL)) {
    throw invalidPage(page, `its next page is given as ${JSON.stringify(found)}, which is no URL`);
  }
  try {
    return new URL(found, page.url).href;
  } catch (error) {
    throw invalidPage(page, `its next page ${JSON.stringify(found)} is no URL`, error);
  }
}

/** Throws unless there is a strategy that `nextUrl` knows. */
export function checkStrategy(strategy: unknown): void {
  const isKnown =
    strategy === 'link' ||
    typeof strategy === 'function' ||
    (typeof strategy === 'object' &&
      strategy !== null &&
      Object.entries(strategy).every(
        ([name, value]) => (name === 'json' || name === 'header') && typeof value === 'string',
      ) &&
      Object.keys(strategy).length === 1);
  if (isKnown) return;
  throw new InvalidRequestError({
    code: 'INVALID_OPTION',
    phase: 'build',
    problem: 'Pages cannot be followed',
    reason: strategy === undefined ? 'the option next is missing' : 'the option next is none known',
    remedy: "Give next: 'link', { json: 'path.to.url' }, { header: 'name' }, or a function",
  });
}

/** For a page that is not what the options say it is. */
export function invalidPage(page: Page, reason: string, cause?: unknown): PaginationError {
  return new PaginationError({
    code: 'INVALID_PAGE',
    phase: 'body',
    problem: 'Page not understood',
    reason,
    remedy: 'Compare what the server sends with the options next and records',
    url: page.url,
    cause,
  });
}

function findNext<P extends Page>(page: P, strategy: NextPage<P>): unknown {
  if (typeof strategy === 'function') return strategy(page);
  if (strategy === 'link') return nextLink(page, page.headers.getAll('link'));
  if ('json' in strategy) return valueAt(page.json(), strategy.json);
  const fields = page.headers.getAll(strategy.header);
  const isLink = fields.some((field) => field.startsWith('<'));
  return isLink ? nextLink(page, fields) : fields[0];
}

function nextLink(page: Page, fields: readonly string[]): string | undefined {
  return new ResponseLinks(fields, parseUrl(page.url)).get('next')?.url;
}
