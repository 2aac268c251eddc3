import { setImmediate as nextTurn } from 'node:timers/promises';
import { encodeFields } from '@needletail/wire';
import { FakeClock } from '@needletail/testkit/fake-clock';
import { afterEach, expect } from 'vitest';
import type { ServerReply, ServerRequest } from './exchange.ts';
import { listenOnWire, type WireListening } from './listen-on-wire.ts';
import { RawClient } from './raw-client.fixture.ts';
import type { ServerOptions } from './server-options.ts';

export const TEXT: string = encodeFields([['Content-Type', 'text/plain']]);
export const CLOSED_TEXT = /\r\nConnection: close\r\n/;

/** One server and its clients for each test of a file; ended, and checked for unexpected errors, after it. */
export class TestServer {
  readonly clock = new FakeClock();
  /** What was reported; a test that expects some takes them out. */
  readonly errors: unknown[] = [];
  listening!: WireListening;
  readonly #clients: RawClient[] = [];

  constructor() {
    afterEach(async () => {
      for (const client of this.#clients.splice(0)) client.socket.destroy();
      await this.listening.close({ graceMs: 0 });
      expect(this.errors.splice(0)).toEqual([]);
    });
  }

  async start(
    dispatch: (request: ServerRequest, reply: ServerReply) => void | Promise<void>,
    options: ServerOptions = {},
  ): Promise<void> {
    this.listening = await listenOnWire(dispatch, {
      onError: (error) => void this.errors.push(error),
      ...options,
    });
  }

  client(): RawClient {
    const client = new RawClient({ port: this.listening.port });
    this.#clients.push(client);
    return client;
  }

  /** Sends bytes on a connection of their own, and reads to its end. */
  async exchange(bytes: string): Promise<string> {
    const client = this.client();
    client.send(bytes);
    const text = await client.ended();
    client.socket.destroy();
    return text;
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await nextTurn();
  }
}
