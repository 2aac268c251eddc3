import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imbalanceOf, totalLedger } from './ledger.ts';
import { apdexOf } from './metrics-view.ts';
import { MeasuredTime } from './measured-time.ts';
import { Recorder } from './recorder.ts';
import { Tally } from './tally.ts';

const OPTIONS = { success: [{ from: 200, to: 399 }], onlyOk: false, apdexMs: 100 };

describe('Recorder.recheck', () => {
  it('turns a request from ok to failed, and its Apdex with it', () => {
    const tally = new Tally(2);
    const recorder = new Recorder(tally, OPTIONS);
    for (const dueAt of [0, 1]) {
      recorder.scheduled(1, dueAt);
      recorder.answered(1, 200, dueAt, dueAt, 50, 50);
    }
    expect(apdexOf(tally)).toBe(1);
    recorder.recheck(1, 'cart created', 0, 50);
    expect(totalLedger(tally)).toMatchObject({ scheduled: 2, ok: 1, failed: 1 });
    expect(apdexOf(tally)).toBe(0.5);
    expect(tally.latency.count).toBe(2);
    expect(recorder.takeFailures()).toEqual([{ kind: 'check', message: 'cart created', count: 1 }]);
  });

  it('leaves requests of the warm-up alone', () => {
    const tally = new Tally(1);
    const time = new MeasuredTime((from) => recorder.restart(from));
    const recorder = new Recorder(tally, OPTIONS, time);
    time.expect(10);
    recorder.scheduled(0, 5);
    recorder.answered(0, 200, 5, 5, 6, 6);
    time.start();
    recorder.takeFailures();
    recorder.recheck(0, 'late check', 5, 6);
    expect(totalLedger(tally)).toMatchObject({ scheduled: 0, ok: 0, failed: 0 });
    expect(recorder.takeFailures()).toBeNull();
  });

  it('keeps the ledger balanced under any mix of outcomes', () => {
    const outcome = fc.constantFrom(
      'ok',
      'checked',
      'status',
      'failed',
      'timedOut',
      'dropped',
      'left',
    );
    const request = fc.record({ endpoint: fc.nat(2), ageMs: fc.nat(1000), outcome });
    fc.assert(
      fc.property(fc.array(request), (requests) => {
        const tally = new Tally(3);
        const recorder = new Recorder(tally, OPTIONS);
        for (const { endpoint, ageMs, outcome: end } of requests) {
          recorder.scheduled(endpoint, 0);
          if (end === 'failed') recorder.failed(endpoint, 'reset', 'gone', 0, 0, ageMs);
          else if (end === 'timedOut') recorder.timedOut(endpoint, 'slow', 0, 0, ageMs);
          else if (end === 'dropped') recorder.dropped(endpoint, 0, ageMs);
          else if (end === 'left') recorder.leftInFlight(endpoint, 0);
          else recorder.answered(endpoint, end === 'status' ? 500 : 200, 0, 0, ageMs, ageMs);
          if (end === 'checked') recorder.recheck(endpoint, 'holds', 0, ageMs);
        }
        const ledger = totalLedger(tally);
        expect(imbalanceOf(ledger)).toBe(0);
        expect(ledger.ok).toBe(requests.filter((one) => one.outcome === 'ok').length);
        const apdex = apdexOf(tally);
        expect(apdex >= 0 && apdex <= 1).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('Tally.limitTo', () => {
  it('sums the endpoints in use alone, and the last one once all have names', () => {
    const part = new Tally(4);
    const recorder = new Recorder(part, OPTIONS);
    for (const endpoint of [0, 3]) recorder.scheduled(endpoint, 0);
    const total = new Tally(4);
    total.limitTo(1);
    total.becomeSumOf([part, part]);
    expect(total.endpointsInUse).toHaveLength(1);
    expect(totalLedger(total).scheduled).toBe(2);
    total.limitTo(3);
    total.becomeSumOf([part, part]);
    expect(total.endpointsInUse).toHaveLength(4);
    expect(totalLedger(total).scheduled).toBe(4);
  });
});
