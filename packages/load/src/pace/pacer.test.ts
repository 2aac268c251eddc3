import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoadSpec } from '../plan/plan.ts';
import { createPacer, shardArrivals, shardUsers } from './pacer.ts';
import type { ArrivalPacer, UserPacer } from './pacer.ts';
import { rateCurveOf } from './rate-curve.ts';

const SECOND = 1000;

function users(load: LoadSpec): UserPacer {
  const pacer = createPacer({ load, maxRequests: null, seed: 1 });
  if (pacer.model !== 'closed') throw new Error('expected the closed model');
  return pacer;
}

function arrivals(load: LoadSpec, maxRequests: number | null = null, seed = 1): ArrivalPacer {
  const pacer = createPacer({ load, maxRequests, seed });
  if (pacer.model !== 'open') throw new Error('expected the open model');
  return pacer;
}

function allDue(pacer: ArrivalPacer, atMost = 1e6): number[] {
  const due: number[] = [];
  for (let n = 0; n < atMost; n += 1) {
    const at = pacer.dueMs(n);
    if (at === Infinity) return due;
    due.push(at);
  }
  return due;
}

function gradual(count: number, rampUpS: number): LoadSpec {
  return { kind: 'gradual', users: count, rampUpMs: rampUpS * SECOND, durationMs: 60 * SECOND };
}

function spike(
  count: number,
  rampUpS: number,
  durationS: number,
  spikeUsers: number,
  spikeS: number,
): LoadSpec {
  return {
    kind: 'spike',
    users: count,
    rampUpMs: rampUpS * SECOND,
    durationMs: durationS * SECOND,
    spikeUsers,
    spikeDurationMs: spikeS * SECOND,
  };
}

describe('createPacer, users', () => {
  const constant: LoadSpec = { kind: 'constant', users: 20, durationMs: 60 * SECOND };

  it.each([
    ['constant, before the start', constant, -1, 0],
    ['constant, at the start', constant, 0, 20],
    ['gradual, at the start', gradual(100, 50), 0, 1],
    ['gradual, half way', gradual(100, 50), 25, 50],
    ['gradual, ramp complete', gradual(100, 50), 50, 100],
    ['gradual, after the ramp', gradual(100, 50), 60, 100],
    ['gradual, half of an even ramp', gradual(50, 25), 12.5, 25],
    ['gradual, no ramp', gradual(50, 0), 0, 50],
    ['gradual, a step not yet complete', gradual(3, 3), 1.999, 1],
    ['gradual, a step complete', gradual(3, 3), 2, 2],
    ['spike, ramp complete', spike(10, 10, 60, 20, 10), 10, 10],
    ['spike, before', spike(10, 10, 60, 20, 10), 25, 10],
    ['spike, within', spike(10, 10, 60, 20, 10), 35, 30],
    ['spike, after', spike(10, 10, 60, 20, 10), 45, 10],
    ['spike, its first moment', spike(10, 20, 100, 30, 15), 55, 40],
    ['spike, within the longer one', spike(10, 20, 100, 30, 15), 57, 40],
    ['spike, its end', spike(10, 20, 100, 30, 15), 70, 10],
    ['spike, after the longer one', spike(10, 20, 100, 30, 15), 80, 10],
    ['spike, no ramp', spike(10, 0, 60, 20, 10), 0, 10],
  ])('%s', (_, load, elapsedS, expected) => {
    expect(users(load).usersAt(elapsedS * SECOND)).toBe(expected);
  });

  it('goes in straight lines between stages and jumps at stages of no length', () => {
    const pacer = users({
      kind: 'stages',
      startUsers: 1,
      stages: [
        { durationMs: 10 * SECOND, users: 11 },
        { durationMs: 10 * SECOND, users: 11 },
        { durationMs: 0, users: 30 },
        { durationMs: 10 * SECOND, users: 0 },
      ],
    });
    const at = (elapsedS: number): number => pacer.usersAt(elapsedS * SECOND);
    expect([0, 0.999, 1, 5, 10, 19.999, 20, 25, 29.999, 30, 99].map(at)).toEqual([
      1, 1, 2, 6, 11, 11, 30, 15, 1, 0, 0,
    ]);
    expect(pacer.peakUsers).toBe(30);
    expect(pacer.endMs).toBe(30 * SECOND);
  });

  it('never ends when only a count ends the run', () => {
    const pacer = users({ kind: 'constant', users: 5, durationMs: null });
    expect(pacer.endMs).toBe(Infinity);
    expect(pacer.nextChangeMs(0)).toBe(Infinity);
    expect(pacer.usersAt(1e12)).toBe(5);
  });

  it('names every change, in order, and none in between', () => {
    const stages = fc.array(
      fc.record({
        durationMs: fc.integer({ min: 0, max: 5000 }),
        users: fc.integer({ min: 0, max: 40 }),
      }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), stages, (startUsers, list) => {
        const pacer = users({ kind: 'stages', startUsers, stages: list });
        let atMs = 0;
        for (let changes = 0; changes < 400; changes += 1) {
          const nextMs = pacer.nextChangeMs(atMs);
          const lastMs = nextMs === Infinity ? pacer.endMs : nextMs;
          expect(lastMs).toBeGreaterThanOrEqual(atMs);
          const middleMs = atMs + (lastMs - atMs) * 0.99;
          if (middleMs < lastMs) expect(pacer.usersAt(middleMs)).toBe(pacer.usersAt(atMs));
          if (nextMs === Infinity) return;
          expect(nextMs).toBeGreaterThan(atMs);
          expect(pacer.usersAt(nextMs)).not.toBe(pacer.usersAt(atMs));
          atMs = nextMs;
        }
        expect.unreachable('more changes than users ever come and go');
      }),
      { numRuns: 100 },
    );
  });
});

describe('shardUsers', () => {
  it('adds up to the whole at every moment for 1 to 7 workers', () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 300 }),
      fc.double({ min: -10, max: 90_000, noNaN: true }),
      (workers, count, elapsedMs) => {
        const whole = users(spike(count, 20, 80, 33, 15));
        const shards = Array.from({ length: workers }, (_, worker) =>
          shardUsers(whole, worker, workers),
        );
        const sum = (read: (shard: UserPacer) => number): number =>
          shards.reduce((total, shard) => total + read(shard), 0);
        expect(sum((shard) => shard.usersAt(elapsedMs))).toBe(whole.usersAt(elapsedMs));
        expect(sum((shard) => shard.peakUsers)).toBe(whole.peakUsers);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it('names the changes of its own part only', () => {
    const shard = shardUsers(users(gradual(10, 10)), 1, 2);
    expect(shard.usersAt(0)).toBe(0);
    expect(shard.nextChangeMs(0)).toBe(2 * SECOND);
    expect(shard.nextChangeMs(2 * SECOND)).toBe(4 * SECOND);
    expect(shard.nextChangeMs(10 * SECOND)).toBe(Infinity);
  });
});

describe('createPacer, arrivals', () => {
  it.each([
    [2000, 10_000, 20_000],
    [0.7, 10_000, 7],
    [3, 1000, 3],
    [1000 / 3, 3000, 1000],
    [0.01, 10_000, 1],
    [1e7, 1000, 1e7],
  ])('%f a second for %i ms is due every 1/R seconds, %i in all', (rate, durationMs, total) => {
    const pacer = arrivals({ kind: 'rate', rate, durationMs, arrivals: 'even' });
    expect(pacer.total).toBe(total);
    expect(pacer.endMs).toBe(durationMs);
    expect(pacer.dueMs(0)).toBe(0);
    expect(pacer.dueMs(total - 1)).toBe(((total - 1) * 1000) / rate);
    expect(pacer.dueMs(total - 1)).toBeLessThan(durationMs);
    expect(pacer.dueMs(total)).toBe(Infinity);
  });

  it('ends after a number of requests, with or without a duration', () => {
    const counted = arrivals({ kind: 'rate', rate: 100, durationMs: null, arrivals: 'even' }, 250);
    expect(counted.total).toBe(250);
    expect(counted.dueMs(249)).toBe(2490);
    expect(counted.dueMs(250)).toBe(Infinity);
    const both = arrivals({ kind: 'rate', rate: 100, durationMs: 1000, arrivals: 'even' }, 250);
    expect(both.total).toBe(100);
  });

  it('follows a ramp by the inverse of its integral', () => {
    const pacer = arrivals({
      kind: 'rate-stages',
      startRate: 0,
      stages: [{ durationMs: 10_000, rate: 100 }],
      arrivals: 'even',
    });
    expect(pacer.total).toBe(500);
    // 5 t^2 requests by second t.
    for (const n of [0, 1, 5, 125, 499]) {
      expect(pacer.dueMs(n)).toBeCloseTo(Math.sqrt(n / 5) * 1000, 6);
    }
    expect(pacer.rateAt(5000)).toBe(50);
    expect(pacer.rateAt(10_000)).toBe(0);
  });

  it('schedules nothing when the rate is never above 0', () => {
    const stages = [{ durationMs: 1000, rate: 0 }];
    const pacer = arrivals({ kind: 'rate-stages', startRate: 0, stages, arrivals: 'even' });
    expect(pacer.total).toBe(0);
    expect(pacer.dueMs(0)).toBe(Infinity);
  });

  it('sends nothing while the rate is 0, and down-ramps end where they should', () => {
    const pacer = arrivals({
      kind: 'rate-stages',
      startRate: 0,
      stages: [
        { durationMs: 5000, rate: 0 },
        { durationMs: 0, rate: 10 },
        { durationMs: 10_000, rate: 0 },
      ],
      arrivals: 'even',
    });
    expect(pacer.total).toBe(50);
    expect(pacer.dueMs(0)).toBe(5000);
    expect(pacer.dueMs(49)).toBeCloseTo(15_000 - Math.sqrt(2) * 1000, 6);
    expect(pacer.dueMs(50)).toBe(Infinity);
  });

  const anyStages = fc.record({
    startRate: fc.integer({ min: 0, max: 500 }),
    stages: fc.array(
      fc.record({
        durationMs: fc.integer({ min: 0, max: 2000 }),
        rate: fc.integer({ min: 0, max: 500 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  });

  it('never falls behind the integral of the rate by as much as one request, and never goes back', () => {
    fc.assert(
      fc.property(anyStages, ({ startRate, stages }) => {
        const load: LoadSpec = { kind: 'rate-stages', startRate, stages, arrivals: 'even' };
        const curve = rateCurveOf(load);
        const due = allDue(arrivals(load));
        due.forEach((at, n) => {
          expect(at).toBeGreaterThanOrEqual(n === 0 ? 0 : due[n - 1]);
          expect(Math.abs(curve.arrivedBy(at) - n)).toBeLessThan(1e-6 * (n + 1));
        });
        expect(Math.abs(due.length - curve.expected)).toBeLessThan(1);
      }),
      { numRuns: 100 },
    );
  });

  it.each(['even', 'poisson'] as const)('shards %s arrivals into the whole', (kind) => {
    fc.assert(
      fc.property(anyStages, fc.integer({ min: 1, max: 7 }), (stages, workers) => {
        const load: LoadSpec = { kind: 'rate-stages', ...stages, arrivals: kind };
        const whole = arrivals(load);
        const shards = Array.from({ length: workers }, (_, worker) =>
          shardArrivals(arrivals(load), worker, workers),
        );
        const together = shards.flatMap((shard) => allDue(shard)).sort((a, b) => a - b);
        expect(together).toEqual(allDue(whole));
        if (kind === 'even') {
          expect(shards.reduce((sum, shard) => sum + shard.total!, 0)).toBe(whole.total);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('createPacer, Poisson arrivals', () => {
  const steady: LoadSpec = { kind: 'rate', rate: 1000, durationMs: 60_000, arrivals: 'poisson' };

  it('has exponential gaps of the right mean (Kolmogorov-Smirnov)', () => {
    const due = allDue(arrivals(steady));
    const gaps = due.map((at, n) => at - (n === 0 ? 0 : due[n - 1])).sort((a, b) => a - b);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    expect(mean).toBeGreaterThan(0.98);
    expect(mean).toBeLessThan(1.02);
    let distance = 0;
    gaps.forEach((gap, index) => {
      const below = 1 - Math.exp(-gap);
      distance = Math.max(
        distance,
        Math.abs(below - index / gaps.length),
        Math.abs(below - (index + 1) / gaps.length),
      );
    });
    // 1.63 / sqrt(n) is passed by one honest sample in a hundred.
    expect(distance).toBeLessThan(1.63 / Math.sqrt(gaps.length));
  });

  it('has as much variance as mean in its counts', () => {
    const counts = Array.from({ length: 600 }, () => 0);
    for (const at of allDue(arrivals(steady))) counts[Math.floor(at / 100)] += 1;
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    const variance =
      counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (counts.length - 1);
    // The Fano factor of 600 windows has a standard deviation of sqrt(2/599) = 0.058.
    expect(variance / mean).toBeGreaterThan(0.8);
    expect(variance / mean).toBeLessThan(1.2);
  });

  it('follows a rate that varies', () => {
    const ramp: LoadSpec = {
      kind: 'rate-stages',
      startRate: 0,
      stages: [{ durationMs: 20_000, rate: 2000 }],
      arrivals: 'poisson',
    };
    const due = allDue(arrivals(ramp));
    const firstHalf = due.filter((at) => at < 10_000).length;
    // 20,000 expected, a quarter of them in the first half; five standard deviations each way.
    expect(Math.abs(due.length - 20_000)).toBeLessThan(5 * Math.sqrt(20_000));
    expect(Math.abs(firstHalf - 5000)).toBeLessThan(5 * Math.sqrt(5000));
  });

  it('replays for the same seed, also after going back, and differs for another', () => {
    const pacer = arrivals(steady);
    const once = [0, 1, 2, 50].map((n) => pacer.dueMs(n));
    expect([0, 1, 2, 50].map((n) => pacer.dueMs(n))).toEqual(once);
    expect(pacer.dueMs(50)).toBe(once[3]);
    expect(arrivals(steady, null, 2).dueMs(0)).not.toBe(once[0]);
  });

  it('knows its total only when that is what ends it', () => {
    expect(arrivals(steady).total).toBeNull();
    const counted = arrivals({ ...steady, durationMs: null }, 10);
    expect(counted.total).toBe(10);
    expect(counted.dueMs(9)).toBeLessThan(Infinity);
    expect(counted.dueMs(10)).toBe(Infinity);
  });
});
