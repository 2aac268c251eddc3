import { describe, expect, it } from 'vitest';
import { DEFAULT_RESTART_LIMITS } from './cluster-options.ts';
import { EndLog } from './end-log.ts';

const limits = { ...DEFAULT_RESTART_LIMITS, minDelayMs: 100, maxDelayMs: 500, mostEnds: 4 };

describe('EndLog.delayAfterEnd', () => {
  it('doubles up to the longest delay, then says that it is of no use', () => {
    const log = new EndLog(limits);
    const delays = [0, 1, 2, 3, 4].map((nowMs) => log.delayAfterEnd(nowMs));
    expect(delays).toEqual([100, 200, 400, 500, null]);
  });

  it('forgets what is older than the window', () => {
    const log = new EndLog(limits);
    for (const nowMs of [0, 1, 2, 3]) log.delayAfterEnd(nowMs);
    expect(log.delayAfterEnd(limits.windowMs + 2)).toBe(200);
  });
});
