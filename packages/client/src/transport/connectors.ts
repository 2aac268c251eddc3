// Hot: the pool asks for the key of every request. Allocates nothing for an origin seen before.
import {
  deferredLink,
  systemClock,
  type Clock,
  type Connector,
  type OpenedSocket,
} from '@needletail/wire';
import type { TlsOptions } from '../model/client-options.ts';
import type { HeaderList } from '../model/header-list.ts';
import type { RequestUrl } from '../model/request-url.ts';
import { AddressCache, type ResolveName } from './address-cache.ts';
import type { ConnectorSource } from './connector-source.ts';
import { routeFor, type NetworkRoute } from './network-route.ts';
import type { ProxyRules } from './proxy-rules.ts';

export interface ConnectorSettings {
  readonly tls: TlsOptions;
  readonly proxies: ProxyRules;
  /** Stands for every host; proxies do not count then. */
  readonly socketPath?: string | undefined;
  readonly clock?: Clock;
  /** `resolveHost` of the wire unless set. */
  readonly resolve?: ResolveName;
}

/** The ways to all origins, and sockets along them for protocols that are not spoken over links. */
export interface NetworkConnectors extends ConnectorSource {
  /** A connected socket; over TLS `alpn` is offered. Rejects with ProxyError, a `LinkError`, or as `signal` says. */
  openSocket(url: RequestUrl, alpn: readonly string[], signal: AbortSignal): Promise<OpenedSocket>;
  /**
   * The same ways for what a proxy does not forward: WebSocket, which wants a tunnel over plain TCP too (RFC 6455 §4.1).
   */
  readonly tunnelled: Pick<ConnectorSource, 'connectorFor' | 'requestForm' | 'extraHeaders'>;
}

const HTTP1: readonly string[] = ['http/1.1'];
const KEPT_ROUTES = 2048;

/** Throws nothing; a proxy that cannot be used is told by the calls that need it (InvalidRequestError). */
export function createConnectorSource(settings: ConnectorSettings): NetworkConnectors {
  return new Connectors(settings);
}

class Connectors implements NetworkConnectors {
  readonly #settings: ConnectorSettings;
  readonly #clock: Clock;
  readonly #addresses: AddressCache;
  readonly #routes = new Map<string, NetworkRoute>();

  readonly tunnelled: NetworkConnectors['tunnelled'] = {
    connectorFor: (url) => this.#tunnelTo(url),
    requestForm: () => 'origin',
    extraHeaders: () => null,
  };

  constructor(settings: ConnectorSettings) {
    this.#settings = settings;
    const { clock = systemClock } = settings;
    this.#clock = clock;
    this.#addresses = new AddressCache(clock, settings.resolve);
  }

  keyOf(url: RequestUrl): string {
    return this.#routeTo(url).key;
  }

  requestForm(url: RequestUrl): 'origin' | 'absolute' {
    return this.#routeTo(url).form;
  }

  extraHeaders(url: RequestUrl): HeaderList | null {
    return this.#routeTo(url).extraHeaders;
  }

  connectorFor(url: RequestUrl): Connector | Promise<Connector> {
    return this.#routeTo(url).connector();
  }

  openSocket(url: RequestUrl, alpn: readonly string[], signal: AbortSignal): Promise<OpenedSocket> {
    return this.#routeTo(url).openSocket(alpn, signal);
  }

  close(): void {
    this.#routes.clear();
  }

  #tunnelTo(url: RequestUrl): Connector | Promise<Connector> {
    const route = this.#routeTo(url);
    if (route.form === 'origin') return route.connector();
    return {
      connect: (handler) =>
        deferredLink(url.host, handler, (signal) => route.openSocket(HTTP1, signal)),
    };
  }

  #routeTo(url: RequestUrl): NetworkRoute {
    const known = this.#routes.get(url.origin);
    if (known !== undefined) return known;
    const { tls, proxies, socketPath } = this.#settings;
    const proxy = socketPath === undefined ? proxies.proxyFor(url) : null;
    const route = routeFor(
      { url, tls, socketPath, addresses: this.#addresses, clock: this.#clock },
      proxy,
    );
    if (this.#routes.size >= KEPT_ROUTES) this.#routes.delete(this.#routes.keys().next().value!);
    this.#routes.set(url.origin, route);
    return route;
  }
}
