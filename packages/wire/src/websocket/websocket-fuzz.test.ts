import { fuzzFrames } from '@needletail/testkit/websocket-fuzz';
import { describe, expect, it } from 'vitest';

describe('FrameDecoder on mutated frames', () => {
  it('keeps its promises on 10,000 cases (scripts/fuzz-websocket.ts runs a million)', () => {
    const seed = 7;
    for (let index = 0; index < 10_000; index += 1) {
      const finding = fuzzFrames(seed, index);
      expect(finding, `seed ${seed}, case ${index}`).toBeNull();
    }
  });
});
