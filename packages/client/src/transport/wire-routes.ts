// Hot: one look-up for a request to a URL seen before. Guarded by bench/src/client-cpu.ts.
import type { RequestUrl } from '../model/request-url.ts';
import type { ConnectorSource } from './connector-source.ts';
import { RequestHeads } from './request-head.ts';

/** URLs whose way and head are remembered. */
const KEPT_ROUTES = 512;

/** What there is to know about requests to one URL. */
export interface WireRoute {
  /** That of the pool of its origin. */
  readonly key: string;
  readonly heads: RequestHeads;
}

/** The ways and heads of the requests to each URL, for any number of pools over one source. */
export class WireRoutes {
  readonly #source: ConnectorSource;
  readonly #connection: 'close' | undefined;
  readonly #routes = new Map<RequestUrl, WireRoute>();
  #lastUrl: RequestUrl | null = null;
  #lastRoute: WireRoute | null = null;

  constructor(source: ConnectorSource, keepsConnections: boolean) {
    this.#source = source;
    this.#connection = keepsConnections ? undefined : 'close';
  }

  routeTo(url: RequestUrl): WireRoute {
    if (url === this.#lastUrl) return this.#lastRoute!;
    const route = this.#routes.get(url) ?? this.#findRoute(url);
    this.#lastUrl = url;
    this.#lastRoute = route;
    return route;
  }

  #findRoute(url: RequestUrl): WireRoute {
    const route: WireRoute = {
      key: this.#source.keyOf(url),
      heads: new RequestHeads(url, {
        form: this.#source.requestForm(url),
        extraHeaders: this.#source.extraHeaders(url),
        connection: this.#connection,
      }),
    };
    if (this.#routes.size >= KEPT_ROUTES) this.#routes.delete(this.#routes.keys().next().value!);
    this.#routes.set(url, route);
    return route;
  }
}
