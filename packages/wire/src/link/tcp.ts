import { connect, type NetConnectOpts, type OnReadOpts, type Socket } from 'node:net';

/** Where to connect: a host already resolved, or the path of a unix socket, which then wins. */
export interface TcpTarget {
  readonly host: string;
  readonly port: number;
  /** Literal addresses, tried in order when one refuses; `resolveHost` gives them. */
  readonly addresses: readonly string[];
  readonly socketPath?: string;
}

/** Starts connecting to one address, reading into `onread.buffer`, or emitting 'data' where there is none. */
export type OpenSocket = (address: string, onread?: OnReadOpts) => Socket;

/** How a plain connection to `target` is started; half-open, so that an end and a close stay two events. */
export function tcpOpener(target: TcpTarget): OpenSocket {
  const { port, socketPath } = target;
  return (host, onread) => {
    const common = { allowHalfOpen: true, ...(onread === undefined ? {} : { onread }) };
    const options: NetConnectOpts =
      socketPath === undefined ? { host, port, ...common } : { path: socketPath, ...common };
    return connect(options);
  };
}
