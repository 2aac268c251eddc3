import { describe, expect, it } from 'vitest';
import type { RequestSpec } from '../plan/plan.ts';
import { RequestChoice } from './request-choice.ts';

function requests(...weights: number[]): RequestSpec[] {
  return weights.map((weight, index) => ({
    name: `GET /${index}`,
    method: 'GET',
    url: `http://localhost/${index}`,
    headers: [],
    body: null,
    weight,
  }));
}

describe('RequestChoice', () => {
  it('goes through a sequence in order, one iteration a pass', () => {
    const choice = new RequestChoice({ requests: requests(1, 1, 1), order: 'sequence', seed: 1 });
    expect([0, 1, 2, 3, 4].map((n) => choice.endpointOf(n))).toEqual([0, 1, 2, 0, 1]);
    expect([0, 2, 3, 5, 6].map((n) => choice.iterationOf(n))).toEqual([0, 0, 1, 1, 2]);
  });

  it('draws by weight, within what chance allows', () => {
    const choice = new RequestChoice({ requests: requests(7, 2, 1), order: 'weighted', seed: 3 });
    const counts = [0, 0, 0];
    const draws = 100_000;
    for (let n = 0; n < draws; n += 1) counts[choice.endpointOf(n)]! += 1;
    const expected = [0.7, 0.2, 0.1];
    expected.forEach((share, index) => {
      const sigma = Math.sqrt(draws * share * (1 - share));
      expect(Math.abs(counts[index]! - draws * share)).toBeLessThan(5 * sigma);
    });
  });

  it('draws the same for the same seed and number, and differently for another seed', () => {
    const of = (seed: number): string => {
      const choice = new RequestChoice({ requests: requests(1, 1), order: 'weighted', seed });
      return Array.from({ length: 64 }, (_, n) => choice.endpointOf(n)).join('');
    };
    expect(of(1)).toBe(of(1));
    expect(of(1)).not.toBe(of(2));
  });
});
