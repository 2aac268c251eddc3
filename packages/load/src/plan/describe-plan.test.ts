import { describe, expect, it } from 'vitest';
import { scriptedPlan, stream } from '../collect/script-totals.fixture.ts';
import { describePlan, modelOf, plannedDurationMs, summarizePlan } from './describe-plan.ts';
import { plainPlan } from './plain-plan.ts';
import type { LoadSpec, Plan } from './plan.ts';

function plan(load: LoadSpec, changes: Partial<Plan> = {}): Plan {
  return plainPlan('http://h/', {
    requests: [
      {
        name: 'POST /',
        method: 'POST',
        url: 'http://h/',
        headers: [['Authorization', 'secret']],
        body: 'secret',
        weight: 1,
      },
    ],
    load,
    connections: 1000,
    timeoutMs: 10_000,
    ...changes,
  });
}

const constant = (users: number, durationMs: number | null): LoadSpec => ({
  kind: 'constant',
  users,
  durationMs,
});
const rate = (perSecond: number, durationMs: number | null): LoadSpec => ({
  kind: 'rate',
  rate: perSecond,
  durationMs,
  arrivals: 'even',
});
const ramp: LoadSpec = {
  kind: 'rate-stages',
  startRate: 0,
  stages: [{ durationMs: 10_000, rate: 100 }],
  arrivals: 'poisson',
};

describe('describePlan', () => {
  it.each<[string, Plan]>([
    ['50 users for 10s', plan(constant(50, 10_000))],
    ['1 user for 10s, at most 10,000 requests', plan(constant(1, 10_000), { maxRequests: 10_000 })],
    ['50 users, 100 iterations', plan(constant(50, null), { maxIterations: 100 })],
    [
      '5 users for 1m, thinking 50ms, after 5s of warm-up',
      plan(constant(5, 60_000), { thinkMs: 50, warmupMs: 5000 }),
    ],
    [
      '100 users for 1m, ramping up over 10s',
      plan({ kind: 'gradual', users: 100, rampUpMs: 10_000, durationMs: 60_000 }),
    ],
    [
      '10 users for 1m, 20 more for 10s',
      plan({
        kind: 'spike',
        users: 10,
        rampUpMs: 0,
        durationMs: 60_000,
        spikeUsers: 20,
        spikeDurationMs: 10_000,
      }),
    ],
    [
      'users 1 to 50 in 30s, to 0 in 10s',
      plan({
        kind: 'stages',
        startUsers: 1,
        stages: [
          { durationMs: 30_000, users: 50 },
          { durationMs: 10_000, users: 0 },
        ],
      }),
    ],
    [
      '2,000 requests/s for 30s (poisson), at most 1,000 connections',
      plan({ kind: 'rate', rate: 2000, durationMs: 30_000, arrivals: 'poisson' }),
    ],
    [
      '0.5 requests/s, 10 requests, at most 1 connection',
      plan(rate(0.5, null), { maxRequests: 10, connections: 1 }),
    ],
    ['requests/s 0 to 100 in 10s (poisson), at most 1,000 connections', plan(ramp)],
  ])('%s', (text, described) => {
    expect(describePlan(described)).toBe(text);
  });

  it.each<[string, Plan]>([
    ['20 users for 30s', scriptedPlan(['user'], [stream()])],
    [
      '2 scenarios: browse (1) + buy (2) 20 users for 30s, thinking 1s',
      scriptedPlan(['browse', 'buy'], [stream({ scenarios: [0, 1], thinkMs: 1000 })]),
    ],
    [
      '2 scenarios: browse 20 users for 30s; buy 5 iterations/s, 100 iterations, at most 1,000 users',
      scriptedPlan(
        ['browse', 'buy'],
        [
          stream(),
          stream({ load: rate(5, null), maxIterations: 100, maxUsers: 1000, scenarios: [1] }),
        ],
      ),
    ],
    [
      '1 user for 10s, at most 3 iterations, after 5s of warm-up',
      {
        ...scriptedPlan(['user'], [stream({ load: constant(1, 10_000), maxIterations: 3 })]),
        warmupMs: 5000,
      },
    ],
  ])('%s', (text, described) => {
    expect(describePlan(described)).toBe(text);
  });

  it('leaves out the middle of many stages', () => {
    const stages = Array.from({ length: 9 }, (_, index) => ({ durationMs: 1000, users: index }));
    expect(describePlan(plan({ kind: 'stages', startUsers: 1, stages }))).toBe(
      'users 1 to 0 in 1s, to 1 in 1s, to 2 in 1s, 5 more, to 8 in 1s',
    );
  });
});

describe('plannedDurationMs', () => {
  it.each<[string, Plan, number | null]>([
    ['a duration', plan(constant(5, 10_000)), 10_000],
    ['a count of users', plan(constant(5, null), { maxRequests: 10 }), null],
    ['whichever of the two comes first', plan(constant(5, 10_000), { maxRequests: 10 }), null],
    ['a count at a rate', plan(rate(100, null), { maxRequests: 250 }), 2500],
    ['a count that a rate does not reach', plan(rate(100, 1000), { maxRequests: 250 }), 1000],
    ['a count on a ramp', plan(ramp, { maxRequests: 125 }), 5000],
  ])('%s', (_, planned, expectedMs) => {
    expect(plannedDurationMs(planned)).toBe(expectedMs);
  });
});

describe('plannedDurationMs of scripts', () => {
  it.each<[string, Plan, number | null]>([
    [
      'the longest stream',
      scriptedPlan(['a', 'b'], [stream(), stream({ load: constant(1, 40_000) })]),
      40_000,
    ],
    [
      'iterations at a rate',
      scriptedPlan(['a'], [stream({ load: rate(10, null), maxIterations: 50 })]),
      5000,
    ],
    [
      'iterations of users',
      scriptedPlan(['a', 'b'], [stream(), stream({ maxIterations: 50 })]),
      null,
    ],
  ])('%s', (_, planned, expectedMs) => {
    expect(plannedDurationMs(planned)).toBe(expectedMs);
  });
});

describe('modelOf', () => {
  it('is open when any stream of a script is', () => {
    const open = stream({ load: rate(5, 1000), scenarios: [1] });
    expect(modelOf(scriptedPlan(['a', 'b'], [stream(), open]))).toBe('open');
    expect(modelOf(scriptedPlan(['a'], [stream()]))).toBe('closed');
  });

  it('is open when a rate drives, else closed', () => {
    expect([constant(1, 1), rate(1, 1), ramp].map((load) => modelOf({ load }))).toEqual([
      'closed',
      'open',
      'open',
    ]);
  });
});

describe('summarizePlan', () => {
  it('names the file of a script and has all of its loads', () => {
    const load = rate(5, 1000);
    const several = [stream({ scenarios: [0, 2] }), stream({ load, scenarios: [1] })];
    expect(summarizePlan(scriptedPlan(['a', 'b', 'c'], several))).toMatchObject({
      script: 'shop.ts',
      requests: [],
      load: constant(20, 30_000),
      streams: [
        {
          scenarios: [
            { name: 'a', weight: 1 },
            { name: 'c', weight: 3 },
          ],
          load: constant(20, 30_000),
          maxUsers: 20,
        },
        { scenarios: [{ name: 'b', weight: 2 }], load, maxIterations: null, thinkMs: 0 },
      ],
    });
    expect(summarizePlan(plan(constant(5, 10_000))).streams).toEqual([]);
  });

  it('names the feed and keeps headers and bodies to itself', () => {
    const feed = { file: 'skus.csv', columns: ['a'], rows: [['secret']] };
    const summary = summarizePlan(plan(constant(5, 10_000), { feed }));
    expect(summary).toMatchObject({
      model: 'closed',
      description: '5 users for 10s',
      feed: 'skus.csv',
    });
    expect(JSON.stringify(summary)).not.toContain('secret');
  });
});
