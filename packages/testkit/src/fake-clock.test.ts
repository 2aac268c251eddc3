import { describe, expect, it } from 'vitest';
import { FakeClock } from './fake-clock.ts';

describe('FakeClock.advance', () => {
  it('fires timers in order of their due time, each at its own time', () => {
    const clock = new FakeClock(1_000);
    const fired: [string, number][] = [];
    const note = (name: string) => (): void => void fired.push([name, clock.now()]);
    clock.setTimer(20, note('late'));
    clock.setTimer(10, note('early'));
    clock.setTimer(10, note('early, set second'));
    clock.setTimer(30, note('beyond'));
    clock.advance(25);
    expect(fired).toEqual([
      ['early', 1_010],
      ['early, set second', 1_010],
      ['late', 1_020],
    ]);
    expect(clock.now()).toBe(1_025);
    expect(clock.nextDueAt).toBe(1_030);
  });

  it('fires what a timer sets, when that is due on the way too', () => {
    const clock = new FakeClock();
    const times: number[] = [];
    const tick = (): void => {
      times.push(clock.now());
      clock.setTimer(10, tick);
    };
    clock.setTimer(10, tick);
    clock.advance(35);
    expect(times).toEqual([10, 20, 30]);
    expect(clock.pendingTimers).toBe(1);
  });

  it('runs soon before timers and does not fire what was cleared', () => {
    const clock = new FakeClock();
    const seen: string[] = [];
    const cleared = clock.setTimer(1, () => seen.push('cleared'));
    clock.setTimer(0, () => seen.push('timer'));
    clock.soon(() => {
      seen.push('soon');
      clock.soon(() => seen.push('soon again'));
    });
    clock.clearTimer(cleared);
    clock.advance(5);
    expect(seen).toEqual(['soon', 'soon again', 'timer']);
  });
});

describe('FakeClock.runAll', () => {
  it('jumps from one timer to the next until none is left', () => {
    const clock = new FakeClock();
    clock.setTimer(5, () => clock.setTimer(3_600_000, () => clock.soon(() => {})));
    clock.runAll();
    expect(clock.now()).toBe(3_600_005);
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives up on timers that re-arm themselves for ever', () => {
    const clock = new FakeClock();
    const again = (): void => void clock.setTimer(1, again);
    again();
    expect(() => clock.runAll(50)).toThrowError(/does not come to rest: 50/);
  });
});
