import type { Dispatch, Listening } from './exchange.ts';
import type { ServerOptions } from './server-options.ts';

/** `wire`: the connections of this package. `node`: node:http, and node:http2 over TLS. `bun`: Bun.serve. */
export type BackendName = 'wire' | 'node' | 'bun';

/** Whether this runtime has a backend, and why or why not. */
export interface Availability {
  readonly available: boolean;
  readonly reason: string;
}

/**
 * What takes connections and hands over requests. All of them keep the contract of `ServerRequest` and `ServerReply`; what
 * one cannot do is in docs/server/backends.md, and one suite holds all of them to it.
 */
export interface Backend {
  readonly name: BackendName;
  readonly isAvailable: () => Availability;
  /** Rejects when the place cannot be had, and when `options` ask for what the backend cannot do. */
  listen(dispatch: Dispatch, options: ServerOptions): Promise<Listening>;
}
