import { describe, expect, it } from 'vitest';
import { feedEveryWay, feedInPieces, type Recorder } from './feeding.ts';

/** Keeps what it is fed in some way, and tells it at the end. */
function recorder(
  take: (kept: Buffer[], buffer: Buffer, start: number, end: number) => void,
): () => Recorder {
  return () => {
    const kept: Buffer[] = [];
    return {
      feed: (buffer, start, end) => take(kept, buffer, start, end),
      finish: () => undefined,
      outcome: () => Buffer.concat(kept).toString('latin1'),
    };
  };
}

const bytes = Buffer.from('some bytes');

describe('feedEveryWay', () => {
  it('returns the outcome that every way of cutting gives', () => {
    const copying = recorder((kept, buffer, start, end) => {
      kept.push(Buffer.from(buffer.subarray(start, end)));
    });
    expect(feedEveryWay(copying, bytes)).toBe('some bytes');
    expect(feedEveryWay(copying, Buffer.alloc(0))).toBe('');
  });

  it('catches an outcome that tells the pieces apart', () => {
    const counting = recorder((kept) => kept.push(Buffer.from('!')));
    expect(() => feedEveryWay(counting, bytes)).toThrow('depends on the cut: cut at 1');
  });

  it('catches a recorder that looks past the end of its range', () => {
    const greedy = recorder((kept, buffer, start, end) => {
      kept.push(Buffer.from(buffer.subarray(start, end + 1)));
    });
    expect(() => feedEveryWay(greedy, bytes)).toThrow('depends on the cut');
  });
});

describe('feedInPieces', () => {
  it('overwrites what it fed, so that a kept view turns to noise', () => {
    const borrowing = recorder((kept, buffer, start, end) =>
      kept.push(buffer.subarray(start, end)),
    );
    expect(feedInPieces(borrowing(), bytes, [4])).toBe('\0'.repeat(bytes.length));
  });
});
