// Made for each response: two fields, and everything else when it is asked for.
import type { FieldMap } from '@needletail/wire';
import type { Exchange } from '../send/layer.ts';
import type { HttpVersion, TransportResponse } from '../transport/transport.ts';
import type { ClientRequest } from './client-request.ts';
import { makeInspectable } from './inspectable.ts';
import { ResponseLinks } from './response-links.ts';

/** What is known of a response before its body. */
export class ResponseHead {
  readonly #exchange: Exchange;
  #links: ResponseLinks | null = null;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  get status(): number {
    return this.#exchange.response.status;
  }

  /** Empty over HTTP/2, which has none. */
  get reason(): string {
    return this.#exchange.response.reason;
  }

  /** Whether the status is from 200 to 299. */
  get ok(): boolean {
    const { status } = this.#exchange.response;
    return status >= 200 && status <= 299;
  }

  /** As received: Content-Encoding and Content-Length are those of the body on the wire. */
  get headers(): FieldMap {
    return this.#exchange.response.headers;
  }

  /** Null where there are none, and before the body has ended. */
  get trailers(): FieldMap | null {
    return this.#exchange.response.trailers;
  }

  /** 103 Early Hints and the like, which came first. */
  get interim(): TransportResponse['interim'] {
    return this.#exchange.response.interim;
  }

  get httpVersion(): HttpVersion {
    return this.#exchange.response.httpVersion;
  }

  /** As it was sent last: after redirects and authentication. */
  get request(): ClientRequest {
    return this.#exchange.request;
  }

  /** Where the response came from, with the fragment and without credentials. */
  get url(): string {
    const { url } = this.#exchange.request;
    return `${url.href}${url.fragment}`;
  }

  /** What the Link fields declare (RFC 8288): `response.links.get('next')?.url`. */
  get links(): ResponseLinks {
    this.#links ??= new ResponseLinks(this.headers.getAll('link'), this.request.url);
    return this.#links;
  }

  /** Whether it leads elsewhere: 301, 302, 303, 307 or 308 with a Location. */
  get isRedirect(): boolean {
    switch (this.status) {
      case 301:
      case 302:
      case 303:
      case 307:
      case 308:
        return this.headers.has('location');
      default:
        return false;
    }
  }
}

/** What is of interest in a log, without what grants access. */
makeInspectable(ResponseHead, (response) => {
  const { status, reason, url, httpVersion } = response;
  const headers = { ...response.headers.toObject() };
  if ('set-cookie' in headers) headers['set-cookie'] = '[secret]';
  return { status, reason, method: response.request.method, url, httpVersion, headers };
});
