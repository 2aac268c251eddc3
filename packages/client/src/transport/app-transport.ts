import { systemClock, type Clock } from '@needletail/wire';
import { LocalProtocolError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { transportClosed } from './closed-transport.ts';
import { toTransportResponse } from './made-response.ts';
import { checkFields, sentPieces } from './sent-body.ts';
import { appFailed, PulledBody } from './pulled-body.ts';
import type { Transport, TransportResponse } from './transport.ts';
import { NO_BYTES } from './wire-response.ts';
import { withinLimits } from './within-limits.ts';

/** An application in the form that Hono, h3, Deno, Bun and service workers share. */
export type FetchApp =
  | ((request: Request) => Response | Promise<Response>)
  | { fetch(request: Request): Response | Promise<Response> };

/**
 * Hands requests to an application in this process, without a socket. Bodies are streamed both ways. The signal of the
 * `Request` is aborted when the caller aborts, times out, or leaves the body; what the application throws is the cause of an
 * AppError.
 */
export function appTransport(app: FetchApp, options: { readonly clock?: Clock } = {}): Transport {
  return new AppTransport(app, options.clock ?? systemClock);
}

class AppTransport implements Transport {
  readonly #handle: (request: Request) => Response | Promise<Response>;
  readonly #clock: Clock;
  readonly #open = new Set<AbortController>();
  #isClosed = false;

  constructor(app: FetchApp, clock: Clock) {
    this.#handle = typeof app === 'function' ? app : (request) => app.fetch(request);
    this.#clock = clock;
  }

  async send(request: ClientRequest): Promise<TransportResponse> {
    if (this.#isClosed) throw transportClosed(request);
    const controller = new AbortController();
    const give = (): void => void this.#open.delete(controller);
    this.#open.add(controller);
    try {
      checkFields(request);
      const asked = toRequest(request, controller.signal);
      const answering = this.#ask(asked, request);
      const response = await withinLimits(answering, request, this.#clock, 0);
      return this.#toResponse(response, request, controller, give);
    } catch (error) {
      give();
      controller.abort(error);
      throw error;
    }
  }

  close(): Promise<void> {
    this.#isClosed = true;
    for (const controller of this.#open) controller.abort(new Error('the transport was closed'));
    return Promise.resolve();
  }

  async #ask(asked: Request, request: ClientRequest): Promise<Response> {
    let response: Response;
    try {
      response = await this.#handle(asked);
    } catch (error) {
      throw appFailed(error, request, 'head');
    }
    if (response instanceof Response) return response;
    throw appFailed(new TypeError('the application gave no Response'), request, 'head');
  }

  #toResponse(
    { status, statusText: reason, headers, body }: Response,
    request: ClientRequest,
    controller: AbortController,
    give: () => void,
  ): TransportResponse {
    if (body === null) {
      give();
      return toTransportResponse({ status, reason, headers, body: NO_BYTES }, request);
    }
    const pulled = new PulledBody(body, request, this.#clock, (isWhole) => {
      give();
      if (!isWhole) controller.abort(new Error('the reader left before the end of the body'));
    });
    return toTransportResponse({ status, reason, headers, body: pulled }, request);
  }
}

function toRequest(request: ClientRequest, signal: AbortSignal): Request {
  const { method, url, headers, body } = request;
  const fields = new Headers();
  fields.set('host', url.host);
  try {
    for (const [name, value] of headers) {
      for (const one of Array.isArray(value) ? (value as readonly string[]) : [value]) {
        fields.append(name, String(one));
      }
    }
    if (body === null) return new Request(url.href, { method, headers: fields, signal });
    if (body.length !== null) fields.set('content-length', String(body.length));
    return new Request(url.href, {
      method,
      headers: fields,
      signal,
      body: ReadableStream.from(sentPieces(request, body)),
      duplex: 'half',
    });
  } catch (error) {
    throw new LocalProtocolError({
      code: 'UNSENDABLE',
      phase: 'send',
      problem: 'Request cannot be handed to the application',
      reason: 'a Request cannot carry it',
      remedy:
        'See the cause: CONNECT and TRACE, bodies of GET, and fields that are no text cannot be',
      method,
      url: url.href,
      cause: error,
    });
  }
}
