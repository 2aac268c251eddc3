import { describe, expect, it } from 'vitest';
import { WaitingLine } from './waiting-line.ts';

describe('WaitingLine', () => {
  it('keeps the order while it grows and wraps', () => {
    const line = new WaitingLine();
    let pushed = 0;
    let shifted = 0;
    for (let round = 0; round < 400; round += 1) {
      for (let n = 0; n < 3; n += 1, pushed += 1) line.push(pushed / 2, pushed);
      expect(line.firstNumber).toBe(shifted);
      expect(line.firstDueAt).toBe(shifted / 2);
      line.shift();
      shifted += 1;
      expect(line.size).toBe(pushed - shifted);
    }
    while (line.size > 0) {
      expect(line.firstNumber).toBe(shifted);
      line.shift();
      shifted += 1;
    }
    expect(shifted).toBe(pushed);
  });
});
