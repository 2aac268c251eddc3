import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

describe.each(['', 'words64', 'words32', 'bytes'])('applyMask, NEEDLETAIL_MASK=%s', (forced) => {
  it('gives what RFC 6455 §5.3 says, at any alignment, length and phase', async () => {
    vi.stubEnv('NEEDLETAIL_MASK', forced);
    const { applyMask, maskKernel } = await import('./mask.ts');
    expect(maskKernel().kernel).toBe(forced === '' ? 'words64' : forced);
    const cases = fc.tuple(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.integer({ min: 0, max: 16 }),
      fc.integer({ min: 0, max: 400 }),
      fc.integer({ min: 0, max: 3 }),
    );
    fc.assert(
      fc.property(cases, ([key, start, length, phase]) => {
        const bytes = Buffer.alloc(start + length + 9, 0x5a);
        const expected = Buffer.from(bytes);
        for (let index = 0; index < length; index += 1) {
          expected[start + index] ^= key[(index + phase) % 4]!;
        }
        applyMask(bytes, start, start + length, Buffer.from(key).readInt32LE(0), phase);
        expect(bytes.equals(expected)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
