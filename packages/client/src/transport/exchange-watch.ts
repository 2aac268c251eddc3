/**
 * Hears what happens to one request on the wire, for whoever measures: set `watch` on a request before a transport sends
 * it. Times are of the transport's clock. Called in this order, each at most once for a try; a request that is sent again
 * (RFC 9112 §9.3.1) begins again at `sent`. Transports without a wire of their own call none of them.
 */
export interface ExchangeWatch {
  /** The head was handed to the link; before that the request waited for a connection. */
  sent(nowMs: number): void;
  /** The first byte of a response came, interim ones included. */
  firstByte(nowMs: number): void;
  /** Bytes of the message on the wire, as they go and come; those that come after `firstByte`, with the moment of the read. */
  bytesSent(sizeBytes: number): void;
  bytesReceived(sizeBytes: number, nowMs: number): void;
}

/** Hears of the connections of a network. */
export interface ConnectionWatch {
  /** From the first attempt to TCP being there, and what the TLS handshake took (0 without TLS), in milliseconds. */
  opened(connectMs: number, tlsMs: number): void;
  closed(): void;
}
