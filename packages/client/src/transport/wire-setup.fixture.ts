import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Dialer, type Connector } from '@needletail/wire';
import type { RequestBody } from '../body/request-body.ts';
import type { RequestUrl } from '../model/request-url.ts';
import type { ConnectorSource } from './connector-source.ts';
import {
  createWireTransport,
  type WireTransport,
  type WireTransportOptions,
} from './wire-transport.ts';

/** A source that connects every URL to 127.0.0.1 at its port, or to what `connect` makes. */
class LoopbackSource implements ConnectorSource {
  isClosed = false;
  readonly #connect: ((url: RequestUrl) => Connector | Promise<Connector>) | undefined;

  constructor(connect?: (url: RequestUrl) => Connector | Promise<Connector>) {
    this.#connect = connect;
  }

  keyOf(url: RequestUrl): string {
    return url.origin;
  }

  connectorFor(url: RequestUrl): Connector | Promise<Connector> {
    if (this.#connect !== undefined) return this.#connect(url);
    const { port } = url;
    return new Dialer({ host: url.hostname, port, addresses: ['127.0.0.1'] });
  }

  requestForm(): 'origin' {
    return 'origin';
  }

  extraHeaders(): null {
    return null;
  }

  close(): void {
    this.isClosed = true;
  }
}

export function transportTo(
  options: Partial<WireTransportOptions> & {
    connect?: (url: RequestUrl) => Connector | Promise<Connector>;
  } = {},
): WireTransport {
  const { connect, ...rest } = options;
  return createWireTransport({ source: new LoopbackSource(connect), ...rest });
}

/** One connection as a scripted server sees it. */
export interface ServerConnection {
  readonly socket: Socket;
  /** Counts from 1. */
  readonly index: number;
  /** Everything received so far, as latin1. */
  text: string;
}

export interface ScriptedServer {
  readonly url: string;
  readonly port: number;
  readonly connections: readonly ServerConnection[];
  close(): Promise<void>;
}

/** A raw TCP server: `onData` is called after each read, `text` holds all that came. */
export async function startScripted(
  onData: (connection: ServerConnection, chunk: string) => void,
): Promise<ScriptedServer> {
  const connections: ServerConnection[] = [];
  const server: Server = createServer({ noDelay: true, allowHalfOpen: false }, (socket) => {
    const connection: ServerConnection = { socket, index: connections.length + 1, text: '' };
    connections.push(connection);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      connection.text += text;
      onData(connection, text);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    connections,
    close: async () => {
      for (const { socket } of connections) socket.destroy();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

/** Answers each GET-like request (a head without a body) with `answer`. */
export function answering(
  answer: string | ((connection: ServerConnection, requestNumber: number) => string | null),
): (connection: ServerConnection) => void {
  const counts = new WeakMap<ServerConnection, number>();
  return (connection) => {
    let count = counts.get(connection) ?? 0;
    while (connection.text.split('\r\n\r\n').length - 1 > count) {
      count += 1;
      counts.set(connection, count);
      const bytes = typeof answer === 'string' ? answer : answer(connection, count);
      if (bytes !== null) connection.socket.write(bytes, 'latin1');
    }
  };
}

export const HELLO_ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';

/** A body in memory, as one. */
export function wholeBody(whole: string | Uint8Array): RequestBody {
  const bytes = typeof whole === 'string' ? Buffer.from(whole) : whole;
  return {
    length: bytes.length,
    contentType: null,
    whole,
    isReplayable: true,
    async *open() {
      yield bytes;
    },
  };
}

/** A body that is pulled, once. */
export function streamedBody(
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  length: number | null = null,
): RequestBody {
  return {
    length,
    contentType: null,
    whole: null,
    isReplayable: false,
    async *open() {
      yield* pieces;
    },
  };
}

/** Resolves when `isMet`, asked every turn; the test's own time limit is the other way out. */
export async function until(isMet: () => boolean): Promise<void> {
  while (!isMet()) await new Promise((resolve) => void setImmediate(resolve));
}
