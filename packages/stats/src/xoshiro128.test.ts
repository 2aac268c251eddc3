import { describe, expect, it } from 'vitest';
import { Xoshiro128 } from './xoshiro128.ts';

describe('Xoshiro128.uint32', () => {
  it('gives what the published C code gives from the state 1, 2, 3, 4', () => {
    const generator = new Xoshiro128(1, 2, 3, 4);
    const drawn = Array.from({ length: 10 }, () => generator.uint32());
    expect(drawn).toEqual([
      11_520, 0, 5_927_040, 70_819_200, 2_031_721_883, 1_637_235_492, 1_287_239_034, 3_734_860_849,
      3_729_100_597, 4_258_142_804,
    ]);
  });
});
