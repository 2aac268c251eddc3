import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iterationImbalanceOf, totalIterations } from './iteration-ledger.ts';
import { IterationRecorder } from './iteration-recorder.ts';
import { MeasuredTime } from './measured-time.ts';
import { ScriptTally } from './script-tally.ts';
import { USERS } from './tally.ts';

describe('IterationRecorder', () => {
  it('counts iterations of the scenarios of its stream', () => {
    const tally = new ScriptTally(3);
    const recorder = new IterationRecorder({
      tally,
      stream: 1,
      scenarios: [2, 0],
      time: new MeasuredTime(),
    });
    recorder.scheduled(0, 10);
    recorder.ended(0, true, 10, 35);
    recorder.scheduled(1, 20);
    recorder.ended(1, false, 20, 21);
    recorder.tally.counters[USERS] = 4;
    expect(tally.scenarios.map(({ ledger }) => [...ledger.subarray(0, 3)])).toEqual([
      [1, 0, 1],
      [0, 0, 0],
      [1, 1, 0],
    ]);
    expect(tally.scenarios[2]!.duration.max).toBe(25_000);
    expect(tally.users).toBe(4);
  });

  it('forgets what was due in the warm-up, also when it ends later', () => {
    const tally = new ScriptTally(1);
    const time = new MeasuredTime(() => tally.reset());
    time.expect(50);
    const recorder = new IterationRecorder({ tally, stream: 0, scenarios: [0], time });
    recorder.scheduled(0, 10);
    time.start();
    recorder.ended(0, true, 10, 60);
    recorder.late(10, 5);
    recorder.scheduled(0, 50);
    recorder.leftInFlight(0, 50);
    expect(totalIterations(tally)).toEqual({
      scheduled: 1,
      ok: 0,
      failed: 0,
      dropped: 0,
      inFlight: 1,
    });
    expect([tally.lateness.count, tally.scenarios[0]!.duration.count]).toEqual([0, 0]);
  });

  it('balances whatever becomes of iterations, warm-up or not', () => {
    const ways = fc.constantFrom('ok', 'bad', 'failed', 'dropped', 'left');
    const iteration = fc.record({ position: fc.nat(1), dueAt: fc.nat(100), way: ways });
    fc.assert(
      fc.property(fc.array(iteration), fc.nat(100), (iterations, measureFrom) => {
        const tally = new ScriptTally(2);
        const time = new MeasuredTime(() => tally.reset());
        const recorder = new IterationRecorder({ tally, stream: 0, scenarios: [0, 1], time });
        time.expect(measureFrom);
        time.start();
        for (const { position, dueAt, way } of iterations) {
          recorder.scheduled(position, dueAt);
          if (way === 'left') recorder.leftInFlight(position, dueAt);
          else if (way === 'dropped') recorder.dropped(position, dueAt);
          else if (way === 'failed') recorder.failed(position, 'script', '', dueAt, NaN, 200);
          else recorder.ended(position, way === 'ok', dueAt, 200);
        }
        const ledger = totalIterations(tally);
        expect(iterationImbalanceOf(ledger)).toBe(0);
        expect(ledger.scheduled).toBe(
          iterations.filter(({ dueAt }) => dueAt >= measureFrom).length,
        );
      }),
    );
  });
});
