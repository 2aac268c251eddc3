import type { Names } from '../listen/check-names.ts';
import type { ServerWebSocket } from './server-websocket.ts';
import type { UpgradeRefusal } from './upgrade-refusal.ts';

/**
 * Which pages may connect. Browsers send cookies along with any page's handshake and ask nobody, so this is the only guard
 * against foreign ones (RFC 6455 §10.2). Programs send no Origin and may connect in any case: they could claim any.
 *
 *   'same'   the page comes from the host that it connects to (unless set); the scheme is not compared, for behind a proxy it is
 *            unknown
 *   'any'    all may
 *   list     origins as browsers send them: `https://example.com`, with the port if it is not the scheme's own
 */
export type OriginPolicy<Context> =
  | 'same'
  | 'any'
  | readonly string[]
  | ((origin: string, c: Context) => boolean);

/** What happens to a message for a client that has `maxBackpressureBytes` waiting already. */
export type BackpressurePolicy = 'drop' | 'close' | 'wait';

export interface DeflateOptions {
  /** Smaller messages go as they are; 1 024 unless set. */
  readonly thresholdBytes?: number;
  /** 1 (fast) to 9 (small); 6 unless set. */
  readonly level?: number;
  /** 9 to 15; 15 unless set. */
  readonly maxWindowBits?: number;
}

/** How a path of a server speaks WebSocket. */
export interface WebSocketOptions<Data = undefined, Context = unknown> {
  readonly origins?: OriginPolicy<Context>;
  /** Subprotocols spoken here, of which the client's preferred one is chosen, or a choice of your own; null for none. */
  readonly protocols?:
    | readonly string[]
    | ((offered: readonly string[], c: Context) => string | null);
  /** Lets the client in with data for its connection, or refuses it: `return refuseUpgrade(401, 'log in first')`. */
  upgrade?(c: Context): Data | UpgradeRefusal | Promise<Data | UpgradeRefusal>;
  /** Before anything is read; what is sent here leaves with the answer to the handshake. */
  open?(socket: ServerWebSocket<Data>): unknown;
  /**
   * A whole message, in order. The next one is delivered while a promise that this returned is pending, up to
   * `maxPendingMessages` at a time; beyond, the client is held back.
   */
  message?(socket: ServerWebSocket<Data>, message: string | Buffer, isBinary: boolean): unknown;
  /** All that waited has been sent, after a send that was queued or left out. */
  drain?(socket: ServerWebSocket<Data>): unknown;
  /**
   * Once, as the last call. `code` is that of the client's close frame (1005 when it holds none), the one we broke off with, or
   * 1006 when the connection was lost (RFC 6455 §7.1.5).
   */
  close?(socket: ServerWebSocket<Data>, code: number, reason: string): unknown;
  /** What a handler threw or rejected with; the socket is closed with 1011. Unless set, the server's own reporting gets it. */
  error?(socket: ServerWebSocket<Data>, error: unknown): void;
  /** A larger message ends the connection with 1009; counts again once inflated. 1 MiB unless set. */
  readonly maxMessageBytes?: number;
  /** Frames of one message, then 1008; 16 384 unless set. */
  readonly maxFragments?: number;
  /**
   * Handlers of one socket that may be under way; 1 has them run one after the other. 64 unless set, and in any case no more than
   * 1 MiB of messages.
   */
  readonly maxPendingMessages?: number;
  /** What may wait for a client that does not read; it is passed by one message at most. 1 MiB unless set. */
  readonly maxBackpressureBytes?: number;
  /**
   * `drop` (unless set): the message is left out and counted. `close`: the client is closed with 1008. `wait`: `send` returns a
   * promise; what is published to such a client is left out.
   */
  readonly backpressure?: BackpressurePolicy;
  /** Pings a client that was silent for so long; 0 never does. 30 000 unless set. */
  readonly pingIntervalMs?: number;
  /** A client that does not answer a ping, or take any of what it is sent, for so long is dropped. 10 000 unless set. */
  readonly pongTimeoutMs?: number;
  /** A client that sent no message for so long is closed with 1001; 0, as unset, for never. */
  readonly idleTimeoutMs?: number;
  /** From a close frame until the client has closed too; then the connection is dropped. 5 000 unless set. */
  readonly closeTimeoutMs?: number;
  /** Accepts permessage-deflate (RFC 7692), each message for itself; false unless set. */
  readonly deflate?: boolean | DeflateOptions;
}

export const SOCKET_OPTIONS: Names<WebSocketOptions> = {
  origins: true,
  protocols: true,
  upgrade: true,
  open: true,
  message: true,
  drain: true,
  close: true,
  error: true,
  maxMessageBytes: true,
  maxFragments: true,
  maxPendingMessages: true,
  maxBackpressureBytes: true,
  backpressure: true,
  pingIntervalMs: true,
  pongTimeoutMs: true,
  idleTimeoutMs: true,
  closeTimeoutMs: true,
  deflate: true,
};
