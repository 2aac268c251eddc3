import { describe, expect, it } from 'vitest';
import { nonLinearLatencyAt } from './first-signs.ts';

function levels(...points: [amount: number, p95: number][]) {
  return points.map(([amount, p95]) => ({
    amount,
    latencyMs: { mean: p95, p50: p95, p95, p99: p95, max: p95 },
  }));
}

describe('nonLinearLatencyAt', () => {
  it('is where p95 grows more than twice as fast per user', () => {
    expect(nonLinearLatencyAt(levels([5, 10], [10, 20], [15, 100]))).toBe(15);
  });

  it('needs three levels', () => {
    expect(nonLinearLatencyAt(levels([5, 10], [10, 20]))).toBeNull();
  });

  it('does not take a longer step for a steeper one', () => {
    expect(nonLinearLatencyAt(levels([5, 10], [10, 20], [30, 60]))).toBeNull();
  });

  it('sorts levels, and takes the median of repeats', () => {
    const repeated = levels([15, 900], [10, 20], [5, 10], [15, 31], [15, 30]);
    expect(nonLinearLatencyAt(repeated)).toBeNull();
  });

  it('is not impressed by microseconds', () => {
    expect(nonLinearLatencyAt(levels([5, 1], [10, 1.001], [15, 1.05]))).toBeNull();
  });
});
