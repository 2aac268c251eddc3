import type { Connector } from '@needletail/wire';
import type { ClientError } from '../errors.ts';
import type { RequestUrl } from '../model/request-url.ts';
import type { ConnectionOwner } from './connection-owner.ts';
import type { ConnectorSource } from './connector-source.ts';
import { explainConnect } from './explain.ts';
import type { Exchange } from './exchange.ts';
import { connectTimedOut } from './timeout-errors.ts';
import { WireConnection } from './wire-connection.ts';

/** Where the outcome of an opening goes. */
export interface OpeningOwner extends ConnectionOwner {
  opened(opening: Opening, connection: WireConnection): void;
  openingFailed(opening: Opening, error: ClientError): void;
}

/**
 * A connection on its way, begun for one exchange. Should that be served otherwise meanwhile, the opening goes on for
 * whoever waits next.
 */
export class Opening {
  readonly #owner: OpeningOwner;
  readonly #url: RequestUrl;
  #exchange: Exchange | null = null;
  #request: Exchange['request'];
  #connection: WireConnection | null = null;
  #sinceMs = Number.NaN;
  #isOver = false;

  constructor(owner: OpeningOwner, exchange: Exchange) {
    this.#owner = owner;
    this.#url = exchange.request.url;
    this.#request = exchange.request;
    this.bind(exchange);
  }

  /** For whom it is; null when that one no longer needs it. */
  get exchange(): Exchange | null {
    return this.#exchange;
  }

  bind(exchange: Exchange): void {
    this.#exchange = exchange;
    this.#request = exchange.request;
    exchange.opening = this;
    exchange.waitingSinceMs = Number.NaN;
    this.#sinceMs = Number.NaN;
  }

  release(): void {
    if (this.#exchange !== null) this.#exchange.opening = null;
    this.#exchange = null;
  }

  start(source: ConnectorSource): void {
    let connector: Connector | Promise<Connector>;
    try {
      connector = source.connectorFor(this.#url);
    } catch (error) {
      // The pool is in the middle of its bookkeeping: a failure at once comes a moment later, like all others.
      connector = Promise.reject(error as Error);
    }
    if (!(connector instanceof Promise)) {
      this.#connect(connector);
      return;
    }
    connector.then(
      (found) => this.#connect(found),
      (error: unknown) => this.#fail(explainConnect(error, this.#request)),
    );
  }

  /** Gives up without a word. */
  cancel(): void {
    this.#isOver = true;
    this.#connection?.abandon();
  }

  checkDeadline(nowMs: number): void {
    if (this.#exchange === null) return;
    if (Number.isNaN(this.#sinceMs)) this.#sinceMs = nowMs;
    const limitMs = this.#exchange.request.timeouts.connect;
    if (nowMs - this.#sinceMs < limitMs) return;
    const error = connectTimedOut(this.#request, limitMs);
    this.#connection?.abandon();
    this.#fail(error);
  }

  #connect(connector: Connector): void {
    if (this.#isOver) return;
    this.#connection = new WireConnection(this.#owner, connector, {
      opened: (connection) => {
        this.#isOver = true;
        this.#owner.opened(this, connection);
      },
      failed: (error) => this.#fail(explainConnect(error, this.#request)),
    });
  }

  #fail(error: ClientError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#owner.openingFailed(this, error);
  }
}
