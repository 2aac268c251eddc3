import type { AddressInfo } from 'node:net';
import {
  MemoryNetwork,
  RequestBuilder,
  RequestDecoder,
  type Connector,
  type Link,
  type LinkHandler,
  type ReceivedRequest,
} from '@needletail/wire';
import {
  answerUpgrade,
  decodeText,
  encodeUpgradeResponse,
  FrameDecoder,
  FrameEncoder,
} from '@needletail/wire/websocket';
import { WebSocketServer, type ServerOptions, type WebSocket } from 'ws';
import type { WebSocketOptions } from './websocket-options.ts';

/** An echo server on `ws` and where it is. */
export interface EchoServer {
  readonly url: string;
  readonly port: number;
  readonly server: WebSocketServer;
  close(): Promise<void>;
}

export async function startEchoServer(
  options: ServerOptions = {},
  onConnection: (socket: WebSocket) => void = echo,
): Promise<EchoServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', ...options });
  server.on('connection', onConnection);
  await new Promise((resolve) => server.on('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/`,
    port,
    server,
    async close() {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function echo(socket: WebSocket): void {
  socket.on('message', (data, isBinary) => socket.send(data as Buffer, { binary: isBinary }));
}

/** A server in memory that does what a test tells it, right or wrong, and remembers what it was sent. */
export class ScriptedPeer {
  readonly link: Link;
  readonly events: string[] = [];
  readonly encoder = new FrameEncoder('server');
  request: ReceivedRequest | null = null;
  /** How often bytes came. */
  reads = 0;
  #hasEnded = false;
  #isClosed = false;

  constructor(link: Link) {
    this.link = link;
  }

  /** Whether the client ended, or dropped, its side. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Sends frames. */
  send(frames: (encoder: FrameEncoder) => void): void {
    frames(this.encoder);
    this.encoder.flush(this.link);
  }

  handler(answer: Answer): LinkHandler {
    let isUpgraded = false;
    const requests = new RequestDecoder(
      new RequestBuilder({
        onRequest: (request) => {
          this.request = request;
          isUpgraded = true;
          const sent = answer(request, this);
          if (sent !== null) this.link.write(sent);
          return false;
        },
      }),
    );
    const frames = new FrameDecoder('server', {
      onText: (bytes, start, end, isAscii) =>
        this.events.push(`text ${decodeText(bytes, start, end, isAscii)}`),
      onBinary: (bytes, start, end) =>
        this.events.push(`binary ${bytes.toString('latin1', start, end)}`),
      onPing: (bytes, start, end) =>
        this.events.push(`ping ${bytes.toString('latin1', start, end)}`),
      onPong: (bytes, start, end) =>
        this.events.push(`pong ${bytes.toString('latin1', start, end)}`),
      onClose: (code, reason) => this.events.push(`close ${code} ${reason}`.trimEnd()),
    });
    return {
      onOpen() {},
      onBytes: (buffer, end) => {
        this.reads += 1;
        const used = isUpgraded ? 0 : requests.feed(buffer, 0, end);
        if (used < end) frames.feed(buffer, used, end);
      },
      onDrain() {},
      onEnd: () => (this.#hasEnded = true),
      onClose: () => (this.#isClosed = true),
    };
  }
}

/** What the server writes to a handshake; null for nothing. */
export type Answer = (request: ReceivedRequest, peer: ScriptedPeer) => string | Buffer | null;

export const accepting: Answer = (request) =>
  encodeUpgradeResponse(answerUpgrade({ method: request.method, upgrade: true }, request.fields));

/** The option by which a client reaches scripted peers instead of the network. */
export interface ScriptedNetwork {
  readonly peers: ScriptedPeer[];
  readonly connector: NonNullable<WebSocketOptions['connector']>;
}

export function scriptedNetwork(answer: Answer = accepting): ScriptedNetwork {
  const peers: ScriptedPeer[] = [];
  const network: Connector = new MemoryNetwork((link) => {
    const peer = new ScriptedPeer(link);
    peers.push(peer);
    return peer.handler(answer);
  });
  return {
    peers,
    connector: {
      connectorFor: () => network,
      requestForm: () => 'origin',
      extraHeaders: () => null,
    },
  };
}

/** Lets what is under way in memory arrive. */
export async function settle(turns = 12): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

/** The error that `promise` rejects with. */
export async function rejection<Kind extends Error>(
  promise: Promise<unknown>,
  kind: new (...args: never[]) => Kind,
): Promise<Kind> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
  throw new Error(`Nothing was thrown, though ${kind.name} should have been.`);
}
