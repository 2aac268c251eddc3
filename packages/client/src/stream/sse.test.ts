import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventStreamError } from '../errors.ts';
import { EventDecoder } from './sse.ts';
import type { ServerEvent } from './server-event.ts';

const MAX_BYTES = 1_048_576;

function decodeAll(chunks: readonly (string | Uint8Array)[]): ServerEvent[] {
  const decoder = new EventDecoder(MAX_BYTES);
  return chunks.flatMap((chunk) => decoder.decode(Buffer.from(chunk as string)));
}

/** As `event|data|id`. */
function shown(chunks: readonly (string | Uint8Array)[]): string[] {
  return decodeAll(chunks).map(({ event, data, id }) => `${event}|${data}|${id}`);
}

describe('EventDecoder', () => {
  it.each([
    ['WHATWG example 1', 'data: YHOO\ndata: +2\ndata: 10\n\n', ['message|YHOO\n+2\n10|']],
    [
      'WHATWG example 2',
      ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n',
      ['message|first event|1', 'message|second event|'],
    ],
    ['WHATWG example 3', 'data\n\ndata\ndata\n\ndata:', ['message||', 'message|\n|']],
    ['WHATWG example 4', 'data:test\n\ndata: test\n\n', ['message|test|', 'message|test|']],
    [
      'names',
      'event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\n',
      ['add|73857293|', 'remove|2153|'],
    ],
    ['a name for one event only', 'event: a\ndata: 1\n\ndata: 2\n\n', ['a|1|', 'message|2|']],
    ['an id that stays', 'id: 7\ndata: a\n\ndata: b\n\n', ['message|a|7', 'message|b|7']],
    [
      'an id with NUL, ignored',
      'id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n',
      ['message|a|1', 'message|b|1'],
    ],
    ['a field nobody knows', 'data: a\nnonsense: 1\nnonsense\n\n', ['message|a|']],
    ['one space dropped, the others kept', 'data:   a \n\n', ['message|  a |']],
    ['colons in the value', 'data: {"a":1}\n\n', ['message|{"a":1}|']],
    ['field names in lower case only', 'Data: a\ndata: b\n\n', ['message|b|']],
    ['a block without data, which is no event', 'event: a\nid: 3\n\n', []],
    ['a retry alone, which is no event', 'retry: 10000\n\n', []],
    ['a block that has not ended, which is no event', 'data: a\n\ndata: b', ['message|a|']],
    ['a byte order mark', '\ufeffdata: a\n\n', ['message|a|']],
    ['only one byte order mark', '\ufeff\ufeffdata: a\n\ndata: b\n\n', ['message|b|']],
    ['text of several bytes', 'event: é\ndata: €😀\nid: ü\n\n', ['é|€😀|ü']],
  ])('reads %s', (_, text, events) => {
    expect(shown([text])).toEqual(events);
    // The same when every byte comes alone.
    expect(shown([...Buffer.from(text)].map((byte) => Buffer.of(byte)))).toEqual(events);
  });

  it.each([
    ['LF', ['data: a\ndata: b\n\n'], ['a\nb']],
    ['CR', ['data: a\rdata: b\r\r'], ['a\nb']],
    ['CRLF', ['data: a\r\ndata: b\r\n\r\n'], ['a\nb']],
    ['all of them', ['data: a\rdata: b\ndata: c\r\n\rdata: d\n\n'], ['a\nb\nc', 'd']],
    ['CR and LF in two reads', ['data: a\r', '\ndata: b\r', '\n\r', '\n'], ['a\nb']],
    ['CR, and in the next read a line', ['data: a\r', 'data: b\r', '\r'], ['a\nb']],
    ['CR twice, at the end of what has come', ['data: a\r\r'], ['a']],
    ['LF first in a read', ['data: a', '\n', '\n', 'data: b\n\n'], ['a', 'b']],
    ['a line in many reads', ['da', 'ta', ': ', 'a', 'b', '\n\n'], ['ab']],
    ['empty reads', ['data: a', '', '\r', '', '\n', '\n'], ['a']],
    [
      'what only Unicode calls a line end',
      ['data: a\u2028b\u2029c\u0085d\u000be\u000cf\n\n'],
      ['a\u2028b\u2029c\u0085d\u000be\u000cf'],
    ],
  ])('ends lines with %s', (_, chunks, data) => {
    expect(decodeAll(chunks).map((event) => event.data)).toEqual(data);
  });

  it('does not depend on how the bytes are split', () => {
    const line = fc.constantFrom(
      'data: a',
      'data',
      'id: 1',
      'id',
      'event: é',
      ':c',
      'retry: 5',
      'x',
      '',
      '',
    );
    const end = fc.constantFrom('\n', '\r', '\r\n');
    const lines = fc.array(fc.tuple(line, end), { maxLength: 20 });
    fc.assert(
      fc.property(lines, fc.array(fc.nat(200), { maxLength: 10 }), (parts, cuts) => {
        const bytes = Buffer.from(parts.map(([text, lineEnd]) => text + lineEnd).join(''));
        const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length];
        const sorted = at.toSorted((left, right) => left - right);
        const chunks = sorted.slice(1).map((cut, index) => bytes.subarray(sorted[index], cut));
        expect(shown(chunks)).toEqual(shown([bytes]));
      }),
    );
  });

  it('remembers the retry of the server, and shows it on its event', () => {
    const decoder = new EventDecoder(MAX_BYTES);
    const events = decoder.decode(
      Buffer.from('retry: 1667a\n\nretry: 300\ndata: a\n\ndata: b\n\n'),
    );
    expect(events.map(({ retry }) => retry)).toEqual([300, null]);
    expect(decoder.retryMs).toBe(300);
  });

  it('forgets half an event at a new start, and keeps the id', () => {
    const decoder = new EventDecoder(MAX_BYTES);
    decoder.decode(Buffer.from('id: é\ndata: a\n\ndata: lost\r'));
    decoder.reset();
    const [event] = decoder.decode(Buffer.from('\ufeffdata: b\n\n'));
    expect(event).toMatchObject({ data: 'b', id: 'é' });
    expect(Buffer.from(decoder.lastEventIdField!, 'latin1').toString()).toBe('é');
  });

  it.each(['', 'a\u0001b'])('has no field for the id %j', (id) => {
    expect(new EventDecoder(MAX_BYTES, id).lastEventIdField).toBeNull();
  });

  it.each([
    ['a line', ['data: ', 'x'.repeat(60), 'x'.repeat(60)]],
    ['many lines', Array.from({ length: 30 }, () => 'data: x1234\n')],
    ['one read', [`data: ${'x'.repeat(200)}\n\n`]],
  ])('gives up at an event that is too large in %s', (_, chunks) => {
    const decoder = new EventDecoder(100);
    expect(() => chunks.map((chunk) => decoder.decode(Buffer.from(chunk)))).toThrow(
      EventStreamError,
    );
  });

  it('counts bytes, and each event alone', () => {
    const decoder = new EventDecoder(100);
    for (let index = 0; index < 50; index += 1) {
      expect(decoder.decode(Buffer.from(`data: ${'é'.repeat(40)}\n\n`))).toHaveLength(1);
    }
    expect(() => decoder.decode(Buffer.from(`data: ${'é'.repeat(51)}\n\n`))).toThrow('100 bytes');
  });
});

describe('ServerEvent.json', () => {
  it('parses the data', () => {
    expect(decodeAll(['data: {"a":\ndata: 1}\n\n'])[0]!.json()).toEqual({ a: 1 });
  });

  it('throws DecodingError for anything else', () => {
    const [event] = decodeAll(['data: [DONE]\n\n']);
    expect(() => event!.json()).toThrow(expect.objectContaining({ code: 'INVALID_JSON' }) as Error);
  });
});
