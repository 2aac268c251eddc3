import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rng } from './rng.ts';
import { fitScaling, throughputAt, type ScalingLaw } from './usl.ts';

const LEVELS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

function measured(law: ScalingLaw, noise: number, rng: Rng, levels = LEVELS, repeats = 1) {
  return levels.flatMap((concurrency) =>
    Array.from({ length: repeats }, () => {
      // The sum of twelve uniform draws is near enough to normal.
      let normal = -6;
      for (let draw = 0; draw < 12; draw += 1) normal += rng.next();
      return { concurrency, throughput: throughputAt(law, concurrency) * (1 + noise * normal) };
    }),
  );
}

const laws = fc.record({
  lambda: fc.double({ min: 1, max: 1e5, noNaN: true }),
  sigma: fc.double({ min: 0.001, max: 0.5, noNaN: true }),
  kappa: fc.double({ min: 1e-5, max: 0.01, noNaN: true }),
});

describe('fitScaling', () => {
  it('finds the parameters again where there is no noise', () => {
    fc.assert(
      fc.property(laws, (law) => {
        const fit = fitScaling(measured(law, 0, new Rng(1)), { resamples: 2 });
        expect(fit.lambda / law.lambda).toBeCloseTo(1, 5);
        expect(fit.sigma / law.sigma).toBeCloseTo(1, 3);
        expect(fit.kappa / law.kappa).toBeCloseTo(1, 3);
        expect(fit.rSquared).toBeCloseTo(1, 8);
        const peak = Math.max(1, Math.sqrt((1 - law.sigma) / law.kappa));
        expect(fit.peakConcurrency / peak).toBeCloseTo(1, 3);
      }),
    );
  });

  it('finds parameters and peak within a few percent under 3% of noise', () => {
    const law = { lambda: 1000, sigma: 0.05, kappa: 0.0005 };
    for (let seed = 1; seed <= 20; seed += 1) {
      const points = measured(law, 0.03, new Rng(seed), LEVELS, 3);
      const fit = fitScaling(points, { resamples: 2 });
      expect(Math.abs(fit.lambda / law.lambda - 1)).toBeLessThan(0.08);
      expect(Math.abs(fit.peakConcurrency / Math.sqrt(0.95 / 0.0005) - 1)).toBeLessThan(0.08);
      expect(Math.abs(fit.peakThroughput / throughputAt(law, 43.6) - 1)).toBeLessThan(0.05);
      expect(fit.rSquared).toBeGreaterThan(0.97);
    }
  });

  it.each([1, 3])('holds the truth in its 95% intervals, %i measurements a level', (repeats) => {
    const law = { lambda: 1000, sigma: 0.05, kappa: 0.0005 };
    const rounds = 200;
    const inside = { lambda: 0, sigma: 0, kappa: 0, peakConcurrency: 0 };
    const truth = { ...law, peakConcurrency: Math.sqrt((1 - law.sigma) / law.kappa) };
    for (let seed = 1; seed <= rounds; seed += 1) {
      const points = measured(law, 0.05, new Rng(seed), LEVELS, repeats);
      const { intervals } = fitScaling(points, { resamples: 200 });
      for (const key of Object.keys(inside) as (keyof typeof inside)[]) {
        const { low, high } = intervals![key];
        if (low <= truth[key] && truth[key] <= high) inside[key] += 1;
      }
    }
    // 95% nominal; three standard errors of a share of 200 below it are 90%.
    for (const count of Object.values(inside)) expect(count / rounds).toBeGreaterThanOrEqual(0.9);
  });

  it('keeps parameters from going below 0, and then knows no peak', () => {
    const better = [1, 2, 4, 8, 16].map((concurrency) => ({
      concurrency,
      throughput: 100 * concurrency ** 1.05,
    }));
    const fit = fitScaling(better);
    expect(fit).toMatchObject({ sigma: 0, kappa: 0, peakConcurrency: Infinity });
    expect(fit.peakThroughput).toBe(Infinity);
  });

  it('is Amdahl with a ceiling when nothing has to agree', () => {
    const fit = fitScaling(measured({ lambda: 100, sigma: 0.1, kappa: 0 }, 0, new Rng(1)));
    expect(fit.sigma).toBeCloseTo(0.1, 6);
    expect(fit.kappa).toBeLessThan(1e-9);
    if (fit.kappa === 0) expect(fit.peakThroughput).toBeCloseTo(1000, 3);
  });

  it('gives no intervals when nothing is left to judge the noise by', () => {
    const law = { lambda: 10, sigma: 0.1, kappa: 0.01 };
    expect(fitScaling(measured(law, 0, new Rng(1), [1, 4, 16])).intervals).toBeNull();
  });

  it('refuses too few concurrencies and throughputs that are none', () => {
    const point = { concurrency: 1, throughput: 10 };
    expect(() => fitScaling([point, point, { ...point, concurrency: 2 }])).toThrow(/3 different/);
    expect(() => fitScaling([{ ...point, throughput: 0 }])).toThrow(/throughput/);
    expect(() => fitScaling([{ ...point, concurrency: -1 }])).toThrow(/concurrency/);
  });
});
