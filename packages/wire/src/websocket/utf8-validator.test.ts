import fc from 'fast-check';
import { isUtf8 } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { findInvalidUtf8, Utf8Validator } from './utf8-validator.ts';

/** Bytes that are nearly UTF-8 more often than chance has it. */
const nearlyUtf8 = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 3 }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 2 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom('e282', 'f09f98', 'eda080', 'f48f', 'f490', 'c3', 'e0a0', 'f0')
        .map((text) => Buffer.from(text, 'hex')),
    ),
  )
  .map((parts) => Buffer.concat(parts));

/** The first wrong byte as the definition has it: no continuation of what is before it and itself is well-formed. */
function firstWrong(bytes: Buffer): number {
  const tails = ['', '80', '8080', '808080', 'a0', 'a080', '90', '9080', '908080'].map((text) =>
    Buffer.from(text, 'hex'),
  );
  for (let end = 1; end <= bytes.length; end += 1) {
    const start = bytes.subarray(0, end);
    if (!tails.some((tail) => isUtf8(Buffer.concat([start, tail])))) return end - 1;
  }
  return isUtf8(bytes) ? -1 : bytes.length;
}

describe('Utf8Validator', () => {
  it('agrees with the definition, however the bytes are cut', () => {
    fc.assert(
      fc.property(nearlyUtf8, fc.array(fc.nat(60)), (bytes, cuts) => {
        const expected = firstWrong(bytes);
        expect(findInvalidUtf8(bytes, 0, bytes.length)).toBe(expected);
        const validator = new Utf8Validator();
        let found = -1;
        let start = 0;
        for (const end of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
          if (end <= start || end > bytes.length || found !== -1) continue;
          found = validator.feed(bytes, start, end);
          start = end;
        }
        if (found === -1 && !validator.isComplete) found = bytes.length;
        expect(found).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });
});
