import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { totalIterations } from './iteration-ledger.ts';
import { MOST_CHECKS, MOST_COUNTERS, MOST_TIMINGS } from './script-names.ts';
import { ScriptTally } from './script-tally.ts';
import { FAILED, MOST_WAITING, OK, SCHEDULED, USERS, WAITING } from './tally.ts';

type Deed = (tally: ScriptTally) => void;

const scenario = fc.nat(1);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.tuple(fc.nat(MOST_CHECKS), fc.boolean()).map(
    ([place, isPassed]): Deed =>
      (tally) =>
        tally.checked(place, isPassed),
  ),
  fc.tuple(fc.nat(MOST_COUNTERS), fc.integer({ min: -9, max: 9 })).map(
    ([place, by]): Deed =>
      (tally) =>
        tally.counted(place, by),
  ),
  fc.tuple(fc.nat(MOST_TIMINGS), fc.nat(60_000)).map(
    ([place, ms]): Deed =>
      (tally) =>
        tally.timed(place, ms),
  ),
  fc
    .tuple(scenario, fc.constantFrom(SCHEDULED, OK, FAILED), fc.nat(1e7))
    .map(([index, place, micros]): Deed => (tally) => {
      tally.scenarios[index]!.ledger[place]! += 1;
      tally.scenarios[index]!.duration.record(micros);
      tally.lateness.record(micros % 1000);
    }),
);
const deeds = fc.array(deed, { maxLength: 30 });

function after(...lists: readonly (readonly Deed[])[]): ScriptTally {
  const tally = new ScriptTally(2);
  for (const done of lists.flat()) done(tally);
  return tally;
}

/** Everything countable, for comparing two tallies. */
function contents(tally: ScriptTally): unknown {
  const shape = (histogram: { readonly count: number; readonly mean: number }): unknown => [
    histogram.count,
    Math.round(histogram.mean),
  ];
  return {
    checks: [...tally.checks],
    counters: [...tally.counters],
    uses: [...tally.counterUses],
    ledgers: tally.scenarios.map(({ ledger }) => [...ledger]),
    durations: tally.scenarios.map(({ duration }) => shape(duration)),
    timings: tally.timings.map(shape),
    lateness: shape(tally.lateness),
  };
}

describe('ScriptTally', () => {
  it('is, as a sum of threads, what one thread would have counted', () => {
    fc.assert(
      fc.property(deeds, deeds, deeds, (one, other, third) => {
        const sum = new ScriptTally(2);
        sum.becomeSumOf([after(one), after(other), after(third)]);
        expect(contents(sum)).toEqual(contents(after(one, other, third)));
      }),
      { numRuns: 30 },
    );
  });

  it('is, as a difference, what was counted in between', () => {
    fc.assert(
      fc.property(deeds, deeds, (before, since) => {
        const window = new ScriptTally(2);
        window.becomeDifference(after(before, since), after(before));
        const { counters, checks, ledgers } = contents(window) as Record<string, unknown>;
        expect(contents(after(since))).toMatchObject({ counters, checks, ledgers });
        expect(window.timings.map(({ count }) => count)).toEqual(
          after(since).timings.map(({ count }) => count),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('sums the timings that have names, and all once the names are used up', () => {
    const part = after([(tally) => tally.timed(0, 5), (tally) => tally.timed(MOST_TIMINGS, 7)]);
    const sum = new ScriptTally(2);
    sum.becomeSumOf([part, part], 1);
    expect([sum.timings[0]!.count, sum.timings[MOST_TIMINGS]!.count]).toEqual([2, 0]);
    sum.becomeSumOf([part, part], MOST_TIMINGS);
    expect([sum.timings[0]!.count, sum.timings[MOST_TIMINGS]!.count]).toEqual([2, 2]);
  });

  it('forgets everything but its gauges when it is reset', () => {
    const tally = after([(each) => each.checked(3, false), (each) => each.timed(1, 5)]);
    Object.assign(tally.streams[1]!, { [USERS]: 5, [WAITING]: 2, [MOST_WAITING]: 9 });
    tally.reset();
    expect(contents(tally)).toEqual(contents(new ScriptTally(2)));
    expect([tally.users, tally.mostWaiting, tally.streams[1]![WAITING]]).toEqual([5, 0, 2]);
    expect(totalIterations(tally).scheduled).toBe(0);
  });

  it('tells other threads which scenario ran last and that its thread is alive', () => {
    const tally = new ScriptTally(2);
    const seen = new ScriptTally(2, tally.buffer);
    expect([seen.currentScenario, seen.heartbeat]).toEqual([-1, 0]);
    tally.currentScenario = 1;
    tally.beat(40);
    expect([seen.currentScenario, seen.heartbeat]).toEqual([1, 1]);
  });

  it('adds up the users of all streams, and the outcomes of all checks', () => {
    const tally = after([
      (each) => each.checked(0, true),
      (each) => each.checked(MOST_CHECKS, false),
    ]);
    tally.streams[0]![USERS] = 2;
    tally.streams[1]![USERS] = 3;
    expect(tally.users).toBe(5);
    expect(tally.checkOutcomes).toEqual({ passed: 1, failed: 1 });
  });
});
