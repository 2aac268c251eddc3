import {
  BODY_EXPECTED,
  BODY_TUNNEL,
  FieldMap,
  ResponseDecoder,
  WireError,
  type Connector,
  type Link,
  type LinkHandler,
  type ResponseHead,
  type ResponseSink,
} from '@needletail/wire';
import {
  checkUpgradeResponse,
  type AcceptedUpgrade,
  type UpgradeRequest,
} from '@needletail/wire/websocket';
import type { ClientError } from '../errors.ts';
import { explainConnect } from '../transport/explain.ts';
import { HandlerRelay } from './handler-relay.ts';
import { closedAbnormally, handshakeBroken, handshakeRefused } from './websocket-failure.ts';

/** An agreed handshake and the link that it happened on. */
export interface OpenedUpgrade {
  readonly link: Link;
  readonly headers: FieldMap;
  readonly accepted: AcceptedUpgrade;
}

export interface HandshakeOwner<Connection> {
  /** Called within the read that ended the handshake; answers who takes over, and the handler for what follows. */
  upgraded(opened: OpenedUpgrade): {
    readonly connection: Connection;
    readonly handler: LinkHandler;
  };
  succeeded(connection: Connection): void;
  failed(error: ClientError): void;
}

const EXCERPT_BYTES = 1024;

/** Opens a link, sends the handshake and judges the answer; from the 101 on the link is the connection's. */
export class Handshake<Connection> implements LinkHandler {
  readonly #url: string;
  readonly #request: UpgradeRequest;
  readonly #owner: HandshakeOwner<Connection>;
  readonly #decoder = new ResponseDecoder(this.#sink(), {}, { headCache: false });
  readonly #relay = new HandlerRelay(this);
  #link: Link | null = null;
  #isOpen = false;
  #isOver = false;
  #status = 0;
  #rawHead = '';
  #excerpt = '';

  constructor(url: string, request: UpgradeRequest, owner: HandshakeOwner<Connection>) {
    this.#url = url;
    this.#request = request;
    this.#owner = owner;
  }

  /** A no-op once the handshake was given up. */
  start(connector: Connector): void {
    if (!this.#isOver) this.#link = connector.connect(this.#relay);
  }

  /** Nothing is called any more. */
  giveUp(): void {
    this.#isOver = true;
    this.#link?.destroy();
  }

  onOpen(): void {
    this.#isOpen = true;
    if (!this.#isOver) this.#link!.write(this.#request.head);
  }

  onBytes(buffer: Buffer, end: number): void {
    if (this.#isOver) return;
    try {
      const used = this.#decoder.feed(buffer, 0, end);
      if (this.#status === 101) this.#handOver(buffer.subarray(used, end));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#fail(handshakeBroken(this.#url, error, this.#status === 0 ? undefined : this.#status));
    }
  }

  onDrain(): void {
    // The head is all there is to send.
  }

  onEnd(): void {
    if (this.#isOver) return;
    if (this.#status !== 0) return this.#refuse();
    this.#fail(
      closedAbnormally(this.#url, 'the server closed it before it answered the handshake'),
    );
  }

  onClose(error: Error | null): void {
    if (this.#isOver) return;
    const concerned = { method: 'GET', url: { href: this.#url } };
    if (!this.#isOpen && error !== null) this.#fail(explainConnect(error, concerned));
    else
      this.#fail(
        closedAbnormally(this.#url, 'it was lost during the handshake', error ?? undefined),
      );
  }

  #sink(): ResponseSink {
    return {
      onHead: (head) => this.#read(head),
      onBody: (buffer, start, end) => this.#collect(buffer, start, end),
      onEnd: () => {
        this.#refuse();
        return false;
      },
    };
  }

  #read(head: ResponseHead): 0 | 2 {
    this.#status = head.status;
    this.#rawHead = head.rawHead();
    return head.status === 101 ? BODY_TUNNEL : BODY_EXPECTED;
  }

  #collect(buffer: Buffer, start: number, end: number): void {
    const room = EXCERPT_BYTES - this.#excerpt.length;
    this.#excerpt += buffer.toString('latin1', start, Math.min(end, start + room));
    if (this.#excerpt.length === EXCERPT_BYTES) this.#refuse();
  }

  #handOver(rest: Buffer): void {
    const headers = FieldMap.ofHead(this.#rawHead);
    const accepted = checkUpgradeResponse(101, headers, this.#request);
    this.#isOver = true;
    const link = this.#link!;
    const { connection, handler } = this.#owner.upgraded({ link, headers, accepted });
    this.#relay.target = handler;
    this.#owner.succeeded(connection);
    if (rest.length > 0) handler.onBytes(rest, rest.length);
  }

  #refuse(): void {
    const text = Buffer.from(this.#excerpt, 'latin1').toString('utf8');
    this.#fail(handshakeRefused(this.#url, this.#status, text));
  }

  #fail(error: ClientError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#link?.destroy();
    this.#owner.failed(error);
  }
}
