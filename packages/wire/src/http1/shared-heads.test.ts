import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ResponseDecoder } from './response-decoder.ts';
import { SharedHeads } from './shared-heads.ts';

interface Connection {
  readonly said: string[];
  feed(text: string, cutAt: number): void;
}

/** A connection that notes all that its decoder says; with shared heads it keeps what it made of each, as a client does. */
function connection(sharedHeads: SharedHeads | null): Connection {
  const said: string[] = [];
  const decoder = new ResponseDecoder(
    {
      onInterim: (head) => void said.push(`interim ${head.status} ${head.known === null}`),
      onHead: (head) => {
        const made = { raw: head.rawHead() };
        const kept = head.known === null ? made : ((head.known.made ??= made) as typeof made);
        const { status, minorVersion, contentLength, chunked, keepAlive, headBytes } = head;
        said.push(
          `${kept.raw} ${status} ${minorVersion} ${contentLength} ${chunked} ${keepAlive} ${headBytes}`,
        );
        return 0;
      },
      onBody: (buffer, start, end) => void said.push(buffer.toString('latin1', start, end)),
      onEnd: () => {
        said.push(`end ${decoder.keepAlive}`);
        return true;
      },
    },
    {},
    { headCache: false, sharedHeads },
  );
  return {
    said,
    feed(text, cutAt) {
      const bytes = Buffer.from(text);
      for (const piece of [bytes.subarray(0, cutAt), bytes.subarray(cutAt)]) {
        if (piece.length > 0) decoder.feed(piece, 0, piece.length);
      }
    },
  };
}

const answer = fc
  .record({
    interim: fc.boolean(),
    status: fc.constantFrom(200, 204, 404),
    minor: fc.constantFrom(0, 1),
    framing: fc.constantFrom('chunked', 'sized', 'empty'),
    filler: fc.integer({ min: 0, max: 12 }),
    alive: fc.boolean(),
  })
  .map(({ interim, status, minor, framing, filler, alive }) => {
    const isChunked = framing === 'chunked' && minor === 1 && status !== 204;
    const hasBody = framing === 'sized' && status !== 204;
    const fields = [
      `HTTP/1.${minor} ${status} X`,
      `X-Filler: ${filler}`,
      ...(alive ? ['Connection: keep-alive'] : minor === 0 ? ['Connection: keep-alive'] : []),
      ...(isChunked ? ['Transfer-Encoding: chunked'] : []),
      ...(status === 204 || isChunked ? [] : [`Content-Length: ${hasBody ? 2 : 0}`]),
    ];
    const body = isChunked ? '2\r\nhi\r\n0\r\n\r\n' : hasBody ? 'hi' : '';
    const early = interim ? 'HTTP/1.1 103 Early\r\nLink: x\r\n\r\n' : '';
    return `${early}${fields.join('\r\n')}\r\n\r\n${body}`;
  });

describe('SharedHeads', () => {
  it('changes nothing of what connections say, whichever of them was sent a head before', () => {
    const step = fc.record({
      on: fc.nat(2),
      text: answer,
      cut: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const heads = new SharedHeads();
        const sharing = [0, 1, 2].map(() => connection(heads));
        const alone = [0, 1, 2].map(() => connection(null));
        for (const { on, text, cut } of steps) {
          const cutAt = Math.floor(cut * text.length);
          sharing[on].feed(text, cutAt);
          alone[on].feed(text, cutAt);
        }
        expect(sharing.map(({ said }) => said)).toEqual(alone.map(({ said }) => said));
      }),
    );
  });

  it('gives the second connection what the first has made of a head', () => {
    const heads = new SharedHeads();
    const made: unknown[] = [];
    for (const value of [{ first: true }, { second: true }]) {
      const decoder = new ResponseDecoder(
        {
          onHead: (head) => {
            made.push((head.known!.made ??= value));
            return 0;
          },
          onBody: () => undefined,
          onEnd: () => true,
        },
        {},
        { sharedHeads: heads },
      );
      const bytes = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      decoder.feed(bytes, 0, bytes.length);
    }
    expect(made).toEqual([{ first: true }, { first: true }]);
  });
});
