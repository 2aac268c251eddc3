import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { selfSignedCertificate } from '@needletail/testkit/certificate';
import { FakeClock } from '@needletail/testkit/fake-clock';
import { afterEach, describe, expect, it } from 'vitest';
import type { Dispatch, Listening, ServerReply } from '../exchange.ts';
import { get, post, RawClient, statuses } from '../raw-client.fixture.ts';
import type { ServerOptions } from '../server-options.ts';
import { listenOnNode } from './node-backend.ts';

const clock = new FakeClock();
const clients: RawClient[] = [];
let listening: Listening;
let errors: unknown[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy();
  await listening.close({ graceMs: 0 });
  expect(errors.splice(0)).toEqual([]);
});

async function start(dispatch: Dispatch, options: ServerOptions = {}): Promise<void> {
  const onError = (error: unknown): void => void errors.push(error);
  listening = await listenOnNode(dispatch, { clock, onError, ...options });
}

function client(): RawClient {
  const opened = new RawClient({ port: listening.port });
  clients.push(opened);
  return opened;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}

describe('listenOnNode, limits of time', () => {
  it('answers 503 for a handler that does not, and tells it; its late answer goes nowhere', async () => {
    const replies: ServerReply[] = [];
    const signals: AbortSignal[] = [];
    await start((request, reply) => {
      replies.push(reply);
      signals.push(request.signal);
    });
    const asking = client();
    asking.send(get('/'));
    await until(() => replies.length === 1);
    clock.advance(299_000);
    expect(asking.text).toBe('');
    clock.advance(1_500);
    expect(statuses(await asking.ended())).toEqual([503]);
    expect(asking.text).toMatch(/connection: close/i);
    expect(signals[0]!.reason).toMatchObject({ code: 'REFUSED', status: 503 });
    replies[0]!.send(200, '', 'late');
    expect(errors.splice(0)).toMatchObject([{ code: 'REFUSED' }]);
  });

  it('answers 408 for a body that stops coming, or comes too slowly', async () => {
    for (const [delayMs, times] of [
      [31_000, 1],
      [5_000, 4],
    ] as const) {
      let isReading = false;
      await start(async (request, reply) => {
        const body = request.body.bytes();
        isReading = true;
        reply.send(200, '', await body);
      });
      const asking = client();
      asking.send('POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5000\r\n\r\n');
      await until(() => isReading);
      for (let round = 0; round < times; round += 1) {
        asking.send('x');
        await nextTurn();
        clock.advance(delayMs);
      }
      expect(statuses(await asking.ended())).toEqual([408]);
      await listening.close({ graceMs: 0 });
    }
  });

  it('drops a client that does not read, and ends the producer', async () => {
    let isEnded = false;
    let outcome: unknown;
    async function* flood(): AsyncGenerator<Buffer> {
      try {
        for (;;) yield Buffer.alloc(65_536);
      } finally {
        isEnded = true;
      }
    }
    let made = 0;
    await start(async (_, reply) => {
      const counted = (async function* () {
        for await (const piece of flood()) {
          made += 1;
          yield piece;
        }
      })();
      outcome = await reply.stream(200, '', counted).catch((error: unknown) => error);
    });
    const asking = client();
    asking.socket.pause();
    asking.send(get('/'));
    let before = -1;
    while (made !== before || made === 0) {
      before = made;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    clock.advance(31_000);
    await until(() => outcome !== undefined && isEnded);
    expect(outcome).toMatchObject({ code: 'CLIENT_GONE' });
  });

  it('has none for a stream that goes on', async () => {
    let next = (): void => {};
    async function* slow(): AsyncGenerator<string> {
      yield 'begin';
      await new Promise<void>((resolve) => (next = resolve));
      yield 'end';
    }
    await start((_, reply) => reply.stream(200, '', slow()));
    const asking = client();
    asking.send(get('/'));
    await asking.got('begin');
    clock.advance(3_600_000);
    next();
    await asking.got('0\r\n\r\n');
  });

  it('answers 408 for a head that does not end, and closes idle connections', async () => {
    await start((_, reply) => reply.send(200, '', 'x'), {
      timeouts: { headMs: 100, keepAliveMs: 100 },
    });
    const asking = client();
    asking.send('GET / HTTP/1.1\r\nHost');
    expect(statuses(await asking.ended())).toEqual([408]);
    const idle = client();
    idle.send(get('/'));
    expect(statuses(await idle.ended())).toEqual([200]);
  });

  it('ends idle sessions of HTTP/2', async () => {
    const tls = selfSignedCertificate();
    await start((_, reply) => reply.send(200, '', 'x'), { tls, timeouts: { keepAliveMs: 100 } });
    const session = connectHttp2(`https://127.0.0.1:${listening.port}`, { ca: tls.cert });
    const stream = session.request({ ':path': '/' });
    stream.resume();
    await once(stream, 'end');
    await once(session, 'close');
  });
});

describe('listenOnNode, limits of size', () => {
  it('takes no more connections than it may', async () => {
    await start((_, reply) => reply.send(200, '', 'x'), { maxConnections: 1 });
    const first = client();
    first.send(get('/'));
    await first.got('200 OK');
    const second = client();
    second.send(get('/'));
    expect(await second.ended()).toBe('');
    first.socket.destroy();
    await once(first.socket, 'close');
    let text = '';
    while (text === '') {
      const third = client();
      third.send(get('/', 'Connection: close\r\n'));
      text = await third.ended();
    }
    expect(statuses(text)).toEqual([200]);
  });

  it('lets the answer arrive when it does without a long body', async () => {
    await start((_, reply) => reply.send(413, '', 'too long'));
    const asking = client();
    asking.send(post('/', 'x'.repeat(300_000)));
    expect(await asking.ended()).toMatch(/413[^]*too long$/);
    expect(asking.errorCode).toBe('');
  });

  it('refuses fields of HTTP/2 beyond the limit', async () => {
    const tls = selfSignedCertificate();
    await start((_, reply) => reply.send(200, '', 'x'), { tls });
    const session = connectHttp2(`https://127.0.0.1:${listening.port}`, { ca: tls.cert });
    session.on('error', () => undefined);
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`x-${at}`, 'y']));
    const stream = session.request({ ':path': '/', ...many });
    await expect(once(stream, 'response')).rejects.toThrow(/ENHANCE_YOUR_CALM|REFUSED|closed/i);
    session.destroy();
  });
});

describe('Listening.close of listenOnNode', () => {
  it('lets idle connections ask once more for idleMs', async () => {
    await start((_, reply) => reply.send(200, '', 'x'));
    const [used, idle] = [client(), client()];
    for (const each of [used, idle]) {
      each.send(get('/'));
      await each.got('\r\n\r\nx');
    }
    const closed = listening.close({ idleMs: 2_000, graceMs: 1_000 });
    used.send(get('/'));
    expect(await used.ended()).toMatch(/connection: close[^]*x$/i);
    expect(idle.socket.readableEnded).toBe(false);
    clock.advance(2_000);
    await idle.ended();
    await closed;
  });
});
