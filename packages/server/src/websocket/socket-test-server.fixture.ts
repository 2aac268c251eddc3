import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FakeClock } from '@needletail/testkit/fake-clock';
import { afterEach, expect } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import type { ServerRequest } from '../listen/exchange.ts';
import { listenOnWire, type WireListening } from '../listen/listen-on-wire.ts';
import { acceptWebSocket, webSocketEndpoint } from './accept-websocket.ts';
import { RawSocket } from './raw-socket.fixture.ts';
import type { ServerWebSocket } from './server-websocket.ts';
import { TopicHub } from './topic-hub.ts';
import type { WebSocketOptions } from './websocket-options.ts';

/** A server whose every path is a WebSocket, and its clients, for each test of a file; checked for errors after it. */
export class SocketTestServer {
  /** What handlers threw; a test that expects some takes them out. */
  readonly errors: unknown[] = [];
  readonly clock = new FakeClock();
  listening!: WireListening;
  hub!: TopicHub;
  readonly #clients: (WebSocket | RawSocket)[] = [];

  constructor() {
    afterEach(async () => {
      for (const client of this.#clients.splice(0)) client.terminate();
      await Promise.all([this.hub.closeAll(0), this.listening.close({ graceMs: 0 })]);
      expect(this.errors.splice(0)).toEqual([]);
    });
  }

  /** Every request is offered, also one that does not ask to switch protocols. */
  async start<Data = undefined>(
    options: WebSocketOptions<Data, ServerRequest>,
    { hasFakeClock = false }: { readonly hasFakeClock?: boolean } = {},
  ): Promise<void> {
    const endpoint = webSocketEndpoint(options);
    const hub = new TopicHub({
      onError: (error) => void this.errors.push(error),
      ...(hasFakeClock ? { clock: this.clock } : {}),
    });
    this.hub = hub;
    this.listening = await listenOnWire(
      (request, reply) =>
        acceptWebSocket(endpoint, { request, reply, takeOver: null, hub, context: request }),
      {
        onError: (error) => void this.errors.push(error),
        onUpgrade: (request, reply, takeOver) => {
          const outcome = acceptWebSocket(endpoint, {
            request,
            reply,
            takeOver,
            hub,
            context: request,
          });
          outcome?.catch((error: unknown) => {
            this.errors.push(error);
            reply.send(500, '', null);
          });
          return true;
        },
      },
    );
  }

  /** An open client of the package `ws`. */
  async connect(
    options: ClientOptions & { readonly protocols?: string[] } = {},
  ): Promise<WebSocket> {
    const { protocols = [], ...rest } = options;
    const url = `ws://127.0.0.1:${this.listening.port}/`;
    const socket = new WebSocket(url, protocols, { perMessageDeflate: false, ...rest });
    this.#clients.push(socket);
    await once(socket, 'open');
    return socket;
  }

  /** A client that sends what it is told, right or wrong, after a handshake. */
  async raw(fields = ''): Promise<RawSocket> {
    const client = new RawSocket(this.listening.port);
    this.#clients.push(client);
    await client.shakeHands(fields);
    return client;
  }

  /** What the server answers to such a request, up to its end. */
  async answerTo(request: string): Promise<string> {
    const client = new RawSocket(this.listening.port);
    this.#clients.push(client);
    client.write(request);
    return client.answer();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await nextTurn();
  }
}

export function echo(socket: ServerWebSocket, message: string | Buffer): unknown {
  return socket.send(message);
}

/** What a client is told when the connection ends: `code reason`. */
export async function closing(client: WebSocket): Promise<string> {
  const [code, reason] = (await once(client, 'close')) as [number, Buffer];
  return `${code} ${reason.toString()}`.trimEnd();
}

/** The next `count` messages, as text. */
export function messages(client: WebSocket, count: number): Promise<string[]> {
  const got: string[] = [];
  return new Promise((resolve) => {
    client.on('message', function listener(data) {
      got.push((data as Buffer).toString());
      if (got.length < count) return;
      client.off('message', listener);
      resolve(got);
    });
  });
}
