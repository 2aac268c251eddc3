import { FakeClock } from '@needletail/testkit/fake-clock';
import { systemClock } from '@needletail/wire';
import { describe, expect, it } from 'vitest';
import { PreciseTimer } from './precise-timer.ts';

describe('PreciseTimer', () => {
  it('calls back once, at the moment', () => {
    const clock = new FakeClock();
    const calls: number[] = [];
    const timer = new PreciseTimer(clock, () => calls.push(clock.now()));
    timer.set(12.5);
    clock.advance(12.4);
    expect(calls).toEqual([]);
    clock.advance(10);
    expect(calls).toEqual([12.5]);
  });

  it('keeps the last moment it was given', () => {
    const clock = new FakeClock();
    const calls: number[] = [];
    const timer = new PreciseTimer(clock, () => calls.push(clock.now()));
    timer.set(50);
    timer.set(20);
    timer.set(30);
    clock.advance(100);
    expect(calls).toEqual([30]);
  });

  it('is cancelled by Infinity', () => {
    const clock = new FakeClock();
    const timer = new PreciseTimer(clock, () => expect.unreachable());
    timer.set(5);
    timer.set(Infinity);
    clock.advance(100);
    expect(clock.pendingTimers).toBe(0);
  });

  it('never calls before the moment on the machine’s own clock', async () => {
    for (const waitMs of [0.2, 1.5, 4, 7.3]) {
      const at = systemClock.now() + waitMs;
      const calledAt = await new Promise<number>((resolve) => {
        new PreciseTimer(systemClock, () => resolve(systemClock.now())).set(at);
      });
      expect(calledAt).toBeGreaterThanOrEqual(at - 1e-6);
    }
  });
});
