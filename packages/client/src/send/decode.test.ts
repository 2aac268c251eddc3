import { randomBytes } from 'node:crypto';
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { makeRequest } from '../model/client-request.fixture.ts';
import { BodyChannel, type ResponseBody } from '../body/response-body.ts';
import type { TransportResponse } from '../transport/transport.ts';
import { ZSTD_BOMB, ZSTD_FOOBAR, ZSTD_TEXT, zstdText } from '../body/zstd-samples.fixture.ts';
import { ReadError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { decodeExchange, decodeLayer } from './decode.ts';
import { bytesOf, makeExchange, makeResponse, PiecewiseBody } from './exchange.fixture.ts';
import type { Exchange } from './layer.ts';

const FAST = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
const TEXT = Buffer.from('needletail '.repeat(30));

function exchangeOf(
  coding: string,
  body: TransportResponse['body'],
  changes: Partial<ClientRequest> = {},
  status = 200,
): Exchange {
  const request = makeRequest('http://example.com/', changes);
  const fields = coding === '' ? [] : [`Content-Encoding: ${coding}`];
  return makeExchange(makeResponse(status, fields, body), request);
}

async function decoded(
  coding: string,
  body: TransportResponse['body'],
  changes: Partial<ClientRequest> = {},
): Promise<Buffer> {
  const exchange = await decodeExchange(exchangeOf(coding, body, changes));
  const result = exchange.response.body;
  return Buffer.isBuffer(result) ? result : await bytesOf(result);
}

const CODINGS: readonly [string, Buffer, Buffer][] = [
  ['gzip', gzipSync(TEXT), TEXT],
  ['x-gzip', gzipSync(TEXT), TEXT],
  ['GZip', Buffer.concat([gzipSync('two '), gzipSync('members')]), Buffer.from('two members')],
  ['deflate', deflateSync(TEXT), TEXT],
  ['deflate', deflateRawSync(TEXT), TEXT],
  ['deflate', deflateRawSync(''), Buffer.alloc(0)],
  ['br', brotliCompressSync(TEXT), TEXT],
  ['zstd', ZSTD_FOOBAR, Buffer.from('foobar')],
  ['gzip, br', brotliCompressSync(gzipSync(TEXT)), TEXT],
  ['deflate, identity,, gzip', gzipSync(deflateSync(TEXT)), TEXT],
];

describe('decodeExchange()', () => {
  it.each(CODINGS)('undoes %s of a body that is here', async (coding, body, expected) => {
    expect((await decoded(coding, body)).equals(expected)).toBe(true);
  });

  it.each(CODINGS)('undoes %s cut at every byte', async (coding, body, expected) => {
    for (let cut = 0; cut <= body.length; cut += 1) {
      const pieces = new PiecewiseBody([body.subarray(0, cut), body.subarray(cut)]);
      expect((await decoded(coding, pieces)).equals(expected)).toBe(true);
    }
    const bytes = new PiecewiseBody([...body].map((byte) => Buffer.from([byte])));
    expect((await decoded(coding, bytes)).equals(expected)).toBe(true);
  });

  it('undoes long Zstandard data of many blocks', async () => {
    expect((await decoded('zstd', ZSTD_TEXT)).toString()).toBe(zstdText());
    const twice = Buffer.concat([ZSTD_TEXT, ZSTD_FOOBAR]);
    const pieces = [...twice].map((byte) => Buffer.from([byte]));
    expect((await decoded('zstd', new PiecewiseBody(pieces))).toString()).toBe(
      `${zstdText()}foobar`,
    );
  });

  it('undoes large bodies, at once and in pieces', async () => {
    const noise = randomBytes(300_000);
    expect((await decoded('gzip', gzipSync(noise))).equals(noise)).toBe(true);
    const large = Buffer.from(
      Array.from({ length: 200_000 }, (_, index) => `line ${index}`).join('\n'),
    );
    expect((await decoded('br', brotliCompressSync(large, FAST))).equals(large)).toBe(true);
    expect((await decoded('gzip', new PiecewiseBody([gzipSync(large)]))).equals(large)).toBe(true);
  });

  it('answers at once for a small body', () => {
    const exchange = decodeExchange(exchangeOf('gzip', gzipSync(TEXT)));
    expect(exchange).not.toBeInstanceOf(Promise);
  });

  it('leaves the fields as received, and hands trailers on when they come', async () => {
    const response = { ...makeResponse(200, ['Content-Encoding: gzip'], new PiecewiseBody([])) };
    const exchange = await decodeExchange(makeExchange(response));
    expect(exchange.response.headers.get('content-encoding')).toBe('gzip');
    expect(exchange.response.trailers).toBeNull();
    Object.assign(response, { trailers: response.headers });
    expect(exchange.response.trailers).toBe(response.headers);
  });

  it.each([
    ['there is no coding', exchangeOf('', TEXT)],
    ['it is identity', exchangeOf('identity', TEXT)],
    ['a coding is unknown', exchangeOf('gzip, rot13', TEXT)],
    ['it is not wanted', exchangeOf('gzip', TEXT, { decompress: false })],
    ['it answers HEAD', exchangeOf('gzip', new PiecewiseBody([]), { method: 'HEAD' })],
    ['the status is 204', exchangeOf('gzip', new PiecewiseBody([]), {}, 204)],
    ['the status is 304', exchangeOf('gzip', TEXT, {}, 304)],
    ['it is empty', exchangeOf('gzip', Buffer.alloc(0))],
  ])('gives back what it got when %s', (_name, exchange) => {
    expect(decodeExchange(exchange)).toBe(exchange);
  });

  it('takes a stream without a byte for an empty body', async () => {
    for (const coding of ['gzip', 'deflate', 'br', 'zstd', 'gzip, br']) {
      expect(await decoded(coding, new PiecewiseBody([]))).toHaveLength(0);
    }
  });

  it.each(CODINGS.filter(([, , text]) => text.length > 0))(
    'rejects %s that is cut off, wherever that is',
    async (coding, body, expected) => {
      for (let cut = 1; cut < body.length; cut += Math.ceil(body.length / 40)) {
        const part = body.subarray(0, cut);
        for (const form of [part, new PiecewiseBody([part])]) {
          const result = decoded(coding, form);
          // A list of members or frames may end between two of them.
          const isWhole = await result.then(
            (bytes) => bytes.length < expected.length && bytes.length > 0,
            () => false,
          );
          if (isWhole && /^(GZip|zstd)$/.test(coding)) continue;
          await expect(result).rejects.toMatchObject({
            name: 'DecodingError',
            code: 'DECODING_FAILED',
          });
        }
      }
    },
  );

  it.each(['gzip', 'deflate', 'br', 'zstd'])('rejects %s that is none', async (coding) => {
    for (const form of [Buffer.from('plain text'), new PiecewiseBody(['plain text'])]) {
      await expect((async () => decoded(coding, form))()).rejects.toMatchObject({
        code: 'DECODING_FAILED',
        phase: 'decode',
        url: 'http://example.com/',
        message: expect.stringContaining(coding),
      });
    }
  });

  it('refuses more than five codings', async () => {
    const body = new PiecewiseBody(['a']);
    const six = Array.from({ length: 6 }, () => 'gzip').join(', ');
    await expect((async () => decoded(six, body))()).rejects.toMatchObject({
      code: 'DECODING_FAILED',
    });
    expect(body.isCancelled).toBe(true);
    let five: Buffer = TEXT;
    for (let count = 0; count < 5; count += 1) five = gzipSync(five);
    expect((await decoded(six.slice('gzip, '.length), five)).equals(TEXT)).toBe(true);
  });

  it('passes on what broke the body', async () => {
    const channel = new BodyChannel({ pause() {}, resume() {}, cancel() {} });
    const broken = new ReadError({
      code: 'RESET',
      phase: 'body',
      problem: 'p',
      reason: 'r',
      remedy: 'm',
    });
    channel.push(gzipSync(randomBytes(1000)).subarray(0, 500));
    channel.end(broken);
    await expect(decoded('gzip', channel)).rejects.toBe(broken);
  });

  it.each([
    ['gzip', gzipSync(Buffer.alloc(2_000_000))],
    ['br', brotliCompressSync(Buffer.alloc(2_000_000))],
    ['zstd', ZSTD_BOMB],
  ])('refuses %s that becomes more than maxBodyBytes', async (coding, body) => {
    const result = (async () => decoded(coding, body, { maxBodyBytes: 100_000 }))();
    await expect(result).rejects.toMatchObject({ code: 'DECODED_TOO_LARGE' });
    await expect((async () => decoded(coding, body, { maxBodyBytes: 0 }))()).rejects.toMatchObject({
      code: 'DECODED_TOO_LARGE',
    });
  });

  it.each([
    ['br', brotliCompressSync(Buffer.alloc(64 * 1024 * 1024))],
    ['gzip, br', brotliCompressSync(gzipSync(Buffer.alloc(64 * 1024 * 1024)))],
    ['zstd', ZSTD_BOMB],
  ])('stops at a bomb of %s before it is in memory', async (coding, body) => {
    const before = process.memoryUsage().arrayBuffers;
    let mostBytes = 0;
    const exchange = await decodeExchange(
      exchangeOf(coding, new PiecewiseBody([body]), { maxBodyBytes: Infinity }),
    );
    const read = async (): Promise<void> => {
      let length = 0;
      for await (const chunk of exchange.response.body as ResponseBody) {
        length += chunk.length;
        mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers - before);
        expect(length).toBeLessThanOrEqual(Math.max(1024 * 1024, body.length * 1000));
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'DECODED_TOO_LARGE' });
    expect(mostBytes).toBeLessThan(32 * 1024 * 1024);
    await expect(
      (async () => decoded(coding, body, { maxBodyBytes: Infinity }))(),
    ).rejects.toMatchObject({
      code: 'DECODED_TOO_LARGE',
    });
  });

  it('refuses a Zstandard window above 8 MiB before it is allocated', async () => {
    const huge = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 1, 0, 0]);
    await expect((async () => decoded('zstd', huge))()).rejects.toMatchObject({
      code: 'DECODING_FAILED',
      cause: expect.objectContaining({ message: expect.stringContaining('window') }),
    });
  });

  it('gives the source up when its reader stops, also while it waits', async () => {
    let cancels = 0;
    const flow = { pause() {}, resume() {}, cancel: () => (cancels += 1) };
    const channel = new BodyChannel(flow);
    channel.push(gzipSync(TEXT).subarray(0, 10));
    const exchange = await decodeExchange(exchangeOf('gzip', channel));
    const body = exchange.response.body as ResponseBody;
    const iterator = body[Symbol.asyncIterator]();
    const waiting = iterator.next();
    await iterator.return!();
    expect((await waiting).done).toBe(true);
    expect(cancels).toBe(1);
    expect((await iterator.next()).done).toBe(true);
    expect(() => body[Symbol.asyncIterator]()).toThrow(
      expect.objectContaining({ code: 'BODY_CONSUMED' }),
    );
  });

  it('gives the source up when the data is corrupt, and when nobody reads', async () => {
    const corrupt = new PiecewiseBody(['no gzip', 'at all']);
    await expect(decoded('gzip', corrupt)).rejects.toMatchObject({ code: 'DECODING_FAILED' });
    expect(corrupt.isCancelled).toBe(true);
    const unread = new PiecewiseBody(['a']);
    const exchange = await decodeExchange(exchangeOf('br', unread));
    (exchange.response.body as ResponseBody).cancel();
    expect(unread.isCancelled).toBe(true);
  });

  it('decodes as data arrives, and reads no further than its reader', async () => {
    const channel = new BodyChannel({ pause() {}, resume() {}, cancel() {} });
    const { createGzip } = await import('node:zlib');
    const gzip = createGzip();
    const flushed = async (text: string): Promise<Buffer> => {
      gzip.write(text);
      await new Promise<void>((resolve) => gzip.flush(() => resolve()));
      return gzip.read() as Buffer;
    };
    const exchange = await decodeExchange(exchangeOf('gzip', channel));
    const iterator = (exchange.response.body as ResponseBody)[Symbol.asyncIterator]();
    for (const text of ['data: 1\n\n', 'data: 2\n\n']) {
      channel.push(await flushed(text));
      expect(((await iterator.next()).value as Buffer).toString()).toBe(text);
    }
    await iterator.return!();
    const noise = Array.from({ length: 400 }, () => gzipSync(randomBytes(16_000)));
    const slow = new PiecewiseBody(noise);
    const slowly = await decodeExchange(exchangeOf('gzip', slow));
    await (slowly.response.body as ResponseBody)[Symbol.asyncIterator]().next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(slow.readPieces).toBeLessThan(50);
  });
});

describe('decodeLayer()', () => {
  it('decodes where the request asks for it', async () => {
    const exchange = exchangeOf('gzip', gzipSync(TEXT));
    const result = await decodeLayer(exchange.request, () => Promise.resolve(exchange));
    expect(TEXT.equals(result.response.body as Buffer)).toBe(true);
  });

  it('returns the very promise of the next layer where it does not', () => {
    const promise = Promise.resolve(exchangeOf('gzip', TEXT));
    expect(decodeLayer(makeRequest('http://h/', { decompress: false }), () => promise)).toBe(
      promise,
    );
  });
});
