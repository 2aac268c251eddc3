import { isIP, type OnReadOpts, type Socket } from 'node:net';
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  type ConnectionOptions,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls';
import { classifySocketError } from './errors.ts';
import type { OpenSocket, TcpTarget } from './tcp.ts';

/** Holds the ticket of the last TLS session; share one between dialers that trust the same certificates only. */
export interface SessionCache {
  session?: Buffer;
}

export interface TlsSettings {
  /** The name the certificate must carry, also sent as SNI unless it is an address (RFC 6066 §3). */
  readonly servername: string;
  /** Accepts any certificate. */
  readonly insecure: boolean;
  /** Certificates to trust in place of the system's, in PEM. */
  readonly ca?: string;
  /** What this side shows when the peer asks who it is: a certificate chain and its key, in PEM. */
  readonly cert?: string;
  readonly key?: string;
  /** Of the key, where it is encrypted. */
  readonly passphrase?: string;
  readonly session?: SessionCache;
  /** Protocols offered (RFC 7301); `http/1.1` unless set. */
  readonly alpn?: readonly string[];
}

// The types leave out two documented options that `tls.connect` hands to the socket it makes.
type ClientOptions = ConnectionOptions & { allowHalfOpen: boolean; onread?: OnReadOpts };

/** How a TLS connection to `target` is started. The context is built once: it parses every trusted certificate. */
export function tlsOpener(target: TcpTarget, tls: TlsSettings): OpenSocket {
  const optionsFor = clientOptionsFor(tls);
  return (host, onread) =>
    keepSession(tls, {
      ...optionsFor(),
      ...(target.socketPath === undefined
        ? { host, port: target.port }
        : { path: target.socketPath }),
      ...(onread === undefined ? {} : { onread }),
    });
}

/** Makes a connected socket a TLS one; `where` is what errors name. */
export type SecureSocket = (
  socket: Socket,
  where: string,
  signal: AbortSignal,
) => Promise<TLSSocket>;

/**
 * How TLS is begun on sockets that are connected already, through a tunnel of a proxy. Rejects with a `LinkError`
 * (TLS_CERT, TLS_HANDSHAKE, RESET) or with the reason of the aborted signal; the socket is gone then.
 */
export function tlsStarter(tls: TlsSettings): SecureSocket {
  const optionsFor = clientOptionsFor(tls);
  return (socket, where, signal) =>
    new Promise((resolve, reject) => {
      let failure: Error | null = null;
      const onAbort = (): void => void secure.destroy();
      const onClose = (): void => {
        signal.removeEventListener('abort', onAbort);
        const cause = failure ?? new Error('the peer closed it');
        reject(
          signal.aborted ? (signal.reason as Error) : classifySocketError(cause, 'tls', where),
        );
      };
      const secure = keepSession(tls, { ...optionsFor(), socket });
      secure.on('error', (error) => (failure ??= error));
      secure.on('close', onClose);
      secure.on('secureConnect', () => {
        signal.removeEventListener('abort', onAbort);
        secure.off('close', onClose);
        resolve(secure);
      });
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
    });
}

function clientOptionsFor(tls: TlsSettings): () => ClientOptions {
  const common: ClientOptions = {
    servername: isIP(tls.servername) === 0 ? tls.servername : '',
    rejectUnauthorized: !tls.insecure,
    // Not the host connected to, which is an address by now.
    checkServerIdentity: (_host, certificate) => checkServerIdentity(tls.servername, certificate),
    ALPNProtocols: [...(tls.alpn ?? ['http/1.1'])],
    allowHalfOpen: true,
    secureContext: createSecureContext(contextOptionsOf(tls)),
  };
  return () => {
    const session = tls.session?.session;
    return session === undefined ? common : { ...common, session };
  };
}

function contextOptionsOf(tls: TlsSettings): SecureContextOptions {
  const { ca, cert, key, passphrase } = tls;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
}

function keepSession({ session: cache }: TlsSettings, options: ClientOptions): TLSSocket {
  const socket = connect(options);
  if (cache !== undefined) {
    socket.on('session', (session: Buffer) => {
      cache.session = session;
    });
  }
  return socket;
}
