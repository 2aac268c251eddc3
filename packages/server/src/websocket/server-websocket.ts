/** What became of a message: on its way, waiting for the client to read, left out, or too late. */
export type SendResult = 'sent' | 'queued' | 'dropped' | 'closed';

/** What a socket asks of its connection. */
export interface SocketControl {
  readonly bufferedBytes: number;
  readonly droppedMessages: number;
  readonly readyState: 'open' | 'closing' | 'closed';
  send(message: string | Uint8Array): SendResult | Promise<SendResult>;
  ping(payload?: Uint8Array): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
  subscribe(topic: string): void;
  unsubscribe(topic: string): void;
  topics(): readonly string[];
  publish(topic: string, message: string | Uint8Array): number;
  messages(): AsyncIterator<string | Buffer, undefined>;
}

/** One open WebSocket of a server, as its handlers get it; `data` is what `upgrade` returned. */
export class ServerWebSocket<Data = unknown> implements AsyncIterable<string | Buffer> {
  /** Yours, for as long as the connection lives. */
  data: Data;
  /** The subprotocol agreed on; empty for none. */
  readonly protocol: string;
  readonly remoteAddress: string;
  readonly #control: SocketControl;

  /** Made by `acceptWebSocket`. */
  constructor(
    control: SocketControl,
    about: { readonly data: Data; readonly protocol: string; readonly remoteAddress: string },
  ) {
    this.#control = control;
    this.data = about.data;
    this.protocol = about.protocol;
    this.remoteAddress = about.remoteAddress;
  }

  /** `closing` from the first close frame on, whoever sent it. */
  get readyState(): 'open' | 'closing' | 'closed' {
    return this.#control.readyState;
  }

  /** Bytes given to `send` or published that have not left this process. */
  get bufferedBytes(): number {
    return this.#control.bufferedBytes;
  }

  /** Messages left out because the client does not read fast enough. */
  get droppedMessages(): number {
    return this.#control.droppedMessages;
  }

  /**
   * Sends a message: text for a string, binary otherwise. What is sent in one turn of the event loop leaves in one write.
   * Past `maxBackpressureBytes` the option `backpressure` decides; a promise comes back only under `'wait'`, and settles when
   * there is room. Leave a `Uint8Array` of 8 KiB or more unchanged until `bufferedBytes` is 0: it is not copied.
   */
  send(message: string | Uint8Array): SendResult | Promise<SendResult> {
    return this.#control.send(message);
  }

  /** Up to 125 bytes that the client has to send back; pings that keep the connection alive are sent without this. */
  ping(payload?: Uint8Array): void {
    this.#control.ping(payload);
  }

  /**
   * Sends a close frame behind what was sent and waits for the client's, `closeTimeoutMs` at most; what the client sent before
   * is still delivered. Throws WebSocketError INVALID_CLOSE for a code that is not 1000, another registered one, or from 3000 to
   * 4999, and for a reason over 123 bytes.
   */
  close(code?: number, reason?: string): void {
    this.#control.close(code, reason);
  }

  /** Drops the connection at once, with all that waits. */
  terminate(): void {
    this.#control.terminate();
  }

  /** From here on, gets what is published to `topic`; ends with the connection. */
  subscribe(topic: string): void {
    this.#control.subscribe(topic);
  }

  unsubscribe(topic: string): void {
    this.#control.unsubscribe(topic);
  }

  /** The topics it is subscribed to. */
  get topics(): readonly string[] {
    return this.#control.topics();
  }

  /** Sends to every other subscriber of `topic`; to how many. */
  publish(topic: string, message: string | Uint8Array): number {
    return this.#control.publish(topic, message);
  }

  /**
   * Messages one after the other, in place of the handler `message`; a slow reader holds the client back. Begin in `open`. Ends
   * when the connection does, for whatever reason.
   */
  [Symbol.asyncIterator](): AsyncIterator<string | Buffer, undefined> {
    return this.#control.messages();
  }
}
