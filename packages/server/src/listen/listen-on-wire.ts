import { listen } from '@needletail/wire';
import type { Dispatch, Listening } from './exchange.ts';
import type { ServerOptions } from './server-options.ts';
import { takePlace } from './place.ts';
import { WireServer } from './wire-server.ts';

/** A listener on the wire; more can be asked of it than of other backends. */
export interface WireListening extends Listening {
  /** Open connections, those that are being refused or closed included. */
  readonly connectionCount: number;
  /** Presents another certificate from the next handshake on; open connections keep theirs. PEM. */
  setSecureContext(tls: { readonly key: string; readonly cert: string }): void;
}

const DEFAULT_GRACE_MS = 10_000;

/**
 * Serves HTTP/1.1 and 1.0 on a port, 127.0.0.1 and any free one unless set, or on a unix socket. Each request goes to
 * `dispatch`, one at a time for each connection, in order. Rejects with a `LinkError` when the place cannot be had.
 */
export async function listenOnWire(
  dispatch: Dispatch,
  options: ServerOptions = {},
): Promise<WireListening> {
  const { port = 0, host, socketPath, backlog } = options;
  const place = await takePlace(options);
  const server = new WireServer(dispatch, options);
  const listener = await listen(
    {
      port,
      ...(host === undefined ? {} : { host }),
      ...(socketPath === undefined ? {} : { socketPath }),
      ...(place.tls === undefined ? {} : { tls: place.tls }),
      ...(backlog === undefined ? {} : { backlog }),
      onAcceptError: (error) => {
        // A failed handshake is the peer's own affair.
        if (error.phase === 'accept') server.report(error, null);
      },
    },
    (link, remoteAddress) => server.accept(link, remoteAddress),
  );
  await place.entered({
    setSecureContext: (context) => listener.setSecureContext(context),
    report: (error) => server.report(error, null),
  });
  server.startTicking();
  return {
    port: listener.port,
    host: listener.address,
    get connectionCount() {
      return server.connectionCount;
    },
    setSecureContext: (context) => listener.setSecureContext(context),
    async close({ graceMs = DEFAULT_GRACE_MS, idleMs = 0 } = {}) {
      await server.close(listener, graceMs, idleMs);
      place.left();
    },
  };
}
