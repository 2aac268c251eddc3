import { describe, expect, it } from 'vitest';
import { normalCdf, normalQuantile, studentQuantile } from './normal.ts';

describe('normalCdf', () => {
  it.each([
    [-3, 0.0013498980316301],
    [-1, 0.158655253931457],
    [0, 0.5],
    [0.5, 0.691462461274013],
    [1.959963984540054, 0.975],
  ])('of %f is %f', (z, share) => {
    expect(normalCdf(z)).toBeCloseTo(share, 6);
  });
});

describe('normalQuantile', () => {
  it.each([
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.95, 1.6448536269514722],
    [0.001, -3.090232306167813],
  ])('of %f is %f', (share, z) => {
    expect(Math.abs(normalQuantile(share) - z)).toBeLessThan(4.5e-4);
  });

  it.each([0, 1, -0.1, Number.NaN])('refuses %f', (share) => {
    expect(() => normalQuantile(share)).toThrow(/normalQuantile/);
  });
});

describe('studentQuantile', () => {
  it.each([
    [1, 12.7062],
    [2, 4.30265],
    [4, 2.77645],
    [7, 2.36462],
    [27, 2.05183],
    [1000, 1.96234],
  ])('of 97.5%% with %i degrees of freedom is %f within 1%%', (degrees, expected) => {
    expect(Math.abs(studentQuantile(0.975, degrees) / expected - 1)).toBeLessThan(0.01);
  });

  it('refuses to know a spread from nothing', () => {
    expect(() => studentQuantile(0.975, 0)).toThrow(/at least 1/);
  });
});
