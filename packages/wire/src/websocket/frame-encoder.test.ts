import fc from 'fast-check';
import { recordFrames } from '@needletail/testkit/frame-recorder';
import { describe, expect, it } from 'vitest';
import { FrameEncodeError } from './errors.ts';
import type { WebSocketRole } from './frame-decoder.ts';
import { FrameEncoder, type FrameTarget } from './frame-encoder.ts';

class Pieces implements FrameTarget {
  readonly writes: (readonly Uint8Array[])[] = [];

  write(data: Uint8Array): boolean {
    this.writes.push([data]);
    return true;
  }

  writeAll(pieces: readonly Uint8Array[]): boolean {
    this.writes.push(pieces);
    return true;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.writes.flat());
  }
}

function sent(role: WebSocketRole, use: (encoder: FrameEncoder) => void): Buffer {
  const encoder = new FrameEncoder(role);
  const target = new Pieces();
  use(encoder);
  encoder.flush(target);
  return target.bytes;
}

function eventsOf(role: WebSocketRole, bytes: Buffer): readonly string[] {
  const recorder = recordFrames({ role: role === 'client' ? 'server' : 'client' });
  recorder.feed(Buffer.from(bytes), 0, bytes.length);
  recorder.finish();
  const { events, error } = recorder.outcome();
  return error === '' ? events : [...events, error];
}

const hex = (bytes: Buffer): string => bytes.toString('hex');

function codeOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    if (error instanceof FrameEncodeError) return error.code;
    throw error;
  }
  return 'sent';
}

describe('FrameEncoder', () => {
  it('writes the frames of RFC 6455 §5.7', () => {
    expect(hex(sent('server', (encoder) => encoder.text('Hello')))).toBe('810548656c6c6f');
    const fragments = sent('server', (encoder) => {
      encoder.fragment('text', Buffer.from('Hel'), false);
      encoder.fragment('continuation', Buffer.from('lo'), true);
    });
    expect(hex(fragments)).toBe('010348656c80026c6f');
    expect(hex(sent('server', (encoder) => encoder.ping(Buffer.from('Hello'))))).toBe(
      '890548656c6c6f',
    );
    expect(hex(sent('server', (encoder) => encoder.binary(Buffer.alloc(256))).subarray(0, 4))).toBe(
      '827e0100',
    );
    expect(
      hex(sent('server', (encoder) => encoder.binary(Buffer.alloc(65_536))).subarray(0, 10)),
    ).toBe('827f0000000000010000');
  });

  it('masks every frame of a client with a key of its own', () => {
    const bytes = sent('client', (encoder) => {
      for (let count = 0; count < 5000; count += 1) encoder.ping();
    });
    const keys = new Set<number>();
    for (let at = 0; at < bytes.length; at += 6) {
      expect(bytes[at + 1]).toBe(0x80);
      keys.add(bytes.readUInt32BE(at + 2));
    }
    expect(keys.has(0)).toBe(false);
    // Two equal keys among 5,000 of 2^32 would be chance once in 340 runs; ten would be a fault.
    expect(keys.size).toBeGreaterThan(4990);
  });

  it.each([0, 1, 41, 42, 125, 126, 4000, 8191, 8192, 65_535, 65_536, 200_000])(
    'is read back whole at %i bytes, as ASCII, as wide text and as bytes',
    (length) => {
      const wide = 'é'.repeat(length >> 1);
      const ascii = 'x'.repeat(length);
      for (const role of ['client', 'server'] as const) {
        const bytes = sent(role, (encoder) => {
          encoder.text(ascii);
          encoder.text(wide);
          encoder.binary(Buffer.from(ascii));
          encoder.textBytes(Buffer.from(wide));
        });
        expect(eventsOf(role, bytes)).toEqual([
          `text "${ascii}"`,
          `text "${wide}"`,
          `binary "${ascii}"`,
          `text "${wide}"`,
        ]);
      }
    },
  );

  it('is read back whatever the messages are', () => {
    const message = fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 300 }));
    fc.assert(
      fc.property(fc.array(message), fc.constantFrom('client', 'server'), (messages, role) => {
        const bytes = sent(role, (encoder) => {
          for (const one of messages) {
            if (typeof one === 'string') encoder.text(one);
            else encoder.binary(one);
          }
        });
        expect(eventsOf(role, bytes)).toEqual(
          messages.map((one) =>
            typeof one === 'string'
              ? `text ${JSON.stringify(Buffer.from(one).toString())}`
              : `binary ${JSON.stringify(Buffer.from(one).toString('latin1'))}`,
          ),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('sends a lone surrogate as U+FFFD', () => {
    expect(
      eventsOf(
        'client',
        sent('client', (encoder) => encoder.text('a\ud800b')),
      ),
    ).toEqual(['text "a\ufffdb"']);
  });

  it('sends what is queued in one write', () => {
    const encoder = new FrameEncoder('client');
    const target = new Pieces();
    for (let count = 0; count < 100; count += 1) encoder.text('0123456789abcdef');
    expect(encoder.pendingBytes).toBe(2200);
    encoder.flush(target);
    expect(target.writes).toHaveLength(1);
    expect(target.writes[0]).toHaveLength(1);
    expect(encoder.pendingBytes).toBe(0);
    encoder.flush(target);
    expect(target.writes).toHaveLength(1);
  });

  it('keeps the frames of connections that take turns apart', () => {
    const encoders = [
      new FrameEncoder('client'),
      new FrameEncoder('client'),
      new FrameEncoder('server'),
    ];
    const targets = encoders.map(() => new Pieces());
    for (let count = 0; count < 2000; count += 1) {
      encoders.forEach((encoder, index) =>
        encoder.text(`${index}:${count}:${'x'.repeat(count % 90)}`),
      );
      if (count % 7 === 0) encoders[count % 3]!.flush(targets[count % 3]!);
    }
    encoders.forEach((encoder, index) => encoder.flush(targets[index]!));
    targets.forEach((target, index) => {
      const expected = Array.from(
        { length: 2000 },
        (_, count) => `text "${index}:${count}:${'x'.repeat(count % 90)}"`,
      );
      expect(eventsOf(index === 2 ? 'server' : 'client', target.bytes)).toEqual(expected);
    });
  });

  it('does not copy a large payload of a server, nor keep one of a client', () => {
    const payload = Buffer.alloc(100_000, 'a');
    const target = new Pieces();
    const server = new FrameEncoder('server');
    server.binary(payload);
    server.flush(target);
    expect(target.writes[0]![1]).toBe(payload);
    const client = sent('client', (encoder) => {
      encoder.binary(payload);
      payload.fill('b');
    });
    expect(eventsOf('client', client)[0]).toBe(`binary "${'a'.repeat(100_000)}"`);
  });

  it('forgets what is pending when told to', () => {
    const encoder = new FrameEncoder('client');
    const target = new Pieces();
    encoder.text('lost');
    encoder.discard();
    encoder.text('kept');
    encoder.flush(target);
    expect(eventsOf('client', target.bytes)).toEqual(['text "kept"']);
  });

  it('closes once, with a code that may be sent and a reason that fits', () => {
    expect(hex(sent('server', (encoder) => encoder.close()))).toBe('8800');
    expect(hex(sent('server', (encoder) => encoder.close(1000, 'é')))).toBe('880403e8c3a9');
    const encoder = new FrameEncoder('client');
    for (const code of [0, 999, 1004, 1006, 1015, 2999, 5000, 1000.5]) {
      expect(codeOf(() => encoder.close(code))).toBe('INVALID_CLOSE_CODE');
    }
    expect(codeOf(() => encoder.close(1000, 'é'.repeat(62)))).toBe('CONTROL_TOO_LONG');
    expect(codeOf(() => encoder.ping(Buffer.alloc(126)))).toBe('CONTROL_TOO_LONG');
    encoder.close(3000);
    expect(codeOf(() => encoder.text('more'))).toBe('CLOSE_SENT');
    expect(codeOf(() => encoder.close())).toBe('CLOSE_SENT');
  });
});
