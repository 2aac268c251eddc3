import type { BunSocketLink } from './bun-socket-link.ts';

/** What is used of `Bun.serve`; the types of Bun are not needed to build this package. */
export interface BunServer {
  readonly port: number | undefined;
  readonly hostname: string | undefined;
  requestIP(request: Request): { readonly address: string } | null;
  /** Seconds without traffic until the connection of a request is closed; 0 for never. */
  timeout(request: Request, seconds: number): void;
  stop(closeActive?: boolean): Promise<void>;
  /** Switches to WebSocket; false when that cannot be done any more. */
  upgrade(request: Request, options: BunUpgrade): boolean;
}

interface BunUpgrade {
  readonly headers: [name: string, value: string][];
  readonly data: BunSocketLink;
}

/** What is used of a WebSocket of Bun; sends give the bytes sent, -1 when they wait for the client, 0 for none. */
export interface BunWebSocket {
  readonly data: BunSocketLink;
  sendText(text: string): number;
  sendBinary(bytes: Uint8Array): number;
  ping(payload: Uint8Array): number;
  close(code: number, reason: string): void;
  terminate(): void;
}

/** What Bun calls for its WebSockets. */
export interface BunWebSocketHandlers {
  readonly open: (socket: BunWebSocket) => void;
  readonly message: (socket: BunWebSocket, message: string | Uint8Array) => void;
  readonly drain: (socket: BunWebSocket) => void;
  readonly pong: (socket: BunWebSocket, payload: Uint8Array) => void;
  readonly close: (socket: BunWebSocket, code: number, reason: string) => void;
  readonly maxPayloadLength: number;
  /** Bytes that may wait for a client before messages are dropped. */
  readonly backpressureLimit: number;
  /** Seconds; 0 for none. */
  readonly idleTimeout: number;
  readonly sendPings: boolean;
  readonly perMessageDeflate: boolean;
}

export interface BunServeOptions {
  readonly port?: number;
  readonly hostname?: string;
  readonly unix?: string;
  readonly tls?: {
    readonly key: string;
    readonly cert: string;
    readonly ca?: string;
    readonly requestCert?: boolean;
    readonly rejectUnauthorized?: boolean;
  };
  readonly idleTimeout: number;
  readonly maxRequestBodySize: number;
  /** Undefined after a switch of protocols. */
  readonly fetch: (
    request: Request,
    server: BunServer,
  ) => Response | undefined | Promise<Response | undefined>;
  readonly websocket?: BunWebSocketHandlers;
  readonly error: (error: unknown) => Response;
}

/** Undefined where this is not Bun. */
export function bunServe(): ((options: BunServeOptions) => BunServer) | undefined {
  const { Bun } = globalThis as { Bun?: { serve(options: BunServeOptions): BunServer } };
  return Bun === undefined ? undefined : (options) => Bun.serve(options);
}
