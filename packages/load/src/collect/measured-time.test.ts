import { describe, expect, it } from 'vitest';
import { totalLedger } from './ledger.ts';
import { MeasuredTime } from './measured-time.ts';
import { Recorder } from './recorder.ts';
import { Tally } from './tally.ts';

describe('MeasuredTime', () => {
  it('has everything when there is no warm-up', () => {
    const time = new MeasuredTime(() => expect.unreachable());
    time.start();
    expect(time.has(-5)).toBe(true);
  });

  it('has what is due in the warm-up while that lasts, and no longer', () => {
    const begun: number[] = [];
    const time = new MeasuredTime((from) => begun.push(from));
    time.expect(100);
    expect([time.has(0), time.has(99)]).toEqual([true, true]);
    time.start();
    expect([time.has(99), time.has(100)]).toEqual([false, true]);
    expect(begun).toEqual([100]);
  });

  it('begins with the first that is due in it, and once, though the timer for it comes later', () => {
    const tally = new Tally(1);
    const time = new MeasuredTime((from) => recorder.restart(from));
    const recorder = new Recorder(
      tally,
      { success: [{ from: 200, to: 399 }], onlyOk: false, apdexMs: 100 },
      time,
    );
    time.expect(100);
    recorder.scheduled(0, 99);
    recorder.scheduled(0, 100);
    time.start();
    recorder.answered(0, 200, 99, 99, 101, 101);
    recorder.answered(0, 200, 100, 100, 102, 102);
    expect(totalLedger(tally)).toMatchObject({ scheduled: 1, ok: 1 });
    expect(recorder.epoch).toBe(1);
  });
});
