import { describe, expect, it } from 'vitest';
import { EvenPace } from './even-pace.ts';

/** When starts happen if each is tried as soon as it is due, `lateMs` too late. */
function startsOf(pace: EvenPace, count: number, lateMs = 0): number[] {
  const starts: number[] = [];
  let nowMs = 0;
  for (let index = 0; index < count; index += 1) {
    const waitMs = pace.waitMs(nowMs);
    nowMs += waitMs > 0 ? waitMs + lateMs : 0;
    starts.push(nowMs);
    pace.take(nowMs);
  }
  return starts;
}

describe('EvenPace', () => {
  it('starts at once, then at even distances', () => {
    expect(startsOf(new EvenPace(10), 4)).toEqual([0, 100, 200, 300]);
  });

  it('does not lose its rate to timers that are late', () => {
    const starts = startsOf(new EvenPace(100), 1001, 1);
    expect(starts.at(-1)).toBeCloseTo(10_001, 0);
  });

  it('does not follow a standstill with a burst', () => {
    const pace = new EvenPace(100);
    pace.take(0);
    pace.take(1000);
    expect(pace.waitMs(1000)).toBe(5);
    pace.take(1005);
    expect(pace.waitMs(1005)).toBe(10);
  });

  it('never waits without a limit', () => {
    expect(startsOf(new EvenPace(Infinity), 3)).toEqual([0, 0, 0]);
  });
});
