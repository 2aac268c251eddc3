import { describe, expect, it } from 'vitest';
import type { ScriptError } from './run-summary.ts';
import {
  missingSubject,
  scriptFailures,
  scriptReasonsNotToBelieve,
  scriptRemarks,
  type ScriptFacts,
} from './script-verdict.ts';

function facts(changes: Partial<ScriptFacts> = {}): ScriptFacts {
  return {
    iterations: { scheduled: 100, ok: 100, failed: 0, dropped: 0, inFlight: 0 },
    checks: [],
    errors: [],
    names: {
      endpoints: ['GET /cart', ''],
      checks: ['cart created'],
      counters: ['orders'],
      timings: ['login'],
    },
    hasMoreEndpoints: false,
    heapGrowthBytes: null,
    ...changes,
  };
}

function thrown(changes: Partial<ScriptError> = {}): ScriptError {
  return {
    scenario: 'buy',
    message: 'TypeError: x is not a function',
    stack: ['at pay (load/shop.ts:41:27)', 'at user (load/shop.ts:30:11)'],
    count: 12,
    unhandled: false,
    ...changes,
  };
}

describe('scriptReasonsNotToBelieve', () => {
  it('has none for a run whose iterations add up', () => {
    expect(scriptReasonsNotToBelieve(facts())).toEqual([]);
  });

  it('declares iterations that do not add up a bug', () => {
    const iterations = { scheduled: 100, ok: 97, failed: 1, dropped: 0, inFlight: 0 };
    expect(scriptReasonsNotToBelieve(facts({ iterations }))).toEqual([
      'The iterations do not add up by 2: this is a bug in needletail. Please report it.',
    ]);
  });

  it('has nothing to judge without iterations', () => {
    const iterations = { scheduled: 0, ok: 0, failed: 0, dropped: 0, inFlight: 0 };
    expect(scriptReasonsNotToBelieve(facts({ iterations })).join()).toContain('No iteration');
  });
});

describe('scriptFailures', () => {
  it('are promises that nobody awaited', () => {
    const errors = [thrown(), thrown({ unhandled: true, count: 1, message: 'No.', stack: [] })];
    expect(scriptFailures(facts({ errors }))).toEqual([
      'A promise was rejected that nobody awaited, once: No. Await it, or handle its error.',
    ]);
  });
});

describe('scriptRemarks', () => {
  const remarks = (changes: Partial<ScriptFacts>, failed: readonly string[] = []): string[] =>
    scriptRemarks(
      facts(changes),
      failed.map((expression) => ({ expression, actual: 1, ok: false })),
    );

  it('has none for an unremarkable run', () => {
    expect(remarks({ heapGrowthBytes: 10_000_000 })).toEqual([]);
  });

  it('names errors with their count and place, the rest by number', () => {
    const others = [1, 2, 3, 4].map((count) =>
      thrown({ count, message: `no ${count}`, stack: ['at load/shop.ts:3:1'] }),
    );
    expect(remarks({ errors: [thrown(), ...others] })).toEqual([
      'Scenario "buy" failed 12 times: TypeError: x is not a function (load/shop.ts:41:27).',
      'Scenario "buy" failed once: no 1 (load/shop.ts:3:1).',
      'Scenario "buy" failed 2 times: no 2 (load/shop.ts:3:1).',
      '2 more kinds of script errors occurred.',
    ]);
  });

  it('names the checks that failed when a threshold on checks did', () => {
    const checks = [
      { name: 'a', passed: 10, failed: 0 },
      { name: 'b', passed: 9, failed: 1 },
      { name: 'c', passed: 5, failed: 5 },
    ];
    expect(remarks({ checks }, ['p99 < 1s'])).toEqual([]);
    expect(remarks({ checks }, ['check[b] > 99%'])).toEqual([
      'Check "c" failed 5 of 10 times.',
      'Check "b" failed 1 of 10 times.',
    ]);
  });

  it('says what was dropped, that names ran out and that memory grew', () => {
    const iterations = { scheduled: 100, ok: 96, failed: 0, dropped: 4, inFlight: 0 };
    expect(remarks({ iterations, hasMoreEndpoints: true, heapGrowthBytes: 212_000_000 })).toEqual([
      '4 iterations were due but never begun; they count as errors of iterations.',
      expect.stringMatching(/"other endpoints".*\{ name: 'GET \/cart\/:id' \}/),
      expect.stringMatching(/^The scripts leaked: they held 212 MB more/),
    ]);
  });
});

describe('missingSubject', () => {
  it.each([
    ['check[cart crated] > 1%', 'no check was called "cart crated". Did you mean "cart created"?'],
    ['counter[order] > 1', 'no counter was called "order". Did you mean "orders"?'],
    ['timing[sign-in] p95 < 1s', 'no timing was called "sign-in".'],
    ['[GET /card] p95 < 1s', 'no request was called "GET /card". Did you mean "GET /cart"?'],
    ['checks > 1%', 'nothing was checked.'],
    ['counter[orders] > 1', null],
    ['p95 < 1s', null],
  ])('%s: %s', (expression, missing) => {
    expect(missingSubject(expression, facts())).toBe(missing);
  });
});
