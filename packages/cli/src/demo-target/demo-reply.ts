/**
 * Hot: `render` answers the common request (GET, HTTP/1.1, kept alive) from a string made once a second.
 * Allocates nothing then; the text is latin1 and may be joined with others and written in one call.
 * Guarded by the one-write cases of demo-target.test.ts.
 */
import { encodeResponseHead, hasResponseBody, type AnsweredRequest } from '@needletail/wire';

export const PLAIN_TEXT = 'text/plain; charset=utf-8';
export const JSON_TYPE = 'application/json';

/** A response whose body is known in advance, in ASCII. */
export class DemoReply {
  readonly status: number;
  readonly #body: string;
  readonly #headers: readonly (readonly [string, string])[];
  #cachedDate = '';
  #cached = '';

  constructor(
    status: number,
    body: string,
    contentType: string = PLAIN_TEXT,
    headers: readonly (readonly [string, string])[] = [],
  ) {
    this.status = status;
    this.#body = body;
    const isEmpty = !hasResponseBody(status, 'GET');
    this.#headers = isEmpty ? headers : [['Content-Type', contentType], ...headers];
  }

  /** Head and body; `date` is the value of the Date field. */
  render(request: AnsweredRequest, keepAlive: boolean, date: string): string {
    if (!keepAlive || request.minorVersion === 0 || request.method !== 'GET') {
      return this.#renderNew(request, keepAlive, date);
    }
    if (date !== this.#cachedDate) {
      this.#cachedDate = date;
      this.#cached = this.#renderNew(request, keepAlive, date);
    }
    return this.#cached;
  }

  #renderNew(request: AnsweredRequest, keepAlive: boolean, date: string): string {
    const hasBody = hasResponseBody(this.status, request.method);
    const hasLength = hasResponseBody(this.status, 'GET');
    const head = renderHead({
      status: this.status,
      headers: this.#headers,
      request,
      keepAlive,
      date,
      contentLength: hasLength ? this.#body.length : undefined,
    });
    return hasBody ? head + this.#body : head;
  }
}

export interface DemoHead {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly request: AnsweredRequest;
  readonly keepAlive: boolean;
  readonly date: string;
  /** Undefined for a chunked body, or for none. */
  readonly contentLength: number | undefined;
  readonly chunked?: boolean;
}

/** A head that says what becomes of the connection only where the default of the version would mislead. */
export function renderHead(head: DemoHead): string {
  const { status, headers, request, keepAlive, date, contentLength, chunked } = head;
  return encodeResponseHead({
    status,
    headers,
    request,
    date,
    contentLength,
    chunked,
    connection: keepAlive ? (request.minorVersion === 0 ? 'keep-alive' : undefined) : 'close',
  });
}
