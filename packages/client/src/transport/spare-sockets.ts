import { deferredLink, type Clock, type Connector, type OpenedSocket } from '@needletail/wire';
import type { HeaderList } from '../model/header-list.ts';
import type { RequestUrl } from '../model/request-url.ts';
import type { ConnectorSource } from './connector-source.ts';

/** A spare socket is wanted at once, or by nobody. */
const SPARE_KEPT_MS = 4000;

/** A source that hands out sockets which were opened for HTTP/2 and speak HTTP/1.1 after all, before it opens others. */
export class SpareSockets implements ConnectorSource {
  readonly #source: ConnectorSource;
  readonly #clock: Clock;
  readonly #spares = new Map<string, OpenedSocket>();

  constructor(source: ConnectorSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** Leaves `opened` to the next connection wanted for `url`. */
  add(url: RequestUrl, opened: OpenedSocket): void {
    const { socket } = opened;
    const key = this.keyOf(url);
    if (socket.destroyed || this.#spares.has(key)) {
      socket.destroy();
      return;
    }
    this.#spares.set(key, opened);
    const discard = (): void => {
      if (this.#spares.get(key) !== opened) return;
      this.#spares.delete(key);
      socket.destroy();
    };
    socket.on('close', discard);
    this.#clock.unrefTimer?.(this.#clock.setTimer(SPARE_KEPT_MS, discard));
  }

  keyOf(url: RequestUrl): string {
    return this.#source.keyOf(url);
  }

  requestForm(url: RequestUrl): 'origin' | 'absolute' {
    return this.#source.requestForm(url);
  }

  extraHeaders(url: RequestUrl): HeaderList | null {
    return this.#source.extraHeaders(url);
  }

  connectorFor(url: RequestUrl): Connector | Promise<Connector> {
    const key = this.keyOf(url);
    const spare = this.#spares.get(key);
    if (spare === undefined) return this.#source.connectorFor(url);
    this.#spares.delete(key);
    return {
      connect: (handler) => deferredLink(url.host, handler, () => Promise.resolve(spare)),
    };
  }

  /** Drops the sockets nobody came for too. */
  close(): void {
    for (const { socket } of this.#spares.values()) socket.destroy();
    this.#spares.clear();
    this.#source.close();
  }
}
