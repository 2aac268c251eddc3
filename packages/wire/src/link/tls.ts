import { isIP, type OnReadOpts } from 'node:net';
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  type ConnectionOptions,
} from 'node:tls';
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
  readonly session?: SessionCache;
  /** Protocols offered (RFC 7301); `http/1.1` unless set. */
  readonly alpn?: readonly string[];
}

/** How a TLS connection to `target` is started. The context is built once: it parses every trusted certificate. */
export function tlsOpener(target: TcpTarget, tls: TlsSettings): OpenSocket {
  const secureContext = createSecureContext(tls.ca === undefined ? {} : { ca: tls.ca });
  const cache: SessionCache = tls.session ?? {};
  // The types leave out two documented options that `tls.connect` hands to the socket it makes.
  const common: ConnectionOptions & { allowHalfOpen: boolean } = {
    port: target.port,
    servername: isIP(tls.servername) === 0 ? tls.servername : '',
    rejectUnauthorized: !tls.insecure,
    // Not the host connected to, which is an address by now.
    checkServerIdentity: (_host, certificate) => checkServerIdentity(tls.servername, certificate),
    ALPNProtocols: [...(tls.alpn ?? ['http/1.1'])],
    allowHalfOpen: true,
    secureContext,
  };
  return (host, onread) => {
    const options: typeof common & { onread: OnReadOpts } = {
      ...common,
      ...(target.socketPath === undefined ? { host } : { path: target.socketPath }),
      ...(cache.session === undefined ? {} : { session: cache.session }),
      onread,
    };
    const socket = connect(options);
    socket.on('session', (session: Buffer) => {
      cache.session = session;
    });
    return socket;
  };
}
