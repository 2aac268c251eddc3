import { feedInPieces } from '@needletail/testkit/feeding';
import { recordResponses } from '@needletail/testkit/codec-recorder';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeChunk, encodeLastChunk } from './chunk-encoder.ts';
import { RequestBuilder, type ReceivedRequest } from './request-builder.ts';
import { RequestDecoder } from './request-decoder.ts';
import { encodeRequestHead } from './request-encoder.ts';
import { ResponseBuilder, type ReceivedResponse } from './response-builder.ts';
import { BODY_EXPECTED, BODY_NONE, ResponseDecoder } from './response-decoder.ts';
import { encodeResponseHead, hasResponseBody } from './response-encoder.ts';

const TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~0123456789ABCXYZabcxyz";
const token = fc.string({
  unit: fc.constantFrom(...TOKEN_CHARACTERS.split('')),
  minLength: 1,
  maxLength: 12,
});
const name = token.map((text) => `x-${text}`);
const value = fc
  .array(fc.constantFrom(0x09, 0x20, 0x21, 0x41, 0x7e, 0x80, 0xa0, 0xff), { maxLength: 12 })
  .map((codes) => String.fromCharCode(...codes));
const fields = fc.array(fc.tuple(name, value), { maxLength: 6 });
const body = fc.uint8Array({ maxLength: 200 });
const cuts = fc
  .array(fc.integer({ min: 1, max: 600 }), { maxLength: 12 })
  .map((positions) => positions.toSorted((first, second) => first - second));

/** What a value is after a trip: without the spaces and tabs around it. */
function trimmed(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}

function bodyPieces(payload: Uint8Array, pieceBytes: number, trailers: [string, string][]): Buffer {
  const pieces: (string | Uint8Array)[] = [];
  for (let at = 0; at < payload.length; at += pieceBytes) {
    pieces.push(...encodeChunk(payload.subarray(at, at + pieceBytes)));
  }
  pieces.push(encodeLastChunk(trailers));
  return toBytes(pieces);
}

function toBytes(pieces: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)),
  );
}

const requestInput = fc.record({
  method: token.filter((method) => method !== 'CONNECT'),
  path: fc.webPath().map((path) => `/${path}`),
  host: fc.oneof(fc.domain(), fc.constant('[::1]:80'), fc.ipV4()),
  fields,
  body,
  isChunked: fc.boolean(),
  pieceBytes: fc.integer({ min: 1, max: 60 }),
  trailers: fields,
  isLast: fc.boolean(),
});

describe('encodeRequestHead, then RequestDecoder', () => {
  it('gives back what was sent, twice on one connection, however it is cut', () => {
    fc.assert(
      fc.property(requestInput, cuts, (input, positions) => {
        const head = encodeRequestHead({
          method: input.method,
          target: input.path,
          host: input.host,
          headers: input.fields,
          ...(input.isChunked ? { chunked: true } : { contentLength: input.body.length }),
        });
        const payload = input.isChunked
          ? bodyPieces(input.body, input.pieceBytes, input.trailers)
          : input.body;
        const message = toBytes([head, payload]);
        const received: ReceivedRequest[] = [];
        const decoder = new RequestDecoder(
          new RequestBuilder({
            onRequest: (request) => {
              received.push(request);
              return true;
            },
          }),
        );
        feedInPieces(
          {
            feed: (buffer, start, end) => void decoder.feed(buffer, start, end),
            finish: () => decoder.finish(),
            outcome: () => received,
          },
          Buffer.concat([message, message]),
          positions,
        );
        expect(received).toHaveLength(2);
        for (const request of received) {
          expect(request.method).toBe(input.method);
          expect(request.target).toBe(input.path);
          expect(request.fields.get('host')).toBe(input.host);
          expect([...request.fields].filter(([key]) => key.startsWith('x-'))).toEqual(
            input.fields.map(([key, text]) => [key, trimmed(text)]),
          );
          expect(request.body.equals(input.body)).toBe(true);
          expect([...(request.trailers ?? [])]).toEqual(
            input.isChunked ? input.trailers.map(([key, text]) => [key, trimmed(text)]) : [],
          );
        }
      }),
      { numRuns: 300 },
    );
  });
});

const responseInput = fc.record({
  status: fc.integer({ min: 200, max: 599 }).filter((status) => status !== 205),
  method: fc.constantFrom('GET', 'HEAD', 'POST'),
  fields,
  body,
  framing: fc.constantFrom('length', 'chunked', 'close'),
  pieceBytes: fc.integer({ min: 1, max: 60 }),
});

describe('encodeResponseHead, then ResponseDecoder', () => {
  it('gives back what was sent, however it is cut', () => {
    fc.assert(
      fc.property(responseInput, cuts, (input, positions) => {
        const hasBody = hasResponseBody(input.status, input.method);
        const head = encodeResponseHead({
          status: input.status,
          headers: input.fields,
          request: { method: input.method, minorVersion: 1 },
          ...(hasBody && input.framing === 'length' ? { contentLength: input.body.length } : {}),
          ...(hasBody && input.framing === 'chunked' ? { chunked: true } : {}),
          ...(input.framing === 'close' ? { connection: 'close' as const } : {}),
        });
        const payload =
          input.framing === 'chunked' ? bodyPieces(input.body, input.pieceBytes, []) : input.body;
        const received: ReceivedResponse[] = [];
        const decoder = new ResponseDecoder(
          new ResponseBuilder({
            onResponse: (response) => {
              received.push(response);
              return false;
            },
            framing: () => (input.method === 'HEAD' ? BODY_NONE : BODY_EXPECTED),
          }),
        );
        feedInPieces(
          {
            feed: (buffer, start, end) => void decoder.feed(buffer, start, end),
            finish: () => decoder.finish(),
            outcome: () => received,
          },
          toBytes(hasBody ? [head, payload] : [head]),
          positions,
        );
        expect(received).toHaveLength(1);
        const [response] = received;
        expect(response.status).toBe(input.status);
        expect(response.body.equals(hasBody ? input.body : new Uint8Array(0))).toBe(true);
        expect([...response.fields].filter(([key]) => key.startsWith('x-'))).toEqual(
          input.fields.map(([key, text]) => [key, trimmed(text)]),
        );
      }),
      { numRuns: 300 },
    );
  });
});

/** Heads that a cache could confuse: equal, equal but for one byte, one the beginning of another. */
const cacheableMessage = fc.constantFrom(
  'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi',
  'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc',
  'HTTP/1.1 201 OK\r\nContent-Length: 2\r\n\r\nhi',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nA: b\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nA: b\r\n\r\nhi',
  'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx',
  'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi',
  'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi',
);

describe('the head cache', () => {
  it('changes nothing that can be observed', () => {
    fc.assert(
      fc.property(fc.array(cacheableMessage, { maxLength: 40 }), cuts, (messages, positions) => {
        const bytes = Buffer.from(messages.join(''), 'latin1');
        const outcome = (headCache: boolean): unknown =>
          feedInPieces(recordResponses({ headCache }), bytes, positions);
        expect(outcome(true)).toEqual(outcome(false));
      }),
      { numRuns: 500 },
    );
  });
});

describe('a head that arrives byte by byte', () => {
  it('costs work in proportion to its length', () => {
    const heads = [2_000, 16_000].map((length) =>
      Buffer.from(`HTTP/1.1 200 OK\r\n${`A: ${'x'.repeat(60)}\r\n`.repeat(length / 65)}\r\n`),
    );
    const decoder = new ResponseDecoder(
      { onHead: () => BODY_NONE, onBody: () => undefined, onEnd: () => true },
      { fields: 1000 },
    );
    const [short, long] = heads.map((head) => {
      let best = Infinity;
      for (let round = 0; round < 15; round += 1) {
        const startedAt = performance.now();
        for (let at = 0; at < head.length; at += 1) decoder.feed(head, at, at + 1);
        best = Math.min(best, performance.now() - startedAt);
      }
      return best;
    });
    // Eight times the bytes: 8 if linear, 64 if every byte rescanned the head.
    expect(long / short).toBeLessThan(24);
  });
});
