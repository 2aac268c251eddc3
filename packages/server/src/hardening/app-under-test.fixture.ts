import { setImmediate as nextTurn } from 'node:timers/promises';
import { FakeClock } from '@needletail/testkit/fake-clock';
import { afterEach, expect } from 'vitest';
import { App, type AppListenOptions, type AppOptions } from '../app/app.ts';
import type { Listening } from '../listen/exchange.ts';
import { RawClient } from '../listen/raw-client.fixture.ts';

/** One application on the wire and its clients for each test of a file; ended, and checked for unexpected reports, after it. */
export class AppUnderTest {
  readonly clock = new FakeClock();
  /** What was reported; a test that expects some takes them out. */
  readonly errors: unknown[] = [];
  app!: App;
  listening!: Listening;
  readonly #clients: RawClient[] = [];

  constructor() {
    afterEach(async () => {
      for (const client of this.#clients.splice(0)) client.socket.destroy();
      await this.app.close({ graceMs: 0 });
      expect(this.errors.splice(0)).toEqual([]);
    });
  }

  async start(
    fill: (app: App) => void,
    listenOptions: AppListenOptions = {},
    options: AppOptions<object> = {},
  ): Promise<void> {
    this.app = new App({ onError: (error) => void this.errors.push(error), ...options });
    fill(this.app);
    this.listening = await this.app.listen({ server: 'wire', ...listenOptions });
  }

  client(): RawClient {
    const client = new RawClient({ port: this.listening.port });
    this.#clients.push(client);
    return client;
  }

  /** Keeps nothing of a client that has closed. */
  forget(client: RawClient): void {
    const at = this.#clients.indexOf(client);
    if (at !== -1) this.#clients.splice(at, 1);
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
