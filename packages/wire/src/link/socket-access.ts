/** Where bytes of accepted and opened sockets go: past the streams of the runtime, or through them. */
export interface SocketAccess {
  readonly kind: 'direct' | 'plain';
  readonly reason: string;
}

const VARIABLE = 'NEEDLETAIL_SOCKETS';

/** False when the variable `NEEDLETAIL_SOCKETS` is `plain`: nothing undocumented of the runtime is used then. */
export const MAY_USE_HANDLES: boolean = process.env[VARIABLE] !== 'plain';
