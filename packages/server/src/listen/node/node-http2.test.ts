import { once } from 'node:events';
import { connect, constants, type ClientHttp2Session } from 'node:http2';
import { selfSignedCertificate } from '@needletail/testkit/certificate';
import { afterEach, describe, expect, it } from 'vitest';
import type { Dispatch, Listening } from '../exchange.ts';
import { listenOnNode } from './node-backend.ts';

const tls = selfSignedCertificate();
const PIECE = Buffer.alloc(64 * 1024, 'x');
const PIECES = 400;

let listening: Listening;
let session: ClientHttp2Session;
const errors: unknown[] = [];

afterEach(async () => {
  session.destroy();
  await listening.close({ graceMs: 0 });
  expect(errors.splice(0)).toEqual([]);
});

async function start(dispatch: Dispatch): Promise<void> {
  listening = await listenOnNode(dispatch, { tls, onError: (error) => void errors.push(error) });
  session = connect(`https://127.0.0.1:${listening.port}`, { ca: tls.cert });
  session.on('error', () => undefined);
}

describe('HTTP/2 of listenOnNode', () => {
  it('waits for a client that does not read', async () => {
    let made = 0;
    async function* flood(): AsyncGenerator<Buffer> {
      while (made < PIECES) {
        made += 1;
        yield PIECE;
      }
    }
    await start((_, reply) => reply.stream(200, '', flood()));
    const stream = session.request({ ':path': '/' });
    await once(stream, 'response');
    let before = -1;
    while (made !== before || made === 0) {
      before = made;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    expect(made).toBeLessThan(PIECES / 2);
    let sizeBytes = 0;
    for await (const piece of stream) sizeBytes += (piece as Buffer).length;
    expect(sizeBytes).toBe(PIECES * PIECE.length);
  });

  it('tells a handler and its producer of a stream that is reset; the others go on', async () => {
    let outcome: unknown;
    let isEnded = false;
    async function* endless(): AsyncGenerator<string> {
      try {
        for (;;) {
          yield 'more';
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      } finally {
        isEnded = true;
      }
    }
    const reasons: unknown[] = [];
    await start(async (request, reply) => {
      if (request.target === '/plain') return reply.send(200, '', 'plain');
      request.signal.addEventListener('abort', () => reasons.push(request.signal.reason));
      outcome = await reply.stream(200, '', endless()).catch((error: unknown) => error);
    });
    const stream = session.request({ ':path': '/endless' });
    stream.on('error', () => undefined);
    await once(stream, 'data');
    stream.close(constants.NGHTTP2_CANCEL);
    while (outcome === undefined || !isEnded) await new Promise((r) => setTimeout(r, 2));
    expect(outcome).toMatchObject({ code: 'CLIENT_GONE' });
    expect(reasons).toMatchObject([{ code: 'CLIENT_GONE' }]);
    const other = session.request({ ':path': '/plain' });
    const [piece] = (await once(other, 'data')) as [Buffer];
    expect(piece.toString()).toBe('plain');
  });

  it('joins cookies, and takes the authority for Host', async () => {
    await start((request, reply) => reply.send(200, '', JSON.stringify([...request.headers])));
    const stream = session.request({ ':path': '/', ':authority': 'a.b:1', cookie: ['a=1', 'b=2'] });
    const [piece] = (await once(stream, 'data')) as [Buffer];
    expect(JSON.parse(piece.toString())).toEqual([
      ['host', 'a.b:1'],
      ['cookie', 'a=1; b=2'],
    ]);
  });

  it('answers many streams of one connection, of which some have bodies', async () => {
    await start(async (request, reply) => {
      const body = await request.body.bytes();
      reply.send(200, '', `${request.target} ${body.length}`);
    });
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const stream = session.request({ ':method': 'POST', ':path': `/${index}` });
        stream.end(Buffer.alloc(index * 1_000));
        const pieces: Buffer[] = [];
        for await (const piece of stream) pieces.push(piece as Buffer);
        return Buffer.concat(pieces).toString();
      }),
    );
    expect(answers).toEqual(Array.from({ length: 60 }, (_, at) => `/${at} ${at * 1_000}`));
  });

  it.each([
    ['a short body that nobody read', 2_000, false],
    ['a long body that nobody read', 3_000_000, false],
    ['a short body that was read in part', 2_000, true],
    ['a long body that was read in part', 3_000_000, true],
  ])('ends a stream with its answer after %s', async (_, sizeBytes, isRead) => {
    await start(async (request, reply) => {
      if (isRead) for await (const piece of request.body.stream()) if (piece.length > 0) break;
      reply.send(200, '', 'enough');
    });
    const stream = session.request({ ':method': 'POST', ':path': '/' });
    const closed = once(stream, 'close');
    stream.end(Buffer.alloc(sizeBytes));
    const [piece] = (await once(stream, 'data')) as [Buffer];
    await closed;
    expect([piece.toString(), stream.rstCode]).toEqual(['enough', constants.NGHTTP2_NO_ERROR]);
  });

  it('refuses a head that is larger than the limits', async () => {
    await start((_, reply) => reply.send(200, '', 'x'));
    const stream = session.request({ ':path': '/', x: 'y'.repeat(30_000) });
    const [head] = (await once(stream, 'response')) as [{ ':status': number }];
    expect(head[':status']).toBe(431);
    stream.close();
  });
});
