import { describe, expect, it } from 'vitest';
import type { IncomingBody } from './exchange.ts';
import { get, post, statuses } from './raw-client.fixture.ts';
import { TestServer } from './wire-test-server.fixture.ts';

const server = new TestServer();
const pause = (delayMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, delayMs));

async function startReader(read: (body: IncomingBody) => Promise<unknown>): Promise<void> {
  await server.start(async (request, reply) =>
    reply.send(200, '', String(await read(request.body))),
  );
}

async function readStream(body: IncomingBody): Promise<string> {
  let text = '';
  for await (const piece of body.stream()) text += piece.toString('latin1');
  return text;
}

function head(length: string, fields = ''): string {
  return `POST / HTTP/1.1\r\nHost: t\r\n${length}\r\n${fields}\r\n`;
}

const SIZED = head('Content-Length: 5');
const CHUNKED = head('Transfer-Encoding: chunked');

describe('IncomingBody', () => {
  const readers: [string, (body: IncomingBody) => Promise<string>][] = [
    ['bytes()', async (body) => (await body.bytes()).toString('latin1')],
    ['bytes(), late', async (body) => (await pause(5), await body.bytes()).toString('latin1')],
    ['stream()', readStream],
    ['stream(), late', async (body) => (await pause(5), await readStream(body))],
  ];
  it.each(readers)(
    '%s gives it whole, however it is cut, and the next request is found',
    async (_, read) => {
      await startReader(read);
      for (const message of [
        `${SIZED}hello`,
        `${CHUNKED}2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nX-T: 1\r\n\r\n`,
      ]) {
        const client = server.client();
        for (const byte of message) client.send(byte);
        client.send(message + get('/', 'Connection: close\r\n'));
        const answers = (await client.ended())
          .split('\r\n\r\n')
          .slice(1)
          .map((part) => part.slice(0, 5));
        expect(answers).toEqual(['hello', 'hello', '']);
      }
    },
  );

  it('has the length as announced', async () => {
    await startReader(async (body) => body.length);
    const answers = await server.exchange(
      get('/') + SIZED + 'hello' + CHUNKED + '0\r\n\r\n' + get('/', 'Connection: close\r\n'),
    );
    expect(
      answers
        .split('\r\n\r\n')
        .slice(1)
        .map((part) => part.split('HTTP')[0]),
    ).toEqual(['0', '5', 'null', '0']);
  });

  it('is read once', async () => {
    await startReader(async (body) => {
      await body.bytes();
      return body.bytes().catch((error: { code: string }) => error.code);
    });
    expect(await server.exchange(post('/', 'abc', 'Connection: close\r\n'))).toMatch(/BODY_USED$/);
  });

  it('is not taken before all of it arrived, and can still be waited for', async () => {
    const early: unknown[] = [];
    await startReader((body) => {
      early.push(body.arrived!());
      return body.bytes();
    });
    for (const begin of [SIZED, `${SIZED}he`, CHUNKED]) {
      const client = server.client();
      client.send(begin);
      await server.until(() => early.length === 1);
      expect(early.splice(0)).toEqual([null]);
      client.send(
        begin === CHUNKED ? '5\r\nhello\r\n0\r\n\r\n' : 'hello'.slice(begin.endsWith('he') ? 2 : 0),
      );
      expect(await client.got('hello')).toContain('200 OK');
    }
  });

  it('that arrived is taken once, within the limit', async () => {
    await startReader(async (body) => {
      const codeOf = (take: () => unknown): unknown => {
        try {
          return take();
        } catch (error) {
          return (error as { code: string }).code;
        }
      };
      if (body.length === 6) return codeOf(() => body.arrived!(5));
      return [body.arrived!(5), codeOf(() => body.arrived!())].join(' ');
    });
    const client = server.client();
    client.send(post('/', 'hello') + post('/', 'hello!', 'Connection: close\r\n'));
    const answers = await client.ended();
    expect(answers).toMatch(/\r\n\r\nhello BODY_USED/);
    expect(answers).toMatch(/\r\n\r\nBODY_TOO_LARGE$/);
  });

  it('is refused with 413 above what the route allows, and the answer arrives', async () => {
    await startReader((body) => body.bytes(4));
    const client = server.client();
    client.send(post('/', 'abcde') + get('/', 'Connection: close\r\n'));
    expect(statuses(await client.ended())).toEqual([413, 200]);
  });

  it('may be longer than the default where the route allows it', async () => {
    await startReader(async (body) => (await body.bytes(3_000_000)).length);
    expect(
      await server.exchange(post('/', 'x'.repeat(2_500_000), 'Connection: close\r\n')),
    ).toMatch(/2500000$/);
  });

  it('holds the client back while nobody reads', async () => {
    let body: IncomingBody | undefined;
    await server.start((request) => void (body = request.body));
    const client = server.client();
    client.send(head('Content-Length: 100000000'));
    await server.until(() => body !== undefined);
    let sentBytes = 0;
    const block = 'x'.repeat(100_000);
    for (; sentBytes < 5e7 && client.socket.writableLength < 1e6; sentBytes += block.length) {
      client.send(block);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(sentBytes).toBeLessThan(5e7);
    const iterator = body!.stream()[Symbol.asyncIterator]();
    let readBytes = 0;
    while (readBytes < sentBytes) readBytes += (await iterator.next()).value!.length;
    expect(readBytes).toBe(sentBytes);
  });

  it('left unread is drained up to 64 KiB; beyond, the connection closes after the answer', async () => {
    await server.start((_, reply) => reply.send(200, '', null));
    const kept = server.client();
    kept.send(post('/', 'x'.repeat(60_000)) + get('/', 'Connection: close\r\n'));
    expect(statuses(await kept.ended())).toEqual([200, 200]);
    const dropped = server.client();
    dropped.send(head('Content-Length: 70000'));
    expect(await dropped.ended()).toContain('Connection: close');
    const chunked = server.client();
    chunked.send(`${CHUNKED}11170\r\n${'x'.repeat(70_000)}\r\n0\r\n\r\n${get('/')}`);
    expect(statuses(await chunked.ended())).toEqual([200]);
  });

  it('left unread and not sent within a second closes the connection', async () => {
    await server.start((_, reply) => reply.send(200, '', null), { clock: server.clock });
    const client = server.client();
    client.send(SIZED);
    await client.got('200 OK');
    server.clock.advance(1_500);
    expect(statuses(await client.ended())).toEqual([200]);
  });

  it('broken off by the reader is drained too', async () => {
    await startReader(async (body) => {
      for await (const piece of body.stream()) return piece.length;
      return 0;
    });
    const client = server.client();
    client.send(`${CHUNKED}1\r\na\r\n`);
    await client.got('\r\n\r\n1');
    client.send(`1\r\nb\r\n0\r\n\r\n${get('/', 'Connection: close\r\n')}`);
    expect(statuses(await client.ended())).toEqual([200, 200]);
  });

  it('can be answered while it comes in', async () => {
    await server.start((request, reply) => reply.stream(200, '', request.body.stream()));
    const client = server.client();
    client.send(`${CHUNKED}3\r\none\r\n`);
    await client.got('3\r\none\r\n');
    client.send('3\r\ntwo\r\n0\r\n\r\n');
    await client.got('3\r\ntwo\r\n0\r\n\r\n');
    client.send(get('/', 'Connection: close\r\n'));
    expect(statuses(await client.ended())).toEqual([200, 200]);
  });

  it('does not end the process when the client vanishes before anyone awaits it', async () => {
    const failures: unknown[] = [];
    const unhandled: unknown[] = [];
    const listener = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', listener);
    let isAsked = false;
    await server.start(async (request) => {
      const body = request.body.bytes();
      isAsked = true;
      await new Promise((resolve) => request.signal.addEventListener('abort', resolve));
      await pause(20);
      await body.catch((error: unknown) => failures.push(error));
    });
    const client = server.client();
    client.send(`${SIZED}he`);
    await server.until(() => isAsked);
    client.socket.resetAndDestroy();
    await server.until(() => failures.length === 1);
    process.off('unhandledRejection', listener);
    expect(unhandled).toEqual([]);
  });
});

describe('Expect: 100-continue', () => {
  const EXPECTING = head('Content-Length: 5', 'Expect: 100-continue\r\n');

  it('is met when the body is asked for', async () => {
    await startReader((body) => body.bytes());
    const client = server.client();
    client.send(EXPECTING);
    await client.got('HTTP/1.1 100 Continue\r\n\r\n');
    client.send('hello');
    await client.got('\r\n\r\nhello');
    client.send(get('/', 'Connection: close\r\n'));
    expect(statuses(await client.ended())).toEqual([100, 200, 200]);
  });

  it('is met late when the body is asked for late', async () => {
    await startReader(async (body) => (await pause(10), await body.bytes()));
    const client = server.client();
    client.send(EXPECTING);
    await client.got('100 Continue');
    client.send('hello');
    await client.got('\r\n\r\nhello');
  });

  it('is passed over when the body has come along', async () => {
    await startReader((body) => body.bytes());
    const client = server.client();
    client.send(`${EXPECTING}hello`);
    expect(statuses(await client.got('\r\n\r\nhello'))).toEqual([200]);
  });

  it('is not met by an answer that does without the body, which is the last', async () => {
    await server.start((_, reply) => reply.send(403, '', null));
    const client = server.client();
    client.send(EXPECTING);
    const text = await client.ended();
    expect(statuses(text)).toEqual([403]);
    expect(text).toContain('Connection: close');
  });

  it('is nothing to an HTTP/1.0 client', async () => {
    await startReader((body) => body.bytes());
    const client = server.client();
    client.send(EXPECTING.replace('HTTP/1.1', 'HTTP/1.0'));
    await pause(20);
    client.send('hello');
    expect(statuses(await client.ended())).toEqual([200]);
  });
});
