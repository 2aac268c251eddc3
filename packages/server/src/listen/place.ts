import { chmod } from 'node:fs/promises';
import { isWorkerProcess } from './cluster/worker-messages.ts';
import { checkPlace } from './check-options.ts';
import type { ServerOptions } from './server-options.ts';
import { clearSocketPath } from './socket-path.ts';
import { openCertificate } from './tls/certificate-source.ts';
import type { TlsContext } from './tls/tls-options.ts';

/** Where a backend is about to listen: what all of them do before it does, when it does, and after it did. */
export interface Place {
  /** What to start with, where the place speaks TLS. */
  readonly tls: TlsContext | undefined;
  /** The backend listens: sets the mode of a socket file, and has certificates renewed by `setSecureContext`. */
  entered(events: {
    readonly setSecureContext: (context: TlsContext) => void;
    readonly report: (error: Error) => void;
  }): Promise<void>;
  /** The backend has closed. */
  left(): void;
}

/** Rejects when the certificate is no good or the socket path is taken. */
export async function takePlace(options: ServerOptions): Promise<Place> {
  checkPlace(options);
  const { tls, socketPath, socketMode } = options;
  const source = tls === undefined ? undefined : await openCertificate(tls);
  if (socketPath !== undefined && !isWorkerProcess()) await clearSocketPath(socketPath);
  return {
    tls: source?.context,
    async entered({ setSecureContext, report }) {
      if (socketPath !== undefined && socketMode !== undefined) await chmod(socketPath, socketMode);
      source?.follow(setSecureContext, report);
    },
    left: () => source?.close(),
  };
}
