import { fuzzCase } from '@needletail/testkit/wire-fuzz';
import { describe, expect, it } from 'vitest';

describe('decoders on mutated messages', () => {
  it('keep their promises on 20,000 cases (scripts/fuzz-wire.ts runs a million)', () => {
    const seed = 7;
    for (let index = 0; index < 20_000; index += 1) {
      const finding = fuzzCase(seed, index);
      expect(finding, `seed ${seed}, case ${index}`).toBeNull();
    }
    // Three seconds of work, on a machine that may have other work too.
  }, 120_000);
});
