import { describe, expect, it } from 'vitest';
import { LimitError } from './errors.ts';
import { RequestBuilder } from './request-builder.ts';
import { RequestDecoder } from './request-decoder.ts';
import { ResponseBuilder, type ReceivedResponse } from './response-builder.ts';
import { ResponseDecoder } from './response-decoder.ts';

function decodeResponse(text: string, maximumBodyBytes?: number): ReceivedResponse {
  const responses: ReceivedResponse[] = [];
  const builder = new ResponseBuilder({
    onResponse: (response) => {
      responses.push(response);
      return false;
    },
    ...(maximumBodyBytes === undefined ? {} : { maximumBodyBytes }),
  });
  const decoder = new ResponseDecoder(builder);
  for (const byte of Buffer.from(text, 'latin1')) decoder.feed(Buffer.of(byte), 0, 1);
  decoder.finish();
  return responses[0];
}

describe('ResponseBuilder', () => {
  it('keeps everything there is to a response', () => {
    const response = decodeResponse(
      'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 Very fine\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n' +
        '2\r\nhi\r\n0\r\nX-Sum: 3\r\n\r\n',
    );
    expect(response).toMatchObject({
      status: 200,
      reason: 'Very fine',
      minorVersion: 1,
      keepAlive: true,
      interim: [103],
    });
    expect(response.fields.get('x')).toBe('y');
    expect(response.body.toString()).toBe('hi');
    expect(response.trailers?.get('x-sum')).toBe('3');
  });

  it('has no reason, body or trailers where there are none', () => {
    const response = decodeResponse('HTTP/1.0 304\r\n\r\n');
    expect(response).toMatchObject({ reason: '', trailers: null });
    expect(response.body).toHaveLength(0);
  });

  it('does not spend memory on a length that is only claimed', () => {
    const builder = new ResponseBuilder({ onResponse: () => true });
    const decoder = new ResponseDecoder(builder);
    const before = process.memoryUsage().arrayBuffers;
    const head = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 999999999999999\r\n\r\nx');
    decoder.feed(head, 0, head.length);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
  });

  it.each(['Content-Length: 11\r\n\r\n', '\r\n'])('stops at its maximum (after %j)', (rest) => {
    expect(() => decodeResponse(`HTTP/1.1 200 OK\r\n${rest}12345678901`, 10)).toThrow(LimitError);
    expect(() => decodeResponse(`HTTP/1.1 200 OK\r\n${rest}12345678901`, 11)).not.toThrow();
  });
});

describe('RequestBuilder', () => {
  it('gives each pipelined request with a body of its own', () => {
    const bodies: Buffer[] = [];
    const decoder = new RequestDecoder(
      new RequestBuilder({
        onRequest: (request) => {
          bodies.push(request.body);
          return true;
        },
      }),
    );
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n';
    const bytes = Buffer.from(`${head}hi${head}yo`);
    decoder.feed(bytes, 0, bytes.length);
    bytes.fill(0);
    expect(bodies.map(String)).toEqual(['hi', 'yo']);
  });
});
