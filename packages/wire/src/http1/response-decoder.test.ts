import {
  recordResponses,
  type CodecOutcome,
  type ResponseRecorderOptions,
} from '@needletail/testkit/codec-recorder';
import { feedEveryWay } from '@needletail/testkit/feeding';
import { describe, expect, it } from 'vitest';
import { BODY_EXPECTED, ResponseDecoder } from './response-decoder.ts';

function decode(message: string, options: ResponseRecorderOptions = {}): CodecOutcome {
  return feedEveryWay(
    () => recordResponses(options),
    Buffer.from(message, 'latin1'),
  ) as CodecOutcome;
}

/** Status and joined body of each response, for cases where the rest does not matter. */
function bodies(message: string, options: ResponseRecorderOptions = {}): unknown {
  const { events, error } = decode(message, options);
  const found: string[] = [];
  for (const event of events) {
    if (event.startsWith('head ')) found.push(event.slice(5, 8));
    else if (event.startsWith('body ')) found.push(JSON.parse(event.slice(5)) as string);
  }
  return error === '' ? found : [...found, error];
}

function codeOf(message: string, options: ResponseRecorderOptions = {}): string {
  return decode(message, options).error.split(' ')[0];
}

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

describe('ResponseDecoder.feed, framing', () => {
  it('reads a body by Content-Length and goes on with the next response', () => {
    const one = `${OK}Content-Length: 5\r\n\r\nhello`;
    expect(bodies(one + one)).toEqual(['200', 'hello', '200', 'hello']);
  });

  it('tells a head exactly: status, version, length, bytes and raw text', () => {
    expect(
      decode('HTTP/1.0 404 Not here\r\nContent-Length: 2\r\nX: \ty\t \r\n\r\nno').events,
    ).toEqual([
      'head 404 HTTP/1.0 keepAlive=false length=2 chunked=false 53 bytes ' +
        '"HTTP/1.0 404 Not here\\r\\nContent-Length: 2\\r\\nX: \\ty\\t "',
      'body "no"',
      'end keepAlive=false',
    ]);
  });

  it('knows a head that repeats the last one, and no other', () => {
    const repeated: boolean[] = [];
    const decoder = new ResponseDecoder({
      onHead: (head) => {
        repeated.push(head.isRepeated);
        return BODY_EXPECTED;
      },
      onInterim: () => {},
      onBody: () => {},
      onEnd: () => true,
    });
    const one = 'HTTP/1.1 200 OK\r\nA: 1\r\nContent-Length: 2\r\n\r\nok';
    const other = one.replace('A: 1', 'A: 2');
    const hint = 'HTTP/1.1 103 Early Hints\r\n\r\n';
    const bytes = Buffer.from(`${one}${one}${other}${one}${one}${hint}${one}${one}`);
    decoder.feed(bytes, 0, bytes.length);
    expect(repeated).toEqual([false, true, false, false, true, false, true]);
  });

  it('F10: ends 204 and 304 at the head', () => {
    expect(bodies(`HTTP/1.1 204 No Content\r\n\r\n${OK}Content-Length: 1\r\n\r\nx`)).toEqual([
      '204',
      '200',
      'x',
    ]);
    expect(
      bodies(
        `HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n${OK}Content-Length: 1\r\n\r\nx`,
      ),
    ).toEqual(['304', '200', 'x']);
  });

  it('F10: ends the answer to HEAD at the head, and then keeps the connection', () => {
    const outcome = decode(`${OK}\r\n${OK}Transfer-Encoding: chunked\r\n\r\n`, {
      framing: () => 1,
    });
    expect(outcome.error).toBe('');
    expect(outcome.events.filter((event) => event.startsWith('end'))).toEqual([
      'end keepAlive=true',
      'end keepAlive=true',
    ]);
  });

  it('F11: reads until close without framing, and marks the connection as not reusable', () => {
    expect(bodies(`${OK}\r\nsome bytes`)).toEqual(['200', 'some bytes']);
    expect(decode(`${OK}\r\nsome bytes`).events.at(-1)).toBe('end keepAlive=false');
  });

  it('F13: never takes a cut body for a complete one', () => {
    expect(codeOf(`${OK}Content-Length: 5\r\n\r\nhell`)).toBe('INCOMPLETE_BODY@42');
    expect(codeOf(`${CHUNKED}5\r\nhello\r\n0\r\n`)).toMatch(/^INCOMPLETE_BODY@/);
    expect(codeOf(`${CHUNKED}5\r\nhello\r\n`)).toMatch(/^INCOMPLETE_BODY@/);
    expect(codeOf('HTTP/1.1 200 O')).toBe('INCOMPLETE_HEAD@14');
    expect(codeOf('HTTP/1.1 100 Continue\r\n\r\n')).toMatch(/^INCOMPLETE_HEAD@/);
  });

  it('F14: refuses bytes after the last expected response', () => {
    const one = `${OK}Content-Length: 1\r\n\r\nx`;
    expect(bodies(one, { expected: 1 })).toEqual(['200', 'x']);
    expect(codeOf(`${one}${one}`, { expected: 1 })).toBe(`UNEXPECTED_BYTES@${one.length}`);
    expect(codeOf(`${one}\r\n`, { expected: 1 })).toBe(`UNEXPECTED_BYTES@${one.length}`);
  });

  it('P1: refuses bytes after a response that ends the connection, whatever the caller expects', () => {
    const last = `${OK}Connection: close\r\nContent-Length: 1\r\n\r\nx`;
    expect(codeOf(`${last}${last}`)).toBe(`UNEXPECTED_BYTES@${last.length}`);
  });

  it('P1: reads Connection as a list over all lines, in any letter case; close wins', () => {
    const keepAlive = (version: string, fields: string): boolean =>
      decode(`HTTP/1.${version} 200 OK\r\n${fields}Content-Length: 0\r\n\r\n`).events.includes(
        'end keepAlive=true',
      );
    expect(keepAlive('1', '')).toBe(true);
    expect(keepAlive('0', '')).toBe(false);
    expect(keepAlive('0', 'Connection: Keep-Alive\r\n')).toBe(true);
    expect(keepAlive('0', 'Connection: keep-alive, close\r\n')).toBe(false);
    expect(keepAlive('1', 'Connection: x ,\tCLOSE\t\r\n')).toBe(false);
    expect(keepAlive('1', 'Connection: keep-alive\r\nConnection: close\r\n')).toBe(false);
    expect(keepAlive('1', 'Connection: \xa0close\r\n')).toBe(true);
    expect(keepAlive('1', 'Connection: closed, not-close\r\n')).toBe(true);
  });

  it('P9: passes interim responses on, and refuses more than 16 of them', () => {
    const interim = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
    const final = `${OK}Content-Length: 1\r\n\r\nx`;
    expect(
      decode(interim + final).events.map((event) => event.split(' ').slice(0, 2).join(' ')),
    ).toEqual(['interim 103', 'head 200', 'body "x"', 'end keepAlive=true']);
    expect(decode(interim.repeat(16) + final).error).toBe('');
    expect(decode(interim.repeat(17) + final).error).toMatch(/interimResponses 17\/16$/);
  });

  it('P9: refuses a 101 nobody asked for', () => {
    expect(codeOf('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nab')).toMatch(
      /^UNEXPECTED_SWITCH@/,
    );
  });

  it('P10, P11: hands over the bytes after an accepted 101 or a 2xx to CONNECT', () => {
    const upgrade = decode('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nab', {
      framing: () => 2,
    });
    expect(upgrade).toMatchObject({ error: '', tunnel: 'ab' });
    // F9: framing fields of a tunnel are ignored.
    const tunnel = decode(`${OK}Content-Length: 1\r\n\r\nHTTP/1.1 junk`, { framing: () => 2 });
    expect(tunnel).toMatchObject({ error: '', tunnel: 'HTTP/1.1 junk' });
  });
});

describe('ResponseDecoder.feed, chunks', () => {
  it('joins chunks, in any case and with leading zeros', () => {
    expect(bodies(`${CHUNKED}4\r\nwiki\r\nA\r\n0123456789\r\n0001\r\n!\r\n000\r\n\r\n`)).toEqual([
      '200',
      'wiki0123456789!',
    ]);
  });

  it('K6: hands out many small chunks of one read as views, within 18 bytes of framing a byte', () => {
    const many = '0000000000001\r\nx\r\n'.repeat(500);
    expect(bodies(`${CHUNKED}${many}0\r\n\r\n`)).toEqual(['200', 'x'.repeat(500)]);
  });

  it('K7: gives trailers apart and without the fields that steer routing', () => {
    const trailers =
      'X-Sum: 1\r\nSet-Cookie: a=b\r\nContent-Type: x\r\nAuthorization: y\r\nX-Sum: 2\r\n';
    expect(decode(`${CHUNKED}1\r\nx\r\n0\r\n${trailers}\r\n`).events).toContain(
      String.raw`trailers "X-Sum: 1\r\nX-Sum: 2"`,
    );
  });

  it('K7: says nothing of a trailer section that has nothing to say', () => {
    const { events, error } = decode(`${CHUNKED}0\r\nTrailer: x\r\n\r\n`);
    expect(error).toBe('');
    expect(events.some((event) => event.startsWith('trailers'))).toBe(false);
  });

  it.each(['Content-Length: 1', 'TRANSFER-ENCODING: chunked', 'Host: a'])(
    'K7: refuses the trailer %s',
    (line) => {
      expect(codeOf(`${CHUNKED}0\r\nA: b\r\n${line}\r\n\r\n`)).toMatch(/^FORBIDDEN_TRAILER@/);
    },
  );

  it('K5: counts extensions anew for each message', () => {
    const message = `${CHUNKED}1;abc\r\nx\r\n0\r\n\r\n`;
    expect(bodies(message.repeat(3), { limits: { chunkExtensionBytes: 4 } })).toEqual([
      '200',
      'x',
      '200',
      'x',
      '200',
      'x',
    ]);
  });

  it('accepts well-formed chunk extensions and ignores them', () => {
    expect(bodies(`${CHUNKED}1;a\r\nx\r\n1;a=b;c="d\\"\x80;";e\r\ny\r\n0;z=1\r\n\r\n`)).toEqual([
      '200',
      'xy',
    ]);
  });
});

describe('ResponseDecoder, state', () => {
  const one = Buffer.from(`${OK}Content-Length: 2\r\n\r\nhi`);

  it('knows when it is inside a message', () => {
    const { decoder } = recordResponses();
    expect(decoder.midMessage).toBe(false);
    decoder.feed(one, 0, 3);
    expect(decoder.midMessage).toBe(true);
    decoder.feed(one, 3, one.length - 1);
    expect(decoder.midMessage).toBe(true);
    decoder.feed(one, one.length - 1, one.length);
    expect(decoder.midMessage).toBe(false);
  });

  it('is dead after an error, silent in finish, and as good as new after reset', () => {
    const recorder = recordResponses();
    const { decoder } = recorder;
    expect(() => decoder.feed(Buffer.from('nonsense'), 0, 8)).toThrow('Not an HTTP/1 response');
    expect(() => decoder.feed(one, 0, one.length)).toThrow('Reset');
    decoder.finish();
    decoder.reset();
    expect(decoder.feed(one, 0, one.length)).toBe(one.length);
    expect(recorder.outcome().events.at(-1)).toBe('end keepAlive=true');
  });

  it('dies with a sink that throws, and refuses to be fed from inside a sink', () => {
    const failing = new ResponseDecoder({
      onHead: () => {
        throw new TypeError('from the sink');
      },
      onBody: () => undefined,
      onEnd: () => true,
    });
    expect(() => failing.feed(one, 0, one.length)).toThrow('from the sink');
    expect(() => failing.feed(one, 0, one.length)).toThrow('Reset');
    const nested: ResponseDecoder = new ResponseDecoder({
      onHead: () => 0,
      onBody: (buffer, start, end) => void nested.feed(buffer, start, end),
      onEnd: () => true,
    });
    expect(() => nested.feed(one, 0, one.length)).toThrow('from inside');
  });

  it('forgets the raw head after onHead', () => {
    const { decoder } = recordResponses();
    decoder.feed(one, 0, one.length);
    expect(() => decoder.rawHead()).toThrow('Call rawHead inside');
  });
});
