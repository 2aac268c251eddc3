import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startLeakCheck } from '@needletail/testkit/leak-check';
import { describe, expect, it } from 'vitest';
import { stream } from '../reply/reply.ts';
import { sse } from '../reply/sse.ts';
import { get, type RawClient } from '../listen/raw-client.fixture.ts';
import { AppUnderTest } from './app-under-test.fixture.ts';

const HOST = 'Host: test\r\n';
const CLIENTS = 40;
const server = new AppUnderTest();

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What was made for requests, held by nobody here. */
class Remembered {
  readonly #refs: WeakRef<object>[] = [];

  add(thing: object): void {
    this.#refs.push(new WeakRef(thing));
  }

  get count(): number {
    return this.#refs.length;
  }

  /** How many are still there once the garbage is gone. */
  async alive(): Promise<number> {
    for (let turn = 0; turn < 5; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      collectGarbage();
    }
    return this.#refs.filter((ref) => ref.deref() !== undefined).length;
  }
}

/** Runs `visit` with so many clients of a started server, one after the other, and says what they left. */
async function leftBy(remembered: Remembered, visit: (client: RawClient) => Promise<void>) {
  const leaks = startLeakCheck(['TTYWrap', 'PipeWrap', 'Timeout', 'Immediate']);
  for (let at = 0; at < CLIENTS; at += 1) {
    const client = server.client();
    await visit(client);
    client.socket.resetAndDestroy();
    server.forget(client);
  }
  return { handles: await leaks.leaked(5_000), alive: await remembered.alive() };
}

/** The last one may still be named by a stack or a cache of the engine. */
const FEW = 2;

describe('a client that vanishes', () => {
  it('in its head frees everything', async () => {
    await server.start((app) => app.get('/', () => 'x'));
    const { handles } = await leftBy(new Remembered(), async (client) => {
      client.send('GET / HTTP/1.1\r\nX: y');
      await new Promise((resolve) => client.socket.once('connect', resolve));
    });
    expect(handles).toEqual(new Map());
  });

  it('in its body frees everything, and the reading handler is told', async () => {
    const remembered = new Remembered();
    let told = 0;
    await server.start((app) =>
      app.post('/', async (c) => {
        remembered.add(c);
        remembered.add(c.request);
        await c.read.bytes().catch((error: { code?: string }) => {
          if (error.code === 'CLIENT_GONE') told += 1;
          throw error;
        });
      }),
    );
    let before = 0;
    const { handles, alive } = await leftBy(remembered, async (client) => {
      client.send(`POST / HTTP/1.1\r\n${HOST}Content-Length: 100000\r\n\r\nabc`);
      before += 2;
      await server.until(() => remembered.count === before);
    });
    await server.until(() => told === CLIENTS);
    expect(handles).toEqual(new Map());
    expect(alive).toBeLessThanOrEqual(FEW);
  });

  it('in its chunked body, streamed, frees everything', async () => {
    const remembered = new Remembered();
    let pieces = 0;
    let told = 0;
    await server.start((app) =>
      app.post('/', async (c) => {
        remembered.add(c);
        try {
          for await (const piece of c.read.stream()) pieces += piece.length > 0 ? 1 : 0;
        } catch (error) {
          told += 1;
          throw error;
        }
        return '';
      }),
    );
    const { handles, alive } = await leftBy(remembered, async (client) => {
      const seen = pieces;
      client.send(`POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`);
      await server.until(() => pieces > seen);
    });
    await server.until(() => told === CLIENTS);
    expect(handles).toEqual(new Map());
    expect(alive).toBeLessThanOrEqual(FEW);
  });

  it('in the middle of a streamed answer ends its producer and frees everything', async () => {
    const remembered = new Remembered();
    let ended = 0;
    const ticks = async function* (): AsyncGenerator<string> {
      try {
        for (;;) {
          yield 'tick\n';
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      } finally {
        ended += 1;
      }
    };
    await server.start((app) =>
      app.get('/', (c) => {
        remembered.add(c);
        const producer = ticks();
        remembered.add(producer);
        return stream(producer);
      }),
    );
    const { handles, alive } = await leftBy(remembered, async (client) => {
      client.send(get('/'));
      await client.got('tick');
    });
    await server.until(() => ended === CLIENTS);
    expect(handles).toEqual(new Map());
    expect(alive).toBeLessThanOrEqual(FEW);
  });

  it('before its answer aborts the signal, and frees everything when the handler gives up', async () => {
    const remembered = new Remembered();
    let aborted = 0;
    let asked = 0;
    await server.start((app) =>
      app.get('/', (c) => {
        asked += 1;
        remembered.add(c);
        return new Promise((resolve) => {
          c.signal.addEventListener('abort', () => {
            aborted += 1;
            resolve('nobody');
          });
        });
      }),
    );
    const { handles, alive } = await leftBy(remembered, async (client) => {
      const seen = asked;
      client.send(get('/'));
      await server.until(() => asked > seen);
    });
    await server.until(() => aborted === CLIENTS);
    expect(handles).toEqual(new Map());
    expect(alive).toBeLessThanOrEqual(FEW);
  });

  it('by closing while no event comes ends the producer of its events', async () => {
    const seen: string[] = [];
    await server.start((app) =>
      app.get('/', (c) =>
        sse(c, async function* ({ signal }) {
          try {
            yield { data: 'first' };
            await new Promise((resolve) => signal.addEventListener('abort', resolve));
            seen.push('signal');
          } finally {
            seen.push('finally');
          }
        }),
      ),
    );
    const client = server.client();
    client.send(get('/'));
    await client.got('data: first');
    client.socket.destroy();
    await server.until(() => seen.length === 2);
    expect(seen).toEqual(['signal', 'finally']);
  });
});
