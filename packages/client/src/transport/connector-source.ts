import type { Connector } from '@needletail/wire';
import type { HeaderList } from '../model/header-list.ts';
import type { RequestUrl } from '../model/request-url.ts';

/**
 * Knows the way to every origin: names, TLS, proxies, unix sockets. The pool asks it once per connection and keeps the
 * connections apart by `keyOf`. What it answers for a URL must stay the same while the source is in use.
 */
export interface ConnectorSource {
  /** Connections of one key may serve each other's requests: scheme, authority, proxy and TLS settings in one string. */
  keyOf(url: RequestUrl): string;
  /**
   * What opens a link to the origin. The time it takes counts as connecting; it may reject with an error of this
   * package or with a `LinkError`, and so may the link's `onClose`. A late answer, after a timeout, is dropped.
   */
  connectorFor(url: RequestUrl): Connector | Promise<Connector>;
  /** `absolute` for a plain-HTTP proxy, which needs the whole URL in the request line (RFC 9112 §3.2.2). */
  requestForm(url: RequestUrl): 'origin' | 'absolute';
  /** Fields for whoever is at the other end of the link only: Proxy-Authorization and the like. */
  extraHeaders(url: RequestUrl): HeaderList | null;
  close(): void;
}
