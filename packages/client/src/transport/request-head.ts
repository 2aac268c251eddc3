// Hot: a request like the last one to its URL costs three comparisons; headers of its own cost their encoding (70 ns each).
// Invariant: a shared HeaderList never changes (see ownHeaders), so its identity stands for its content.
// Guarded by bench/src/client-cpu.ts.
import { encodeFields, encodeRequestHead, type FieldValue } from '@needletail/wire';
import { InvalidRequestError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import type { HeaderList } from '../model/header-list.ts';
import type { RequestUrl } from '../model/request-url.ts';
import { explainEncode } from './explain.ts';
import { connectRefused } from './refusals.ts';

export interface HeadOptions {
  readonly form: 'origin' | 'absolute';
  /** For whoever is at the other end of the link. */
  readonly extraHeaders: HeaderList | null;
  /** Written when connections are not kept. */
  readonly connection: 'close' | undefined;
}

const LONGEST_BODY_BYTES = 1e15;

/** Writes the heads of requests to one URL and remembers the last. */
export class RequestHeads {
  readonly #url: RequestUrl;
  readonly #options: HeadOptions;
  #method: string | null = null;
  #headers: HeaderList | null = null;
  /** Everything before the framing fields, and the same as the whole head of a request without a body. */
  #opening = '';
  #bodiless = '';
  /** Request line, Host and Connection for `#startMethod`. */
  #start = '';
  #startMethod: string | null = null;

  constructor(url: RequestUrl, options: HeadOptions) {
    this.#url = url;
    this.#options = options;
  }

  /** The head up to the empty line, as latin1; throws InvalidRequestError and LocalProtocolError. */
  render(request: ClientRequest, expectsContinue: boolean): string {
    const { method, headers, body } = request;
    if (method !== this.#method || headers !== this.#headers || request.ownsHeaders) {
      if (request.ownsHeaders) return this.#finish(this.#open(request), request, expectsContinue);
      this.#opening = this.#open(request);
      this.#bodiless = this.#finish(this.#opening, { ...request, body: null }, false);
      this.#method = method;
      this.#headers = headers;
    }
    return body === null ? this.#bodiless : this.#finish(this.#opening, request, expectsContinue);
  }

  #open(request: ClientRequest): string {
    const { method, headers } = request;
    const { extraHeaders } = this.#options;
    if (method === 'CONNECT') throw connectRefused(request);
    try {
      const extra = extraHeaders === null ? '' : encodeFields(extraHeaders);
      const host = headers.get('host');
      if (host !== null) {
        return this.#startOf(method, host) + extra + encodeFields(withoutHost(headers));
      }
      if (method !== this.#startMethod) {
        this.#start = this.#startOf(method, this.#url.host);
        this.#startMethod = method;
      }
      return this.#start + extra + encodeFields(headers);
    } catch (error) {
      throw explainEncode(error, request);
    }
  }

  #startOf(method: string, host: string): string {
    const { target, href } = this.#url;
    const { form, connection } = this.#options;
    const head = encodeRequestHead({
      method,
      target: form === 'absolute' ? href : target,
      host,
      connection,
    });
    return head.slice(0, -2);
  }

  #finish(opening: string, request: ClientRequest, expectsContinue: boolean): string {
    const { method, body } = request;
    if (body === null) {
      // A server cannot tell a POST without a length from one whose body is to come (RFC 9110 §8.6).
      const isZeroSaid = method === 'POST' || method === 'PUT' || method === 'PATCH';
      return isZeroSaid ? `${opening}Content-Length: 0\r\n\r\n` : `${opening}\r\n`;
    }
    const expect = expectsContinue ? 'Expect: 100-continue\r\n' : '';
    if (body.length === null) return `${opening}${expect}Transfer-Encoding: chunked\r\n\r\n`;
    if (
      !(Number.isSafeInteger(body.length) && body.length >= 0 && body.length < LONGEST_BODY_BYTES)
    ) {
      throw lengthRefused(request, body.length);
    }
    return `${opening}${expect}Content-Length: ${body.length}\r\n\r\n`;
  }
}

function* withoutHost(headers: HeaderList): Generator<[string, FieldValue], undefined> {
  for (const field of headers) {
    if (field[0].toLowerCase() !== 'host') yield field;
  }
}

function lengthRefused({ method, url }: ClientRequest, length: number): InvalidRequestError {
  return new InvalidRequestError({
    code: 'INVALID_BODY',
    phase: 'build',
    problem: 'Request not sent',
    reason: `the length of its body is given as ${length}`,
    remedy: 'Give a whole number of bytes, or no length',
    method,
    url: url.href,
  });
}
