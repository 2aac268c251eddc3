/**
 * What can go wrong between two machines before HTTP has any say.
 *
 *   Error
 *   └── LinkError   code: what happened          phase: when it happened
 *       ├── DNS_FAILED                           resolve
 *       ├── REFUSED · UNREACHABLE · CONNECT_TIMEOUT · NO_LOCAL_PORTS · DENIED · TOO_MANY_FILES    connect
 *       ├── TLS_CERT · TLS_HANDSHAKE             tls
 *       ├── ADDRESS_IN_USE · NO_ADDRESS · DENIED listen
 *       ├── TOO_MANY_FILES                       accept
 *       ├── RESET · TIMED_OUT                    tls, read, write
 *       ├── NOT_OPEN · CLOSED                    write
 *       └── FAILED                               any: a code this file has no row for
 */

export type LinkErrorCode =
  | 'DNS_FAILED'
  | 'REFUSED'
  | 'UNREACHABLE'
  | 'CONNECT_TIMEOUT'
  | 'NO_LOCAL_PORTS'
  | 'TOO_MANY_FILES'
  | 'DENIED'
  | 'ADDRESS_IN_USE'
  | 'NO_ADDRESS'
  | 'TLS_CERT'
  | 'TLS_HANDSHAKE'
  | 'RESET'
  | 'TIMED_OUT'
  | 'NOT_OPEN'
  | 'CLOSED'
  | 'FAILED';

export type LinkPhase = 'resolve' | 'connect' | 'tls' | 'listen' | 'accept' | 'read' | 'write';

/** A failure of a link or of the way to it; `where` is the address it concerns, `cause` the runtime's own error. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
  readonly code: LinkErrorCode;
  readonly phase: LinkPhase;
  readonly where: string;

  constructor(
    code: LinkErrorCode,
    phase: LinkPhase,
    where: string,
    options: { reason: string; remedy: string; cause?: unknown },
  ) {
    super(
      `${PROBLEMS[phase]}: ${options.reason} (${where}). ${options.remedy}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    this.phase = phase;
    this.where = where;
  }
}

const PROBLEMS: Record<LinkPhase, string> = {
  resolve: 'Cannot find the host',
  connect: 'Cannot connect',
  tls: 'Cannot agree on TLS',
  listen: 'Cannot listen',
  accept: 'Cannot accept a connection',
  read: 'Connection lost while reading',
  write: 'Connection lost while writing',
};

interface Explanation {
  readonly code: LinkErrorCode;
  readonly reason: string;
  readonly remedy: string;
}

const CHECK_HOST = 'Check the address, the route and the firewall.';
const RAISE_FILES = 'Raise the limit (ulimit -n), or use fewer connections.';
const CHECK_PEER = 'Check what the peer logged; it, or a proxy on the way, dropped the connection.';

function explain(code: LinkErrorCode, reason: string, remedy: string): Explanation {
  return { code, reason, remedy };
}

const RESET = explain('RESET', 'the peer reset it', CHECK_PEER);
const TOO_MANY_FILES = explain('TOO_MANY_FILES', 'too many files are open', RAISE_FILES);
const UNREACHABLE = explain('UNREACHABLE', 'no route leads there', CHECK_HOST);
const DENIED = explain(
  'DENIED',
  'the system does not allow it',
  'Check permissions and sandbox rules; ports below 1024 often need privileges.',
);

const BY_SYSTEM_CODE: ReadonlyMap<string, Explanation> = new Map([
  [
    'ECONNREFUSED',
    explain('REFUSED', 'nothing listens there', 'Start the target, or correct its host and port.'),
  ],
  [
    'ENOENT',
    explain('REFUSED', 'there is no such socket file', 'Start the target, or correct the path.'),
  ],
  ['ENETUNREACH', UNREACHABLE],
  ['EHOSTUNREACH', UNREACHABLE],
  ['ENETDOWN', UNREACHABLE],
  ['EHOSTDOWN', UNREACHABLE],
  ['EAFNOSUPPORT', UNREACHABLE],
  [
    'EADDRNOTAVAIL',
    explain(
      'NO_LOCAL_PORTS',
      'the system has no free local port or address for it',
      'Reuse connections (keep-alive), use fewer, or widen the local port range.',
    ),
  ],
  ['EMFILE', TOO_MANY_FILES],
  ['ENFILE', TOO_MANY_FILES],
  ['EACCES', DENIED],
  ['EPERM', DENIED],
  [
    'EADDRINUSE',
    explain('ADDRESS_IN_USE', 'another program listens there', 'Stop it, or choose another port.'),
  ],
  ['ECONNRESET', RESET],
  ['ECONNABORTED', RESET],
  ['EPIPE', RESET],
  ['ERR_SOCKET_CLOSED', explain('CLOSED', 'it is already closed', 'Open a new connection.')],
]);

const NO_SUCH_ADDRESS = explain(
  'NO_ADDRESS',
  'this machine has no such address',
  'Give one of its own, such as 127.0.0.1 or 0.0.0.0.',
);

/** What means something else where it is this side that waits for connections. */
const BY_LISTEN_CODE: ReadonlyMap<string, Explanation> = new Map([
  ['EADDRNOTAVAIL', NO_SUCH_ADDRESS],
  ['ENOTFOUND', NO_SUCH_ADDRESS],
  ['EAI_AGAIN', NO_SUCH_ADDRESS],
]);

/** Codes of certificate verification that do not carry CERT in their name (OpenSSL, `openssl verify`). */
const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'HOSTNAME_MISMATCH',
  'PATH_LENGTH_EXCEEDED',
]);

function explainTimeout(phase: LinkPhase): Explanation {
  if (phase === 'read' || phase === 'write') {
    return explain('TIMED_OUT', 'the peer stopped answering', CHECK_HOST);
  }
  return explain('CONNECT_TIMEOUT', 'no answer in time', CHECK_HOST);
}

function explainTls(
  systemCode: string,
  message: string,
  reason: string | undefined,
): Explanation | undefined {
  if (systemCode.endsWith('ALERT_CERTIFICATE_REQUIRED')) {
    return explain(
      'TLS_CERT',
      'the peer asks for a certificate of this side',
      'Give one that it trusts, with its key.',
    );
  }
  if (systemCode.includes('CERT') || CERTIFICATE_CODES.has(systemCode)) {
    return explain(
      'TLS_CERT',
      `the certificate was not accepted, ${message.replace(/[: ]+$/, '')}`,
      'Correct the certificate or the host name, trust its issuer (--ca), or pass --insecure to skip the check.',
    );
  }
  if (
    systemCode === 'EPROTO' ||
    systemCode.startsWith('ERR_SSL') ||
    systemCode.startsWith('ERR_TLS')
  ) {
    return explain(
      'TLS_HANDSHAKE',
      reason ?? message,
      'Check that the port speaks TLS and that both sides share a version and a cipher.',
    );
  }
  return undefined;
}

interface SystemError {
  readonly code?: string;
  readonly message?: string;
  /** OpenSSL's, without the thread, the number and the source file that its message holds too. */
  readonly reason?: string;
}

/** The typed form of an error the runtime raised; a `LinkError` comes back as it is. */
export function classifySocketError(error: unknown, phase: LinkPhase, where: string): LinkError {
  if (error instanceof LinkError) return error;
  const { code = '', message = String(error), reason } = error as SystemError;
  const found =
    explainTls(code, message, reason) ??
    (phase === 'listen' ? BY_LISTEN_CODE.get(code) : undefined) ??
    (code === 'ETIMEDOUT' ? explainTimeout(phase) : BY_SYSTEM_CODE.get(code)) ??
    explain('FAILED', message, 'See the cause of this error.');
  return new LinkError(found.code, phase, where, {
    reason: found.reason,
    remedy: found.remedy,
    cause: error,
  });
}
