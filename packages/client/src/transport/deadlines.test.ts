import { FakeClock } from '@needletail/testkit/fake-clock';
import { MemoryNetwork, type Connector, type Link } from '@needletail/wire';
import { describe, expect, it } from 'vitest';
import { makeRequest } from '../model/client-request.fixture.ts';
import { DEFAULT_TIMEOUTS, type Timeouts } from '../model/timeouts.ts';
import type { ResponseBody } from '../body/response-body.ts';
import { streamedBody, transportTo, wholeBody } from './wire-setup.fixture.ts';
import type { WireTransport } from './wire-transport.ts';
import { wholeText } from './test-request.fixture.ts';

const LIMIT_MS = 1000;
/** A tenth of the limit for the scan that starts the count, another for the one that ends it. */
const LATEST_MS = LIMIT_MS * 1.2;

interface Scene {
  readonly clock: FakeClock;
  readonly transport: WireTransport;
  /** The server's end of each connection. */
  readonly links: Link[];
}

/** A transport on a clock that stands still, and a server that says what `onBytes` says. */
function sceneWith(
  onBytes: (link: Link) => void,
  connect?: () => Connector | Promise<Connector>,
): Scene {
  const clock = new FakeClock();
  const links: Link[] = [];
  const network = new MemoryNetwork((link) => {
    links.push(link);
    return {
      onOpen() {},
      onBytes: () => onBytes(link),
      onDrain() {},
      onEnd: () => link.end(),
      onClose() {},
    };
  }, clock);
  return { clock, links, transport: transportTo({ clock, connect: connect ?? (() => network) }) };
}

const URL = 'http://memory.test/';
const only = (limits: Partial<Timeouts>): Timeouts => ({
  pool: Infinity,
  connect: Infinity,
  write: Infinity,
  read: Infinity,
  exchange: Infinity,
  total: Infinity,
  ...limits,
});

/** Moves the clock in steps of a hundredth of the limit, letting promises settle, until `sent` has; answers when. */
async function settleTime(scene: Scene, sent: Promise<unknown>, mostMs: number): Promise<number> {
  const startMs = scene.clock.now();
  let isSettled = false;
  sent.then(
    () => (isSettled = true),
    () => (isSettled = true),
  );
  for (;;) {
    for (let turn = 0; turn < 20; turn += 1) {
      scene.clock.flush();
      await Promise.resolve();
    }
    if (isSettled || scene.clock.now() - startMs >= mostMs) break;
    scene.clock.advance(LIMIT_MS / 100);
  }
  return scene.clock.now() - startMs;
}

async function expectTimeout(scene: Scene, sent: Promise<unknown>, name: string): Promise<void> {
  const tookMs = await settleTime(scene, sent, 10 * LIMIT_MS);
  await expect(sent).rejects.toMatchObject({ name });
  expect(tookMs).toBeGreaterThanOrEqual(LIMIT_MS);
  expect(tookMs).toBeLessThanOrEqual(LATEST_MS);
}

describe('the time-outs of a request', () => {
  it('connect: the source of connectors takes too long', async () => {
    const scene = sceneWith(
      () => {},
      () => new Promise(() => {}),
    );
    const sent = scene.transport.send(makeRequest(URL, { timeouts: only({ connect: LIMIT_MS }) }));
    await expectTimeout(scene, sent, 'ConnectTimeoutError');
    expect(scene.transport.pool).toMatchObject({ connecting: 0, waiting: 0 });
  });

  it('connect: the link does not open', async () => {
    let destroyed = 0;
    const dead: Connector = {
      connect: () => ({ destroy: () => (destroyed += 1) }) as Partial<Link> as Link,
    };
    const scene = sceneWith(
      () => {},
      () => dead,
    );
    const sent = scene.transport.send(makeRequest(URL, { timeouts: only({ connect: LIMIT_MS }) }));
    await expectTimeout(scene, sent, 'ConnectTimeoutError');
    expect(destroyed).toBe(1);
  });

  it('read: no first byte', async () => {
    const scene = sceneWith(() => {});
    const sent = scene.transport.send(makeRequest(URL, { timeouts: only({ read: LIMIT_MS }) }));
    await expectTimeout(scene, sent, 'ReadTimeoutError');
    await expect(sent).rejects.toMatchObject({ phase: 'head' });
    expect(scene.transport.pool.open).toBe(0);
  });

  it('read: silence in the middle of a body', async () => {
    const scene = sceneWith(
      (link) => void link.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal'),
    );
    const sent = scene.transport.send(makeRequest(URL, { timeouts: only({ read: LIMIT_MS }) }));
    await expectTimeout(scene, sent, 'ReadTimeoutError');
    await expect(sent).rejects.toMatchObject({ phase: 'body' });
  });

  it('read: each byte gives the server new time', async () => {
    const scene = sceneWith(
      (link) => void link.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'),
    );
    const sent = scene.transport.send(makeRequest(URL, { timeouts: only({ read: LIMIT_MS }) }));
    for (let piece = 0; piece < 5; piece += 1) {
      expect(await settleTime(scene, sent, LIMIT_MS * 0.9)).toBeGreaterThanOrEqual(LIMIT_MS * 0.9);
      scene.links[0]!.write('x');
    }
    scene.clock.flush();
    expect(wholeText((await sent).body)).toBe('xxxxx');
  });

  it('read: a reader that takes its time is no fault of the server', async () => {
    const size = 200_000;
    const scene = sceneWith(
      (link) =>
        void link.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`),
    );
    const timeouts = only({ read: LIMIT_MS });
    const sent = scene.transport.send(makeRequest(URL, { timeouts, isStreaming: true }));
    await settleTime(scene, sent, LIMIT_MS);
    const { body } = await sent;
    scene.clock.advance(20 * LIMIT_MS);
    let receivedBytes = 0;
    const reading = (async () => {
      for await (const piece of body as ResponseBody) receivedBytes += piece.length;
    })();
    await settleTime(scene, reading, LIMIT_MS);
    await reading;
    expect(receivedBytes).toBe(size);
  });

  it('write: the server takes nothing', async () => {
    const scene = sceneWith((link) => link.pause());
    const timeouts = only({ write: LIMIT_MS });
    const body = wholeBody(Buffer.alloc(1_000_000));
    const sent = scene.transport.send(makeRequest(URL, { method: 'PUT', body, timeouts }));
    await expectTimeout(scene, sent, 'WriteTimeoutError');
  });

  it('write: a slow source of a body is no fault of the server', async () => {
    const scene = sceneWith(() => {});
    const { promise, resolve } = withResolvers();
    const timeouts = only({ write: LIMIT_MS, read: LIMIT_MS });
    async function* slow(): AsyncGenerator<Uint8Array, void> {
      await promise;
      yield Buffer.from('x');
    }
    const sent = scene.transport.send(
      makeRequest(URL, { method: 'POST', body: streamedBody(slow()), timeouts }),
    );
    await settleTime(scene, sent, 5 * LIMIT_MS);
    expect(scene.transport.pool.active).toBe(1);
    resolve();
    await expectTimeout(scene, sent, 'ReadTimeoutError');
  });

  it('exchange: bytes that keep dripping do not put it off', async () => {
    const scene = sceneWith(
      (link) => void link.write('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n'),
    );
    const timeouts = only({ read: LIMIT_MS, exchange: LIMIT_MS });
    const sent = scene.transport.send(makeRequest(URL, { timeouts }));
    const outcome = expect(sent).rejects.toMatchObject({
      name: 'ReadTimeoutError',
      code: 'EXCHANGE_TIMEOUT',
      phase: 'body',
    });
    let tookMs = 0;
    for (let piece = 0; piece < 9; piece += 1) {
      tookMs += await settleTime(scene, sent, LIMIT_MS / 9);
      scene.links[0]!.write('x');
    }
    tookMs += await settleTime(scene, sent, LIMIT_MS);
    await outcome;
    expect(tookMs).toBeGreaterThanOrEqual(LIMIT_MS);
    expect(tookMs).toBeLessThanOrEqual(LIMIT_MS * 1.02);
  });

  it('exchange: begins when the head is sent, not while the connection opens', async () => {
    const { promise, resolve } = withResolvers();
    const scene: Scene = sceneWith(
      () => {},
      () => promise.then(() => network),
    );
    const network = new MemoryNetwork(() => {
      return { onOpen() {}, onBytes() {}, onDrain() {}, onEnd() {}, onClose() {} };
    }, scene.clock);
    const timeouts = only({ exchange: LIMIT_MS });
    const sent = scene.transport.send(makeRequest(URL, { timeouts }));
    await settleTime(scene, sent, 5 * LIMIT_MS);
    resolve();
    await expectTimeout(scene, sent, 'ReadTimeoutError');
    await expect(sent).rejects.toMatchObject({ code: 'EXCHANGE_TIMEOUT', phase: 'head' });
  });

  it('exchange: a reader that takes its time is held to it too', async () => {
    const size = 200_000;
    const scene = sceneWith(
      (link) =>
        void link.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`),
    );
    const timeouts = only({ exchange: LIMIT_MS });
    const sent = scene.transport.send(makeRequest(URL, { timeouts, isStreaming: true }));
    await settleTime(scene, sent, LIMIT_MS / 2);
    const { body } = await sent;
    await settleTime(scene, new Promise(() => {}), LIMIT_MS);
    await expect(
      (async () => {
        for await (const piece of body as ResponseBody) expect(piece.length).toBeGreaterThan(0);
      })(),
    ).rejects.toMatchObject({ code: 'EXCHANGE_TIMEOUT', phase: 'body' });
  });

  it('leave no timer behind', async () => {
    const scene = sceneWith(
      (link) => void link.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
    );
    const sent = scene.transport.send(makeRequest(URL, { timeouts: DEFAULT_TIMEOUTS }));
    await settleTime(scene, sent, LIMIT_MS);
    await sent;
    scene.clock.advance(10_000);
    expect(scene.clock.pendingTimers).toBe(0);
  });
});

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
