import { describe, expect, it } from 'vitest';
import { MOST_ENDPOINTS } from './script-names.ts';
import { scriptedRun } from './script-totals.fixture.ts';
import { Tally, USERS } from './tally.ts';
import { ThresholdWatch } from './threshold-watch.ts';
import { parseThreshold } from './threshold.ts';
import { Timeline } from './timeline.ts';

function watched(expressions: readonly string[]) {
  const { threads, totals } = scriptedRun(2, ['browse', 'buy']);
  const timeline = new Timeline(
    threads.map(({ tally }) => tally),
    totals,
  );
  const watch = new ThresholdWatch(expressions.map(parseThreshold), [], totals);
  const look = (elapsedMs: number) => {
    timeline.refresh();
    return watch.look(timeline.total, elapsedMs);
  };
  const results = (elapsedMs: number) => {
    timeline.refresh();
    return watch.results(timeline.total, elapsedMs).map(({ actual, ok }) => [actual, ok]);
  };
  return { threads, totals, timeline, look, results };
}

describe('ThresholdWatch with scripts', () => {
  it('judges what all threads checked, counted, timed and named', () => {
    const { threads, results } = watched([
      'checks > 70%',
      'check[cart created] > 99%',
      'counter[orders] >= 5',
      'timing[login] max < 15ms',
      'iteration max < 30ms',
      'iterations > 3',
      'iteration error rate < 10%',
      '[GET /cart] max < 25ms',
      'check[cart crated] > 1%',
      '[GET /crat] p95 < 1s',
    ]);
    const [one, other] = threads;
    one.iterate(0, 'GET /', 10);
    other.iterate(1, 'GET /cart', 20);
    one.iterate(1, 'GET /cart', 30, false);
    for (const [thread, passed] of [
      [one, true],
      [other, true],
      [one, false],
    ] as const) {
      thread.scripts.checked(thread.names.check('cart created'), passed);
    }
    other.scripts.checked(other.names.check('has an id'), true);
    one.scripts.counted(one.names.counter('orders'), 2);
    other.scripts.counted(other.names.counter('orders'), 3);
    one.scripts.timed(one.names.timing('login'), 10);
    expect(results(1000)).toEqual([
      [75, true],
      [expect.closeTo(66.7, 1), false],
      [5, true],
      [10, true],
      [30, false],
      [3, false],
      [expect.closeTo(33.3, 1), false],
      [30, false],
      [null, false],
      [null, false],
    ]);
  });

  it('judges windows by what happened within them', () => {
    const { threads, look, results } = watched(['counter[orders] < 5 for 1s']);
    const [{ scripts, names }] = threads;
    for (const [atMs, by] of [
      [1000, 4],
      [2000, 4],
      [3000, 4],
    ] as const) {
      scripts.counted(names.counter('orders'), by);
      look(atMs);
    }
    expect(results(3000)).toEqual([[4, true]]);
    scripts.counted(names.counter('orders'), 6);
    look(4000);
    expect(results(4000)).toEqual([[6, false]]);
  });

  it('ends a run whose checks fail', () => {
    const { threads, look } = watched(['checks > 90%, abort']);
    const [{ scripts, names }] = threads;
    scripts.checked(names.check('works'), true);
    expect(look(1000)).toBeNull();
    scripts.checked(names.check('works'), false);
    expect(look(2000)?.expression).toBe('checks > 90%, abort');
  });
});

describe('Timeline with scripts', () => {
  it('sums the endpoints that have names, and iterations by the second', () => {
    const { threads, timeline, totals } = watched([]);
    threads[0].iterate(0, 'GET /', 10);
    threads[1].iterate(0, 'GET /cart', 10);
    expect(timeline.mark(1000, 0)).toMatchObject({ scheduled: 2, ok: 2 });
    expect(timeline.total.endpointsInUse).toHaveLength(2);
    expect(totals.live).toEqual({
      iterations: { scheduled: 2, ok: 2, failed: 0, dropped: 0, inFlight: 0 },
      iterationsPerSecond: 2,
      checks: { passed: 0, failed: 0 },
    });
    threads[0].iterate(1, 'GET /', 10);
    timeline.mark(1500, 0);
    expect(totals.live.iterationsPerSecond).toBe(2);
  });

  it('sends endpoints past the last name to a place that is summed too', () => {
    const { threads, timeline, totals } = watched([]);
    for (let id = 0; id < MOST_ENDPOINTS + 5; id += 1) threads[id % 2].iterate(0, `GET /${id}`, 1);
    timeline.refresh();
    expect(timeline.total.endpointsInUse).toHaveLength(MOST_ENDPOINTS + 1);
    expect(totals.endpointNames.at(-1)).toBe('other endpoints');
    expect(timeline.mark(1000, 0).ok).toBe(MOST_ENDPOINTS + 5);
  });

  it('takes an ok back that a late check turned, once, and never shows less than none', () => {
    const { threads, timeline } = watched([]);
    const [{ recorder }] = threads;
    threads[0].iterate(0, 'GET /', 10);
    expect(timeline.mark(1000, 0)).toMatchObject({ ok: 1, failed: 0 });
    recorder.recheck(0, 'holds', 0, 10);
    expect(timeline.mark(2000, 0)).toMatchObject({ ok: 0, failed: 1 });
    threads[0].iterate(0, 'GET /', 10);
    threads[0].iterate(0, 'GET /', 10);
    expect(timeline.mark(3000, 0)).toMatchObject({ ok: 1, failed: 0 });
  });

  it('begins again when the warm-up ends', () => {
    const { threads, timeline, totals } = watched([]);
    for (let count = 0; count < 9; count += 1) threads[0].iterate(0, 'GET /', 10);
    timeline.mark(1000, 0);
    for (const { recorder, scripts } of threads) {
      recorder.restart(0);
      scripts.reset();
    }
    threads[0].iterate(0, 'GET /', 10);
    expect(timeline.mark(500, 0)).toMatchObject({ scheduled: 1, ok: 1 });
    expect(totals.live.iterationsPerSecond).toBe(2);
  });

  it('counts users of all streams, or connections where there are no scripts', () => {
    const { threads, timeline } = watched([]);
    threads[0].iterations.tally.counters[USERS] = 7;
    timeline.refresh();
    expect(timeline.users).toBe(7);
    const tally = new Tally(1);
    tally.counters[USERS] = 3;
    const raw = new Timeline([tally]);
    raw.refresh();
    expect(raw.users).toBe(3);
  });
});
