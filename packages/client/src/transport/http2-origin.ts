import type { OpenedSocket } from '@needletail/wire';
import type { TLSSocket } from 'node:tls';
import type { ClientError } from '../errors.ts';
import type { RequestUrl } from '../model/request-url.ts';
import { explainConnect } from './explain.ts';
import type { Http2Exchange } from './http2-exchange.ts';
import { notNegotiated } from './http2-failure.ts';
import { Http2Session } from './http2-session.ts';
import type { Http2TransportOptions } from './http2-transport.ts';
import type { OriginStatus } from './transport.ts';
import { WaitingLine } from './waiting-line.ts';

/** What origins share. */
export interface OriginOwner {
  readonly options: Http2TransportOptions;
  /** Whether the limits allow one more connection; an idle one may have been closed for it. */
  makeRoom(): boolean;
  onOpened(): void;
  onReused(): void;
  /** A connection is gone, or rests. */
  onFreed(): void;
}

/** The requests to one origin, over one session at a time; one that was told to go away may still be finishing. */
export class Http2Origin {
  readonly #owner: OriginOwner;
  readonly #url: RequestUrl;
  readonly #line = new WaitingLine<Http2Exchange>();
  readonly #carried = new Set<Http2Exchange>();
  readonly #sessions = new Set<Http2Session>();
  #current: Http2Session | null = null;
  #opening: AbortController | null = null;

  constructor(owner: OriginOwner, url: RequestUrl) {
    this.#owner = owner;
    this.#url = url;
  }

  get status(): OriginStatus {
    let idle = 0;
    for (const session of this.#sessions) if (session.isIdle) idle += 1;
    const open = this.#sessions.size;
    return { open, active: open - idle, idle, waiting: this.#line.length };
  }

  get isConnecting(): boolean {
    return this.#opening !== null;
  }

  get isUnused(): boolean {
    return this.#sessions.size === 0 && this.#line.length === 0 && this.#opening === null;
  }

  /** Connections, being opened or open. */
  get connections(): number {
    return this.#sessions.size + (this.#opening === null ? 0 : 1);
  }

  enqueue(exchange: Http2Exchange): void {
    this.#line.push(exchange);
    this.dispatch();
  }

  /** The exchange was settled while it waited. */
  leave(exchange: Http2Exchange): void {
    this.#line.remove(exchange);
    if (this.#line.length > 0 || this.#opening === null) return;
    this.#opening.abort();
    this.#opening = null;
    this.#owner.onFreed();
  }

  /** Gives those who wait, oldest first, what there is. */
  dispatch(): void {
    while (this.#line.length > 0) {
      const session = this.#current;
      if (session === null || !session.isUsable) {
        this.#open();
        break;
      }
      if (!session.hasRoom) break;
      this.#carry(session, this.#line.shift()!);
    }
    const awaited = this.#opening === null ? 'pool' : 'connect';
    for (const exchange of this.#line) exchange.awaits(awaited);
  }

  /** Whether there is still something to watch. */
  checkDeadlines(nowMs: number): boolean {
    for (const exchange of [...this.#line, ...this.#carried]) exchange.checkDeadline(nowMs);
    return this.#line.length + this.#carried.size > 0;
  }

  /** Whether there was an idle session to close. */
  closeIdle(): boolean {
    for (const session of this.#sessions) {
      if (!session.isIdle || !session.isUsable) continue;
      session.close();
      return true;
    }
    return false;
  }

  close(errorOf: (exchange: Http2Exchange) => ClientError): void {
    this.#opening?.abort();
    this.#opening = null;
    for (const exchange of [...this.#line, ...this.#carried]) exchange.fail(errorOf(exchange));
    for (const session of this.#sessions) session.destroy();
  }

  #carry(session: Http2Session, exchange: Http2Exchange): void {
    this.#carried.add(exchange);
    session.carry(exchange, () => this.#carried.delete(exchange));
    if (session.isReused) this.#owner.onReused();
  }

  #open(): void {
    if (this.#opening !== null || !this.#owner.makeRoom()) return;
    const opening = new AbortController();
    this.#opening = opening;
    const { openSocket, alpn } = this.#owner.options;
    openSocket(this.#url, alpn, opening.signal).then(
      (opened) => {
        if (this.#opening !== opening) return void opened.socket.destroy();
        this.#opening = null;
        this.#opened(opened);
      },
      (error: unknown) => {
        if (this.#opening !== opening) return;
        this.#opening = null;
        this.#failAll((exchange) => explainConnect(error, exchange.request));
        this.#owner.onFreed();
      },
    );
  }

  #opened(opened: OpenedSocket): void {
    const { onOtherProtocol } = this.#owner.options;
    const chosen = chosenProtocol(opened);
    if (chosen !== null && chosen !== 'h2' && onOtherProtocol !== undefined) {
      onOtherProtocol(this.#url, opened);
      this.#failAll((exchange) => notNegotiated(exchange.request, chosen));
      this.#owner.onFreed();
      return;
    }
    const { watch = null } = this.#owner.options;
    const session: Http2Session = new Http2Session({
      authority: this.#url.origin,
      socket: opened.socket,
      clock: this.#owner.options.clock,
      keepAliveExpiryMs: this.#owner.options.keepAliveExpiryMs,
      onChange: () => {
        if (this.#current === session && !session.isUsable) this.#current = null;
        this.dispatch();
        if (session.isIdle) this.#owner.onFreed();
      },
      onClosed: () => {
        this.#sessions.delete(session);
        watch?.closed();
        this.#owner.onFreed();
      },
    });
    this.#sessions.add(session);
    this.#current = session;
    this.#owner.onOpened();
    watch?.opened(opened.timings.connectMs, opened.timings.tlsMs);
    this.dispatch();
  }

  #failAll(errorOf: (exchange: Http2Exchange) => ClientError): void {
    for (const exchange of this.#line) exchange.fail(errorOf(exchange));
  }
}

/** Null over plain TCP, where nothing is chosen; empty when the server ignored the offer. */
function chosenProtocol({ socket }: OpenedSocket): string | null {
  if (!('encrypted' in socket)) return null;
  const { alpnProtocol } = socket as TLSSocket;
  return typeof alpnProtocol === 'string' ? alpnProtocol : '';
}
