// Hot: most requests need none of the layers that change or repeat them; those cost one promise and the call.
// Guarded by bench/src/client-cpu.ts.
import { Buffer } from 'node:buffer';
import type { Clock } from '@needletail/wire';
import type { ClientRequest } from '../model/client-request.ts';
import { buffered, bufferLayer } from './buffer.ts';
import { authLayer } from './auth-layer.ts';
import { cookiesLayer, keepCookies, withCookies } from './cookies.ts';
import { decodeExchange, decodeLayer } from './decode.ts';
import { diagnosticsLayer, isObserved } from './diagnostics.ts';
import { DirectCall, type Finish, type Inspector } from './direct-call.ts';
import { hooksLayer } from './hooks.ts';
import type { Exchange, Layer, Send } from './layer.ts';
import { rateLimitLayer } from './rate-limit.ts';
import { afterRedirects, isRedirect, redirectLayer } from './redirect.ts';
import { retryLayer } from './retry.ts';
import { route } from './route.ts';
import { totalTimeoutLayer } from './total-timeout.ts';
import { traceContextLayer } from './trace-context.ts';
import type { ClientSettings } from '../model/client-settings.ts';
import { sendTo } from '../transport/send-to.ts';
import type { Transport, TransportResponse } from '../transport/transport.ts';

/**
 * Everything between a call and the transport, in the one order there is:
 *
 *   call ─▶ total time-out ─▶ redirects ─▶ authentication ─▶ body whole ─▶ decoding ─▶ retries
 *        ─▶ rate limit ─▶ cookies ─▶ trace context ─▶ hooks ─▶ diagnostics ─▶ mounts ─▶ transport
 *
 * So a redirect is authenticated anew; each try counts against the rate limit, carries the cookies of the moment and is
 * seen by the hooks; and what an answer says is decoded before authentication reads it. Layers that a client has no use
 * for are left out, and the others return the promise of the next one while they have nothing to do. A request that only
 * needs its answer looked at goes to the transport directly (`inspect`).
 */
export class Layers implements Inspector {
  readonly clock: Clock;
  readonly #settings: ClientSettings;
  readonly #transport: Transport;
  /** Whether no option of the client concerns requests before they are sent. */
  readonly #isDirect: boolean;
  /** Made when needed: a client among thousands may never have a redirect. */
  #all: Send | null = null;
  #belowRedirects: Send | null = null;

  constructor(settings: ClientSettings, transport: Transport) {
    const { rateLimiter, traceContext, hooks, mounts } = settings;
    this.clock = settings.clock;
    this.#settings = settings;
    this.#transport = transport;
    this.#isDirect =
      rateLimiter === null && traceContext === false && hooks === null && mounts === null;
  }

  /** Through every layer. */
  send(request: ClientRequest): Promise<Exchange> {
    this.#all ??= this.#through(this.#layers());
    return this.#all(request);
  }

  /** What `finish` makes of the exchange that `send` would come to. */
  sendFor<T>(request: ClientRequest, finish: Finish<T>): Promise<T> {
    if (!this.#isDirect || isSpecial(request) || isObserved()) {
      return this.send(request).then((exchange) => finish(exchange, this.clock));
    }
    const { cookieStore } = this.#settings;
    const sent = cookieStore === null ? request : withCookies(request, cookieStore);
    return new Promise((resolve, reject) => {
      const call = new DirectCall(this, request, sent, finish, resolve, reject);
      sendTo(this.#transport, sent, call);
    });
  }

  /** The layers that look at answers, from the innermost on; all of them at once where nothing keeps them waiting. */
  inspect(request: ClientRequest, exchange: Exchange): Exchange | Promise<Exchange> {
    const { response } = exchange;
    if (response.isPlain === true && isWholeFor(request, response) && !isRedirect(response)) {
      return exchange;
    }
    const { cookieStore, allowDowngrade } = this.#settings;
    const kept = cookieStore === null ? exchange : keepCookies(exchange, cookieStore);
    const decoded = after(kept, decodeExchange);
    const whole = request.isStreaming ? decoded : after(decoded, buffered);
    if (!(whole instanceof Promise) && !isRedirect(whole.response)) return whole;
    this.#belowRedirects ??= this.#through(this.#layers().slice(2));
    const next = this.#belowRedirects;
    return after(whole, (one) => afterRedirects(request, one, next, allowDowngrade));
  }

  #layers(): readonly (Layer | null)[] {
    const { clock, allowDowngrade, rateLimiter, cookieStore, traceContext, hooks } = this.#settings;
    return [
      totalTimeoutLayer(clock),
      redirectLayer(allowDowngrade),
      authLayer,
      bufferLayer,
      decodeLayer,
      retryLayer({ clock, random: Math.random, wallClockMs: Date.now }),
      rateLimiter === null ? null : rateLimitLayer(rateLimiter),
      cookieStore === null ? null : cookiesLayer(cookieStore),
      traceContext === false ? null : traceContextLayer(traceContext),
      hooks === null ? null : hooksLayer(hooks),
      diagnosticsLayer,
    ];
  }

  #through(layers: readonly (Layer | null)[]): Send {
    return layers.reduceRight<Send>(
      (next, layer) => (layer === null ? next : (request) => layer(request, next)),
      route(this.#settings.mounts, this.#transport),
    );
  }
}

/** Whether `bufferLayer` would leave the body as it is. */
function isWholeFor(
  { isStreaming, maxBodyBytes }: ClientRequest,
  { body }: TransportResponse,
): boolean {
  return isStreaming || (Buffer.isBuffer(body) && body.length <= maxBodyBytes);
}

/** Whether a layer has to do with the request before it is sent, or with how it fails. */
function isSpecial({ timeouts, auth, retry }: ClientRequest): boolean {
  return timeouts.total !== Infinity || auth !== null || retry !== null;
}

function after(
  exchange: Exchange | Promise<Exchange>,
  step: (exchange: Exchange) => Exchange | Promise<Exchange>,
): Exchange | Promise<Exchange> {
  return exchange instanceof Promise ? exchange.then(step) : step(exchange);
}
