import { describe, expect, it } from 'vitest';
import type { Reading, TargetMonitor } from './target-monitor.ts';
import { TargetWatch } from './target-watch.ts';

const cpu = (value: number): Reading => ({ name: 'CPU', unit: 'percent', value });

/** Answers from a list; what is an Error is thrown, what is a promise is awaited. */
function monitor(answers: readonly (Error | readonly Reading[] | Promise<readonly Reading[]>)[]) {
  const left = [...answers];
  let closed = 0;
  const made: TargetMonitor = {
    source: 'pid 7',
    read: async () => {
      const answer = left.shift()!;
      if (answer instanceof Error) throw answer;
      return await answer;
    },
    close: async () => void (closed += 1),
  };
  return { made, closed: () => closed };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('TargetWatch', () => {
  it('keeps what is read on the timeline, not what it begins with', async () => {
    const { made, closed } = monitor([[cpu(1)], [cpu(20)], [cpu(30)]]);
    const watch = new TargetWatch([made]);
    await watch.begin();
    for (const t of [1, 2]) {
      watch.look(t);
      await settle();
    }
    await watch.end();
    expect(closed()).toBe(1);
    expect(watch.metrics()).toEqual({
      series: [
        {
          name: 'CPU',
          unit: 'percent',
          source: 'pid 7',
          points: [
            { t: 1, value: 20 },
            { t: 2, value: 30 },
          ],
        },
      ],
      problems: [],
    });
  });

  it('says a failure once, and goes on asking', async () => {
    const trouble = new Error('it is asleep.');
    const { made } = monitor([trouble, trouble, [cpu(5)]]);
    const watch = new TargetWatch([made]);
    await watch.begin();
    for (const t of [1, 2]) {
      watch.look(t);
      await settle();
    }
    await watch.end();
    expect(watch.metrics().problems).toEqual(['pid 7 could not be read: it is asleep.']);
    expect(watch.metrics().series[0]!.points).toEqual([{ t: 2, value: 5 }]);
  });

  it('leaves out a monitor that is still busy, and waits for it at the end', async () => {
    let answer: (readings: readonly Reading[]) => void = () => undefined;
    const slow = new Promise<readonly Reading[]>((resolve) => (answer = resolve));
    const { made } = monitor([[], slow]);
    const watch = new TargetWatch([made]);
    await watch.begin();
    watch.look(1);
    watch.look(2);
    const ended = watch.end();
    answer([cpu(9)]);
    await ended;
    expect(watch.metrics().series[0]!.points).toEqual([{ t: 1, value: 9 }]);
  });

  it('has a bound on what it keeps', async () => {
    const many = Array.from({ length: 70 }, (_, n) => ({ ...cpu(n), name: `figure ${n}` }));
    const { made } = monitor([[], many]);
    const watch = new TargetWatch([made]);
    await watch.begin();
    watch.look(1);
    await watch.end();
    expect(watch.metrics().series).toHaveLength(60);
    expect(watch.metrics().problems).toEqual([expect.stringContaining('Ask for fewer')]);
  });
});
