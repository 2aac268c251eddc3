import type { Clock } from '@needletail/wire';
import type { HeadersInput } from '../model/header-list.ts';
import type { TlsOptions } from '../model/client-options.ts';
import type { ConnectorSource } from '../transport/connector-source.ts';

export interface WebSocketOptions {
  /** Subprotocols wished for, the preferred one first; the server chooses one or none. */
  readonly protocols?: readonly string[];
  /** Sent with the handshake: Authorization, Cookie and the like. */
  readonly headers?: HeadersInput;
  /** The origin of a page, for servers that check it; none is sent unless set. */
  readonly origin?: string;
  /** Offers permessage-deflate (RFC 7692); false unless set. */
  readonly compression?: boolean | WebSocketCompression;
  /** A larger message ends the connection with 1009; 16 MiB unless set. Counts again once inflated. */
  readonly maxMessageBytes?: number;
  /** What `send` may leave unsent before it throws; 64 MiB unless set. */
  readonly maxQueuedBytes?: number;
  /** From the call to the answer of the server, connecting included; 10 000 unless set. */
  readonly handshakeTimeoutMs?: number;
  /** From `close` until the peer has closed too; 5 000 unless set. */
  readonly closeTimeoutMs?: number;
  /** Pings when nothing came for so long; never unless set. */
  readonly pingIntervalMs?: number;
  /** Without an answer to a ping for so long the connection is given up; 10 000 unless set. */
  readonly pongTimeoutMs?: number;
  /** Gives up the handshake, and later the connection. */
  readonly signal?: AbortSignal;
  /** For wss; does not count beside `connector`. */
  readonly tls?: TlsOptions;
  /** The way to the server: proxies, TLS settings, unix sockets; straight there unless set. */
  readonly connector?: Pick<ConnectorSource, 'connectorFor' | 'requestForm' | 'extraHeaders'>;
  readonly clock?: Clock;
}

export interface WebSocketCompression {
  /** Compresses a message with those before it as context: smaller, for 32 KiB a connection each way. */
  readonly contextTakeover?: boolean;
  /** 9 to 15; 15 unless set. */
  readonly maxWindowBits?: number;
  /** Smaller messages go as they are; 1 024 unless set. */
  readonly thresholdBytes?: number;
  /** 1 (fast) to 9 (small); 6 unless set. */
  readonly level?: number;
}
