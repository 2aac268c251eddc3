import { FakeClock } from '@needletail/testkit/fake-clock';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PauseWheel } from './pause-wheel.ts';

describe('PauseWheel', () => {
  it('calls each back once, to the nearest millisecond, and a short one within two', () => {
    const pause = fc.record({
      afterMs: fc.double({ min: 0, max: 3000, noNaN: true }),
      delayMs: fc.double({ min: 0, max: 5000, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(pause, { maxLength: 60 }), (pauses) => {
        const clock = new FakeClock(0.25);
        const wheel = new PauseWheel(clock);
        const ends: number[][] = pauses.map(() => []);
        pauses.forEach(({ afterMs, delayMs }, index) => {
          clock.setTimer(afterMs, () => {
            const dueAt = clock.now() + delayMs;
            wheel.set(delayMs, () => ends[index]!.push(clock.now() - dueAt));
          });
        });
        clock.runAll();
        for (const late of ends) {
          expect(late).toHaveLength(1);
          expect(late[0]).toBeGreaterThanOrEqual(-1);
          expect(late[0]).toBeLessThanOrEqual(2);
        }
        expect(clock.pendingTimers).toBe(0);
      }),
    );
  });

  it('takes pauses that begin when others end, also shorter and longer ones', () => {
    const clock = new FakeClock();
    const wheel = new PauseWheel(clock);
    const seen: string[] = [];
    wheel.set(10, () => {
      seen.push(`first ${clock.now()}`);
      wheel.set(500, () => seen.push(`long ${clock.now()}`));
      wheel.set(1, () => seen.push(`short ${clock.now()}`));
    });
    wheel.set(20, () => seen.push(`second ${clock.now()}`));
    clock.runAll();
    expect(seen).toEqual(['first 10', 'short 11', 'second 20', 'long 510']);
  });

  it('ends each of thousands that end in turn', () => {
    const clock = new FakeClock();
    const wheel = new PauseWheel(clock);
    let ended = 0;
    for (let delayMs = 1; delayMs <= 4000; delayMs += 1) wheel.set(delayMs, () => (ended += 1));
    clock.advance(4000);
    expect(ended).toBe(4000);
  });

  it('calls nobody back once it is closed', () => {
    const clock = new FakeClock();
    const wheel = new PauseWheel(clock);
    wheel.set(5, () => expect.unreachable());
    wheel.close();
    clock.advance(100);
    expect(clock.pendingTimers).toBe(0);
  });
});
