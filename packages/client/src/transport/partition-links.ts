import type { Connector, Link, LinkHandler, OpenTimings } from '@needletail/wire';
import type { HeaderList } from '../model/header-list.ts';
import type { RequestUrl } from '../model/request-url.ts';
import type { NetworkConnectors } from './connectors.ts';
import type { ConnectionWatch } from './exchange-watch.ts';

type LinkSource = NetworkConnectors['tunnelled'];

/** The links of one partition that carry no requests (WebSocket): counted like its other connections, and dropped with them. */
export class PartitionLinks implements LinkSource {
  readonly #source: LinkSource;
  readonly #watch: ConnectionWatch | null;
  readonly #links = new Set<Link>();

  constructor(source: LinkSource, watch: ConnectionWatch | null) {
    this.#source = source;
    this.#watch = watch;
  }

  connectorFor(url: RequestUrl): Connector | Promise<Connector> {
    const found = this.#source.connectorFor(url);
    return found instanceof Promise
      ? found.then((connector) => this.#following(connector))
      : this.#following(found);
  }

  requestForm(url: RequestUrl): 'origin' | 'absolute' {
    return this.#source.requestForm(url);
  }

  extraHeaders(url: RequestUrl): HeaderList | null {
    return this.#source.extraHeaders(url);
  }

  drop(): void {
    for (const link of this.#links) link.destroy();
  }

  #following(connector: Connector): Connector {
    return {
      connect: (handler) => {
        const follower = new LinkFollower(handler, this.#watch, () => this.#links.delete(link));
        const link = connector.connect(follower);
        this.#links.add(link);
        return link;
      },
    };
  }
}

class LinkFollower implements LinkHandler {
  readonly #handler: LinkHandler;
  readonly #watch: ConnectionWatch | null;
  readonly #onGone: () => void;
  #isOpen = false;

  constructor(handler: LinkHandler, watch: ConnectionWatch | null, onGone: () => void) {
    this.#handler = handler;
    this.#watch = watch;
    this.#onGone = onGone;
  }

  onOpen(timings: OpenTimings): void {
    this.#isOpen = true;
    this.#watch?.opened(timings.connectMs, timings.tlsMs);
    this.#handler.onOpen(timings);
  }

  onBytes(buffer: Buffer, end: number): void {
    this.#handler.onBytes(buffer, end);
  }

  onDrain(): void {
    this.#handler.onDrain();
  }

  onEnd(): void {
    this.#handler.onEnd();
  }

  onClose(error: Error | null): void {
    this.#onGone();
    if (this.#isOpen) this.#watch?.closed();
    this.#handler.onClose(error);
  }
}
