import { gzipSync } from 'node:zlib';
import { FakeClock } from '@needletail/testkit/fake-clock';
import { describe, expect, it } from 'vitest';
import { makeRequest } from './client-request.fixture.ts';
import { BodyChannel } from '../body/response-body.ts';
import { ReadError, StatusError } from '../errors.ts';
import { decodeExchange } from '../send/decode.ts';
import { bytesOf, makeExchange, makeResponse, PiecewiseBody } from '../send/exchange.fixture.ts';
import type { TransportResponse } from '../transport/transport.ts';
import { StreamingResponse } from './streaming-response.ts';

const clock = new FakeClock();

function streamed(
  body: TransportResponse['body'],
  status = 200,
  ...fields: string[]
): StreamingResponse {
  return new StreamingResponse(makeExchange(makeResponse(status, fields, body)), clock);
}

function pieces(...parts: string[]): StreamingResponse {
  return streamed(new PiecewiseBody(parts));
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** A body that breaks off behind `text`. */
function brokenAfter(text: string): BodyChannel {
  const channel = new BodyChannel({ pause() {}, resume() {}, cancel() {} });
  channel.push(Buffer.from(text));
  channel.end(
    new ReadError({ code: 'RESET', phase: 'body', problem: 'p', reason: 'r', remedy: 'm' }),
  );
  return channel;
}

describe('StreamingResponse', () => {
  it('gives the body in pieces, once, and counts', async () => {
    const response = pieces('ab', 'c');
    expect(response).toMatchObject({ status: 200, ok: true, receivedBytes: 0 });
    expect((await bytesOf(response)).toString()).toBe('abc');
    expect(response.receivedBytes).toBe(3);
    expect(() => response[Symbol.asyncIterator]()).toThrow(
      expect.objectContaining({ code: 'BODY_CONSUMED' }),
    );
    await expect(response.read()).rejects.toMatchObject({ code: 'BODY_CONSUMED' });
    await expect(all(response.lines())).rejects.toMatchObject({ code: 'BODY_CONSUMED' });
  });

  it('takes a body that is here already', async () => {
    expect((await bytesOf(streamed(Buffer.from('abc')))).toString()).toBe('abc');
    const response = streamed(Buffer.alloc(0));
    expect(await all(response)).toEqual([]);
    expect(() => response[Symbol.asyncIterator]()).toThrow(
      expect.objectContaining({ code: 'BODY_CONSUMED' }),
    );
  });

  it('counts bytes as they came, before decoding', async () => {
    const body = gzipSync('a'.repeat(1000));
    const exchange = makeExchange(
      makeResponse(200, ['Content-Encoding: gzip'], new PiecewiseBody([body])),
    );
    const response = new StreamingResponse(await decodeExchange(exchange), clock);
    expect(await bytesOf(response)).toHaveLength(1000);
    expect(response.receivedBytes).toBe(body.length);
  });

  it('gives text, whatever the cuts', async () => {
    const bytes = [...Buffer.from('h\u00e9\u20ac')].map((byte) => Buffer.from([byte]));
    const response = streamed(new PiecewiseBody(bytes));
    expect((await all(response.textStream())).join('')).toBe('h\u00e9\u20ac');
    const latin = streamed(new PiecewiseBody([Buffer.from([0xe9])]));
    expect(await all(latin.textStream('latin1'))).toEqual(['\u00e9']);
    await expect(all(pieces('a').textStream('klingon'))).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
  });

  it('gives lines, the last one without an end too', async () => {
    expect(await all(pieces('a\r', '\nb', 'c\n\nd').lines())).toEqual(['a', 'bc', '', 'd']);
    await expect(all(pieces('123', '4\n').lines({ maxLineCharacters: 3 }))).rejects.toMatchObject({
      code: 'LINE_TOO_LONG',
      url: 'http://example.com/',
    });
  });

  it('gives the values of JSON lines', async () => {
    const values = await all(pieces('{"a":1}\n\n', ' \n[2', ']\r\n"x"').ndjson());
    expect(values).toEqual([{ a: 1 }, [2], 'x']);
    await expect(all(pieces('1\n\n{"a":}\n').ndjson())).rejects.toMatchObject({
      code: 'INVALID_JSON',
      message: expect.stringContaining('line 3, column 6'),
    });
  });

  it('is a web stream that reads no further than asked', async () => {
    const body = new PiecewiseBody(['a', 'b', 'c']);
    const response = streamed(body);
    expect(response.body).toBe(response.body);
    const reader = response.body.getReader();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('a');
    await Promise.resolve();
    expect(body.readPieces).toBe(1);
    await reader.cancel();
    expect(body.isCancelled).toBe(true);
    expect(await new Response(pieces('x', 'y').body).text()).toBe('xy');
    await expect(new Response(streamed(brokenAfter('x')).body).text()).rejects.toMatchObject({
      code: 'RESET',
    });
  });

  it('gives the rest up when a loop is left, and when it is closed', async () => {
    const left = new PiecewiseBody(['a', 'b']);
    for await (const line of streamed(left).textStream()) {
      expect(line).toBe('a');
      break;
    }
    expect(left.isCancelled).toBe(true);
    const closed = new PiecewiseBody(['a']);
    await streamed(closed)[Symbol.asyncDispose]();
    expect(closed.isCancelled).toBe(true);
  });
});

describe('StreamingResponse.read()', () => {
  it('reads all of it, and how long that took', async () => {
    const request = makeRequest('http://example.com/', { startedAtMs: clock.now() - 5 });
    const exchange = makeExchange(
      makeResponse(200, [], new PiecewiseBody(['{"a"', ':1}'])),
      request,
    );
    const response = new StreamingResponse(exchange, clock);
    expect(response.elapsedMs).toBe(5);
    clock.advance(7);
    const read = await response.read();
    expect(read.json()).toEqual({ a: 1 });
    expect(read.elapsedMs).toBe(12);
    expect(response.elapsedMs).toBe(5);
  });

  it('rejects beyond its maximum, and gives the rest up', async () => {
    const body = new PiecewiseBody(['abc', 'def']);
    await expect(streamed(body).read(5)).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' });
    expect(body.isCancelled).toBe(true);
    await expect(streamed(Buffer.from('abc')).read(2)).rejects.toMatchObject({
      code: 'BODY_TOO_LARGE',
    });
    expect((await pieces('abc').read(3)).text()).toBe('abc');
  });
});

describe('StreamingResponse.raiseForStatus()', () => {
  it('leaves a body of 2xx alone', async () => {
    const response = pieces('abc');
    expect(await response.raiseForStatus()).toBe(response);
    expect((await bytesOf(response)).toString()).toBe('abc');
  });

  it('rejects with the body in hand, and its first 64 KiB if it is long', async () => {
    const refused = streamed(new PiecewiseBody(['{"why":', '"full"}']), 507).raiseForStatus();
    const error = await refused.then(
      () => null,
      (thrown: unknown) => thrown as StatusError,
    );
    expect(error).toBeInstanceOf(StatusError);
    expect(error!.response.json()).toEqual({ why: 'full' });
    const endless = new PiecewiseBody(Array.from({ length: 100 }, () => 'x'.repeat(10_000)));
    const long = await streamed(endless, 500)
      .raiseForStatus()
      .then(
        () => null,
        (thrown: unknown) => thrown as StatusError,
      );
    expect(long!.response.bytes()).toHaveLength(65_536);
    expect(endless.isCancelled).toBe(true);
  });

  it('keeps what came of a body that broke off', async () => {
    await expect(streamed(brokenAfter('half'), 500).raiseForStatus()).rejects.toMatchObject({
      code: 'STATUS',
      cause: expect.objectContaining({ code: 'RESET' }),
    });
  });
});
