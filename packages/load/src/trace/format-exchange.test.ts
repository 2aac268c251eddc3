import { gzipSync } from 'node:zlib';
import { Client, MockTransport } from '@needletail/client';
import { describe, expect, it } from 'vitest';
import { bodyExcerpt, formatExchange } from './format-exchange.ts';
import { maskedHeaders, maskedUrl, tracedBody, type TracedExchange } from './traced-exchange.ts';
import { TracingTransport } from './tracing-transport.ts';

function exchange(change: Partial<TracedExchange> = {}): TracedExchange {
  return {
    name: 'POST /cart',
    method: 'POST',
    url: 'http://host/cart?id=1',
    headers: [['Content-Type', 'application/json']],
    body: tracedBody(Buffer.from('{"sku":\n7}')),
    response: {
      status: 201,
      reason: 'Created',
      httpVersion: '1.1',
      headers: [['Server', 'x']],
      body: tracedBody(Buffer.from('done')),
    },
    error: null,
    timesMs: { sent: 0.5, firstByte: 1.25, total: 2 },
    ...change,
  };
}

const answeredWith = (body: Uint8Array | null): TracedExchange =>
  exchange({ body: null, response: { ...exchange().response!, body: tracedBody(body) } });

describe('formatExchange', () => {
  it('shows request, response and times', () => {
    expect(formatExchange(exchange())).toMatchInlineSnapshot(`
      "> POST http://host/cart?id=1
      > Content-Type: application/json
      >
      > {"sku":
      > 7}
      < HTTP/1.1 201 Created
      < Server: x
      <
      < done
        sent after 0.50 ms, first byte after 1.25 ms, 2.00 ms in all

      "
    `);
  });

  it('says why there was no answer', () => {
    const text = formatExchange(
      exchange({
        response: null,
        error: 'Connection refused',
        timesMs: { sent: null, firstByte: null, total: 3 },
      }),
    );
    expect(text).toContain('! Connection refused\n  3.00 ms in all\n');
  });

  it.each([
    ['binary data', Buffer.from([0, 1, 255]), '< (3 bytes of binary data: 00 01 ff)'],
    ['long binary data', Buffer.alloc(5000), `< (5000 bytes of binary data: ${'00 '.repeat(32)}…)`],
    [
      'text that is cut within a character',
      Buffer.from(`x${'ü'.repeat(2000)}`),
      '< (1953 bytes more)',
    ],
    ['a streamed body', null, '< (streamed)'],
    ['what would steer a terminal', Buffer.from('a\u009bb'), String.raw`< a\x9bb`],
  ])('shows %s', (_, body, line) => {
    expect(formatExchange(answeredWith(body)).split('\n')).toContain(line);
  });

  it('shows no body where there is none', () => {
    expect(formatExchange(answeredWith(Buffer.alloc(0)))).not.toContain('<\n');
  });
});

describe('bodyExcerpt', () => {
  it.each([
    ['a  b\n\tc ', 'a b c'],
    ['x'.repeat(300), `${'x'.repeat(199)}…`],
    ['\u0000', '1 bytes of binary data'],
  ])('%j', (text, expected) => {
    expect(bodyExcerpt(tracedBody(Buffer.from(text)), 200)).toBe(expected);
  });
});

describe('maskedHeaders', () => {
  it.each([
    ['Authorization', 'Bearer abc.def', 'Bearer [masked]'],
    ['authorization', 'abc', '[masked]'],
    ['Proxy-Authorization', 'Basic YTpi', 'Basic [masked]'],
    ['Cookie', 'a=1; b=2=3', 'a=[masked]; b=[masked]'],
    ['Set-Cookie', 'a=1; Path=/; HttpOnly', 'a=[masked]; Path=/; HttpOnly'],
    ['X-Api-Key', 'abc', '[masked]'],
    ['Accept', 'Bearer abc', 'Bearer abc'],
  ])('%s: %s', (name, value, expected) => {
    expect(maskedHeaders([[name, value]])).toEqual([[name, expected]]);
  });

  it('masks the password in a URL', () => {
    expect(maskedUrl('http://me:word@host/a:b@c')).toBe('http://me:[masked]@host/a:b@c');
    expect(maskedUrl('http://host/a:b@c')).toBe('http://host/a:b@c');
  });
});

describe('TracingTransport', () => {
  it('tells of answers as they read, whatever their coding, and passes them on as they came', async () => {
    const told: TracedExchange[] = [];
    const zipped = gzipSync('plain words');
    const inner = new MockTransport(
      () => ({ status: 200, headers: { 'Content-Encoding': 'gzip' }, body: zipped }),
      {},
    );
    const transport = new TracingTransport(inner, (one) => told.push(one));
    const client = new Client({ transport });
    const response = await client.post('http://host/a?b=1', { json: { c: 1 }, name: 'posting' });
    expect(response.text()).toBe('plain words');
    expect(told).toMatchObject([{ name: 'posting', method: 'POST', url: 'http://host/a?b=1' }]);
    expect(Buffer.from(told[0]!.response!.body.head).toString()).toBe('plain words');
    expect(Buffer.from(told[0]!.body!.head).toString()).toBe('{"c":1}');
  });
});
