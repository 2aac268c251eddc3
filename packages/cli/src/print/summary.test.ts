import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  brokenRun,
  emptyRun,
  healthyRun,
  hugeRun,
  invalidRun,
  mixedRun,
  unreachableRun,
} from './run-summary.fixture.ts';
import { scriptRun } from './script-summary.fixture.ts';
import { formatSummary } from './summary.ts';
import { displayWidth } from './text-width.ts';

const runs = {
  healthyRun,
  brokenRun,
  invalidRun,
  unreachableRun,
  mixedRun,
  emptyRun,
  hugeRun,
  scriptRun,
};

describe('formatSummary', () => {
  it('a healthy closed run at 80 columns', () => {
    expect(formatSummary(healthyRun(), { width: 80, color: false })).toMatchInlineSnapshot(`
      "
      needletail  GET http://127.0.0.1:3000/
                  50 users for 10s
                  1 worker · timeout 10 s · seed 1 · node 20.20.2 · needletail 0.1.0
                  2026-01-01 00:00:00 UTC

      Throughput  18,201 requests/s · in 4.10 MB/s · out 1.21 MB/s · 182,060 in 10.0 s
        rate      ▆█████████  12,100 to 18,800/s
        p99       ▄▄▄▄▄▄█▄▄▄  7.90 ms to 19.2 ms

      Latency       latency    service        lag    ≤ 1.45 ms ▏ 40
        min         1.06 ms    1.06 ms       0 ms    ≤ 1.98 ms ▎ 1,200
        mean        2.90 ms    2.90 ms       0 ms    ≤ 2.72 ms ██████████ 60,000
        p50         2.64 ms    2.64 ms       0 ms    ≤ 3.72 ms ███████████████ 90,000
        p75         3.17 ms    3.17 ms       0 ms    ≤ 5.10 ms ███▌ 21,000
        p90         3.96 ms    3.96 ms       0 ms    ≤ 6.98 ms █▏ 7,000
        p95         4.75 ms    4.75 ms       0 ms    ≤ 9.57 ms ▍ 2,000
        p99         7.92 ms    7.92 ms       0 ms    ≤ 13.1 ms ▏ 700
        p99.9       15.8 ms    15.8 ms       0 ms    ≤ 18.0 ms ▏ 100
        max         23.8 ms    23.8 ms       0 ms    ≤ 24.6 ms ▏ 10
        closed loop: users wait, so a stall shows as fewer requests; -R shows the wait

      Phases             p50       p95       p99       max     count
        connect       210 µs    378 µs    630 µs   1.89 ms        50
        first byte   2.60 ms   4.68 ms   7.80 ms   23.4 ms   182,050

      Status
        200  182,050  100%  ████████████████████████████████████████████

      Thresholds
        ✓  error rate < 1%  0%

      Ledger      182,060 scheduled = 182,050 ok + 0 failed + 0 timed out + 0 dropped
                  + 10 in flight ✓
      Generator   11.4 µs CPU per request · lateness p50 4 µs, p99 61 µs
                  floor p50 31 µs, p99 94 µs · starved 0.40% · event loop 21.0%
                  GC 8.10 ms, longest 1.90 ms

      Verdict     PASS
      "
    `);
  });

  it('an open run with failures and missed thresholds at 80 columns', () => {
    expect(formatSummary(brokenRun(), { width: 80, color: false })).toMatchInlineSnapshot(`
      "
      needletail  checkout · GET http://127.0.0.1:3000/
                  2,000 requests/s for 30s (poisson), at most 1,000 connections
                  1 worker · timeout 10 s · warm-up 5 s left out
                  certificates not verified · seed 1 · node 20.20.2 · needletail 0.1.0
                  2026-01-01 00:00:00 UTC

      Throughput  1,875 requests/s · in 402 kB/s · out 110 kB/s · 60,000 in 31.2 s
        rate      ▆█████████  12,100 to 18,800/s
        p99       ▄▄▄▄▄▄█▄▄▄  7.90 ms to 19.2 ms

      Latency       latency    service        lag    ≤ 26.2 ms ▊ 1,200
        min         19.2 ms    12.8 ms    4.88 ms    ≤ 35.8 ms █████▋ 9,000
        mean        52.9 ms    35.1 ms    13.4 ms    ≤ 48.9 ms ███████████████ 24,000
        p50         48.1 ms    31.9 ms    12.2 ms    ≤ 66.9 ms ██████████▋ 17,000
        p75         57.7 ms    38.3 ms    14.6 ms    ≤ 91.3 ms ███▊ 6,000
        p90         72.2 ms    47.9 ms    18.3 ms     ≤ 125 ms █▎ 2,000
        p95         86.6 ms    57.4 ms    22.0 ms     ≤ 170 ms ▍ 600
        p99          144 ms    95.7 ms    36.6 ms     ≤ 233 ms ▏ 150
        p99.9        289 ms     191 ms    73.2 ms     ≤ 318 ms ▏ 30
        max          433 ms     287 ms     110 ms     ≤ 434 ms ▏ 8
        latency counts from when a request was due, service from when it was sent

      Phases             p50       p95       p99       max     count
        connect       210 µs    378 µs    630 µs   1.89 ms        50
        first byte   2.60 ms   4.68 ms   7.80 ms   23.4 ms   182,050

      Status
        200  57,390  98.1%  ███████████████████████████████████████████▏
        503   1,130  1.93%  ▉
      Failures
        status   1,130  HTTP 503
        timeout    800  no answer within 10 s
        reset       80  connection closed before an answer

      Thresholds
        ✗  p99 < 50ms                   144 ms
        ✗  error rate < 1%              4.33%
        ✓  rps > 1000                   1,875/s
        ✗  [GET /cart 100%] p95 < 80ms  nothing to judge
      Checks
        ✗  body has an id  99.32%  57,000 passed  390 failed
        ✓  cart created      100%  57,390 passed

      Ledger      60,000 scheduled = 57,390 ok + 1,210 failed + 800 timed out
                  + 588 dropped + 12 in flight ✓
      Generator   11.4 µs CPU per request · lateness p50 4 µs, p99 61 µs
                  floor p50 31 µs, p99 94 µs · starved 0.40% · event loop 21.0%
                  GC 8.10 ms, longest 1.90 ms

      Verdict     FAIL · bottleneck: target
                  · Threshold "p99 < 50ms" was not met: 144.3.
                  · Threshold "error rate < 1%" was not met: 4.331.
      "
    `);
  });

  it('a run of scripts at 80 columns', () => {
    expect(formatSummary(scriptRun(), { width: 80, color: false })).toMatchInlineSnapshot(`
      "
      needletail  http://127.0.0.1:3000/
                  2 scenarios: browse 30 users for 30s; buy 100 iterations/s for 30s,
                  at most 200 users
                  script load/shop.ts · 1 worker · timeout 10 s · seed 1
                  node 20.20.2 · needletail 0.1.0 · 2026-01-01 00:00:00 UTC

      Throughput  18,201 requests/s · in 4.10 MB/s · out 1.21 MB/s · 182,060 in 30.1 s
        rate      ▆█████████  12,100 to 18,800/s
        p99       ▄▄▄▄▄▄█▄▄▄  7.90 ms to 19.2 ms

      Iterations  12,040 scheduled = 11,810 ok + 192 failed + 0 dropped
                  + 38 in flight ✓
                      ok  failed  per second     p50     p95     p99     max
        browse     9,000       0         299  540 ms  972 ms  1.62 s  4.86 s
        buy        2,810     192        99.7  910 ms  1.64 s  2.73 s  8.19 s
        all       11,810     192         398  610 ms  1.10 s  1.83 s  5.49 s

      Latency       latency    service        lag    ≤ 1.45 ms ▏ 40
        min         1.06 ms    1.06 ms       0 ms    ≤ 1.98 ms ▎ 1,200
        mean        2.90 ms    2.90 ms       0 ms    ≤ 2.72 ms ██████████ 60,000
        p50         2.64 ms    2.64 ms       0 ms    ≤ 3.72 ms ███████████████ 90,000
        p75         3.17 ms    3.17 ms       0 ms    ≤ 5.10 ms ███▌ 21,000
        p90         3.96 ms    3.96 ms       0 ms    ≤ 6.98 ms █▏ 7,000
        p95         4.75 ms    4.75 ms       0 ms    ≤ 9.57 ms ▍ 2,000
        p99         7.92 ms    7.92 ms       0 ms    ≤ 13.1 ms ▏ 700
        p99.9       15.8 ms    15.8 ms       0 ms    ≤ 18.0 ms ▏ 100
        max         23.8 ms    23.8 ms       0 ms    ≤ 24.6 ms ▏ 10
        latency counts from when a request was due, service from when it was sent

      Phases             p50       p95       p99       max     count
        connect       210 µs    378 µs    630 µs   1.89 ms        50
        first byte   2.60 ms   4.68 ms   7.80 ms   23.4 ms   182,050

      Status
        200  182,050  100%  ████████████████████████████████████████████

      Script errors
        buy          152  TypeError: Cannot read properties of undefined (reading
                          'number')
                            at pay (load/shop.ts:41:27)
                            at user (load/shop.ts:30:11)
        not awaited    3  connect ECONNREFUSED 127.0.0.1:9999
                            at report (load/reporting.ts:7:3)

      Endpoints           requests  errors      p50      p95      p99
        GET /category/0      4,000      0%  2.64 ms  4.75 ms  7.92 ms
        GET /category/1      3,990      0%  2.64 ms  4.75 ms  7.92 ms
        GET /category/2      3,980      0%  2.64 ms  4.75 ms  7.92 ms
        GET /category/3      3,970   0.25%  2.64 ms  4.75 ms  7.92 ms
        GET /category/4      3,960      0%  2.64 ms  4.75 ms  7.92 ms
        GET /category/5      3,950      0%  2.64 ms  4.75 ms  7.92 ms
        GET /category/6      3,940      0%  2.64 ms  4.75 ms  7.92 ms
        GET /category/7      3,930      0%  2.64 ms  4.75 ms  7.92 ms
        GET /category/8      3,920      0%  2.64 ms  4.75 ms  7.92 ms
        GET /category/9      3,910      0%  2.64 ms  4.75 ms  7.92 ms
        GET /category/10     3,900      0%  2.64 ms  4.75 ms  7.92 ms
        GET /category/11     3,890      0%  2.64 ms  4.75 ms  7.92 ms
        GET /category/12     3,880      0%  2.64 ms  4.75 ms  7.92 ms
        GET /category/13     3,870      0%  2.64 ms  4.75 ms  7.92 ms
        GET /category/14     3,860      0%  2.64 ms  4.75 ms  7.92 ms
        and 3 more with 11,520 requests, errors 0.09% (all of them in --json)

      Timings           count     p50     p95     p99     max
        checkout        3,002  310 ms  558 ms  930 ms  2.79 s
        checkout / pay  2,850  190 ms  342 ms  570 ms  1.71 s
      Counters    total  per second
        orders    2,810        93.3
        revenue  48,211       1,601

      Target                            min    mean     max
        pid 4711
          CPU                         29.1%   72.3%   97.0%  ▃▃▄▅▆▆▇▇▇█████████▇▇▆▆▅▅▄
          memory                    54.6 MB  136 MB  182 MB  ▃▃▄▅▆▆▇▇▇█████████▇▇▆▆▅▅▄
        http://127.0.0.1:3000/metrics
          http_request_queue_dept…     9.30    23.1    31.0  ▃▃▄▅▆▆▇▇▇█████████▇▇▆▆▅▅▄
        inspector 127.0.0.1:9229
          event loop delay p99            –       –       –
        · inspector 127.0.0.1:9229 closed the connection after 0 s.

      Thresholds
        ✗  check[order has a number] > 99%     98.6%
        ✗  timing[checkout / pay] p95 < 300ms  342 ms
        ✓  counter[orders] > 100               2,810
        ✓  iterations > 1000                   12,002
        ✓  error rate < 1%                     0.06%
        ✗  iteration error rate < 1%           1.60%
      Checks
        ✗  order has a number   98.6%  2,810 passed  40 failed
        ✓  cart created          100%  3,002 passed
        ✓  page lists products   100%  9,030 passed

      Ledger      182,060 scheduled = 182,050 ok + 0 failed + 0 timed out + 0 dropped
                  + 10 in flight ✓
      Generator   11.4 µs CPU per request · lateness p50 4 µs, p99 61 µs
                  floor p50 31 µs, p99 94 µs · starved 0.40% · event loop 21.0%
                  GC 8.10 ms, longest 1.90 ms

      Verdict     FAIL · bottleneck: target
                  · Threshold "check[order has a number] > 99%" was not met: 98.6%.
                  · Scenario "buy" failed 152 times: TypeError: Cannot read properties
                    of undefined (reading 'number') (load/shop.ts:41:27).
      "
    `);
  });

  it('scenarios, scripts and the target have columns to the right at 140 columns', () => {
    const lines = formatSummary(scriptRun(), { width: 140, color: false }).split('\n');
    const line = (start: string): string => lines.find((each) => each.startsWith(start)) ?? '';
    expect(line('  GET /category/3')).toMatch(/ 3,970 +10 +0 +0 +0\.25% /);
    expect(line('    http_request_queue')).toMatch(
      /depth\{route="\/orders"\} +9\.30 +23\.1 +31\.0 +▃/,
    );
    expect(line('Iterations')).toContain('+ 38 in flight ✓');
  });

  it('one scenario has one row, and a ledger of iterations that does not add up is a bug', () => {
    const run = scriptRun();
    const [, buy] = run.iterations!.scenarios;
    const text = formatSummary(
      { ...run, iterations: { ...run.iterations!, ok: 11_000, scenarios: [buy] } },
      { width: 80, color: false },
    );
    expect(text).toContain('✗ the parts are 11,230: this is a bug in needletail');
    expect(text).not.toMatch(/^ {2}(all|browse) /m);
  });

  it('cuts lists of checks and of script errors to what fits a page', () => {
    const run = scriptRun();
    const text = formatSummary(
      {
        ...run,
        checks: Array.from({ length: 40 }, (_, index) => ({
          name: `check ${index}`,
          passed: 1,
          failed: index < 32 ? 1 : 0,
        })),
        scriptErrors: Array.from({ length: 10 }, (_, index) => ({
          ...run.scriptErrors[0],
          message: `no ${index} ${'and again '.repeat(60)}`,
          stack: Array.from({ length: 20 }, () => `at deep (load.ts:${index}:1)`),
        })),
      },
      { width: 80, color: false },
    );
    expect(text).toContain('and 10 more, failed 2 times (all of them in --json)');
    expect(text).toContain('and 304 more of 2 other kinds');
    expect(text.match(/at deep/g)).toHaveLength(8 * 4);
    expect(text.match(/and again/g)!.length).toBeLessThan(8 * 25);
  });

  it('an open run with failures and missed thresholds at 140 columns', () => {
    expect(formatSummary(brokenRun(), { width: 140, color: false })).toMatchInlineSnapshot(`
      "
      needletail  checkout · GET http://127.0.0.1:3000/
                  2,000 requests/s for 30s (poisson), at most 1,000 connections
                  1 worker · timeout 10 s · warm-up 5 s left out · certificates not verified · seed 1 · node 20.20.2 · needletail 0.1.0
                  2026-01-01 00:00:00 UTC

      Throughput  1,875 requests/s · in 402 kB/s · out 110 kB/s · 60,000 in 31.2 s
        rate      ▆█████████  12,100 to 18,800/s
        p99       ▄▄▄▄▄▄█▄▄▄  7.90 ms to 19.2 ms

      Latency       latency    service        lag    ≤ 26.2 ms ███ 1,200
        min         19.2 ms    12.8 ms    4.88 ms    ≤ 35.8 ms ██████████████████████▌ 9,000
        mean        52.9 ms    35.1 ms    13.4 ms    ≤ 48.9 ms ████████████████████████████████████████████████████████████ 24,000
        p50         48.1 ms    31.9 ms    12.2 ms    ≤ 66.9 ms ██████████████████████████████████████████▌ 17,000
        p75         57.7 ms    38.3 ms    14.6 ms    ≤ 91.3 ms ███████████████ 6,000
        p90         72.2 ms    47.9 ms    18.3 ms     ≤ 125 ms █████ 2,000
        p95         86.6 ms    57.4 ms    22.0 ms     ≤ 170 ms █▌ 600
        p99          144 ms    95.7 ms    36.6 ms     ≤ 233 ms ▍ 150
        p99.9        289 ms     191 ms    73.2 ms     ≤ 318 ms ▏ 30
        max          433 ms     287 ms     110 ms     ≤ 434 ms ▏ 8
        latency counts from when a request was due, service from when it was sent

      Phases             p50       p95       p99       max     count
        connect       210 µs    378 µs    630 µs   1.89 ms        50
        first byte   2.60 ms   4.68 ms   7.80 ms   23.4 ms   182,050

      Status
        200  57,390  98.1%  ██████████████████████████████████████████████████████████▉
        503   1,130  1.93%  █▏
      Failures
        status   1,130  HTTP 503
        timeout    800  no answer within 10 s
        reset       80  connection closed before an answer

      Thresholds
        ✗  p99 < 50ms                   144 ms
        ✗  error rate < 1%              4.33%
        ✓  rps > 1000                   1,875/s
        ✗  [GET /cart 100%] p95 < 80ms  nothing to judge
      Checks
        ✗  body has an id  99.32%  57,000 passed  390 failed
        ✓  cart created      100%  57,390 passed

      Ledger      60,000 scheduled = 57,390 ok + 1,210 failed + 800 timed out + 588 dropped + 12 in flight ✓
      Generator   11.4 µs CPU per request · lateness p50 4 µs, p99 61 µs · floor p50 31 µs, p99 94 µs · starved 0.40% · event loop 21.0%
                  GC 8.10 ms, longest 1.90 ms

      Verdict     FAIL · bottleneck: target
                  · Threshold "p99 < 50ms" was not met: 144.3.
                  · Threshold "error rate < 1%" was not met: 4.331.
      "
    `);
  });

  it('an invalid, interrupted run at 80 columns', () => {
    expect(formatSummary(invalidRun(), { width: 80, color: false })).toMatchInlineSnapshot(`
      "
      needletail  checkout · GET http://127.0.0.1:3000/
                  2,000 requests/s for 30s (poisson), at most 1,000 connections
                  1 worker · timeout 10 s · warm-up 5 s left out
                  certificates not verified · seed 1 · node 20.20.2 · needletail 0.1.0
                  2026-01-01 00:00:00 UTC
                  interrupted after 31.2 s: the figures cover what was run

      Throughput  1,875 requests/s · in 402 kB/s · out 110 kB/s · 60,000 in 31.2 s
        rate      ▆█████████  12,100 to 18,800/s
        p99       ▄▄▄▄▄▄█▄▄▄  7.90 ms to 19.2 ms

      Latency       latency    service        lag    ≤ 26.2 ms ▊ 1,200
        min         19.2 ms    12.8 ms    4.88 ms    ≤ 35.8 ms █████▋ 9,000
        mean        52.9 ms    35.1 ms    13.4 ms    ≤ 48.9 ms ███████████████ 24,000
        p50         48.1 ms    31.9 ms    12.2 ms    ≤ 66.9 ms ██████████▋ 17,000
        p75         57.7 ms    38.3 ms    14.6 ms    ≤ 91.3 ms ███▊ 6,000
        p90         72.2 ms    47.9 ms    18.3 ms     ≤ 125 ms █▎ 2,000
        p95         86.6 ms    57.4 ms    22.0 ms     ≤ 170 ms ▍ 600
        p99          144 ms    95.7 ms    36.6 ms     ≤ 233 ms ▏ 150
        p99.9        289 ms     191 ms    73.2 ms     ≤ 318 ms ▏ 30
        max          433 ms     287 ms     110 ms     ≤ 434 ms ▏ 8
        latency counts from when a request was due, service from when it was sent

      Phases             p50       p95       p99       max     count
        connect       210 µs    378 µs    630 µs   1.89 ms        50
        first byte   2.60 ms   4.68 ms   7.80 ms   23.4 ms   182,050

      Status
        200  57,390  98.1%  ███████████████████████████████████████████▏
        503   1,130  1.93%  ▉

      Ledger      60,000 scheduled = 57,390 ok + 1,210 failed + 800 timed out
                  + 588 dropped + 12 in flight ✓
      Generator   11.4 µs CPU per request · lateness p50 3.10 ms, p99 88.0 ms
                  floor p50 31 µs, p99 94 µs · starved 31.2%
                  GC 8.10 ms, longest 1.90 ms

      Verdict     INVALID · bottleneck: generator
                  · The generator was late: its own lateness p99 of 88.0 ms is more
                    than a tenth of the latency p99, so the latencies measure the
                    machine that sent the requests. Lower the rate or add workers
                    (-w).
      "
    `);
  });

  it('a target that could not be reached at 80 columns', () => {
    expect(formatSummary(unreachableRun(), { width: 80, color: false })).toMatchInlineSnapshot(`
      "
      needletail  GET http://127.0.0.1:3000/
                  50 users for 10s
                  1 worker · timeout 10 s · seed 1 · node 20.20.2 · needletail 0.1.0
                  2026-01-01 00:00:00 UTC
                  given up after 1.00 s: the target could not be reached

      Throughput  0 requests/s · in 0 B/s · out 0 B/s · 50 in 1.00 s

      Latency       latency    service        lag
        min          120 µs     120 µs       0 ms    ≤ 2.70 ms ███████████████████ 50
        mean         330 µs     330 µs       0 ms
        p50          300 µs     300 µs       0 ms
        p75          360 µs     360 µs       0 ms
        p90          450 µs     450 µs       0 ms
        p95          540 µs     540 µs       0 ms
        p99          900 µs     900 µs       0 ms
        p99.9       1.80 ms    1.80 ms       0 ms
        max         2.70 ms    2.70 ms       0 ms
        closed loop: users wait, so a stall shows as fewer requests; -R shows the wait

      Failures
        connect  50  connection refused (127.0.0.1:3000)

      Thresholds
        ✗  error rate < 1%  100%

      Ledger      50 scheduled = 0 ok + 50 failed + 0 timed out + 0 dropped
                  + 0 in flight ✓
      Generator   11.4 µs CPU per request · lateness p50 4 µs, p99 61 µs
                  floor p50 31 µs, p99 94 µs · starved 0.40% · event loop 21.0%
                  GC 8.10 ms, longest 1.90 ms

      Verdict     INVALID
                  · The target could not be reached.
      "
    `);
  });

  it('several endpoints with long names at 80 columns', () => {
    expect(formatSummary(mixedRun(), { width: 80, color: false })).toMatchInlineSnapshot(`
      "
      needletail  http://127.0.0.1:3000/
                  50 users for 10s
                  1 worker · timeout 10 s · 4 requests in a weighted mix · seed 1
                  node 20.20.2 · needletail 0.1.0 · 2026-01-01 00:00:00 UTC

      Throughput  18,201 requests/s · in 4.10 MB/s · out 1.21 MB/s · 182,060 in 10.0 s
        rate      ▆█████████  12,100 to 18,800/s
        p99       ▄▄▄▄▄▄█▄▄▄  7.90 ms to 19.2 ms

      Latency       latency    service        lag    ≤ 1.45 ms ▏ 40
        min         1.06 ms    1.06 ms       0 ms    ≤ 1.98 ms ▎ 1,200
        mean        2.90 ms    2.90 ms       0 ms    ≤ 2.72 ms ██████████ 60,000
        p50         2.64 ms    2.64 ms       0 ms    ≤ 3.72 ms ███████████████ 90,000
        p75         3.17 ms    3.17 ms       0 ms    ≤ 5.10 ms ███▌ 21,000
        p90         3.96 ms    3.96 ms       0 ms    ≤ 6.98 ms █▏ 7,000
        p95         4.75 ms    4.75 ms       0 ms    ≤ 9.57 ms ▍ 2,000
        p99         7.92 ms    7.92 ms       0 ms    ≤ 13.1 ms ▏ 700
        p99.9       15.8 ms    15.8 ms       0 ms    ≤ 18.0 ms ▏ 100
        max         23.8 ms    23.8 ms       0 ms    ≤ 24.6 ms ▏ 10
        closed loop: users wait, so a stall shows as fewer requests; -R shows the wait

      Phases             p50       p95       p99       max     count
        connect       210 µs    378 µs    630 µs   1.89 ms        50
        first byte   2.60 ms   4.68 ms   7.80 ms   23.4 ms   182,050

      Status
        200  182,050  100%  ████████████████████████████████████████████

      Endpoints                            requests  errors      p50      p95      p99
        GET /                                40,000      0%  2.00 ms  3.60 ms  6.00 ms
        GET /search?q={{term}}&page={{ra…    40,000  <0.01%  3.00 ms  5.40 ms  9.00 ms
        POST /cart/{{uuid}}/items            40,000   0.01%  4.00 ms  7.20 ms  12.0 ms
        GET /商品/一覧�[31m                  40,000   0.02%  5.00 ms  9.00 ms  15.0 ms

      Thresholds
        ✓  error rate < 1%  0%

      Ledger      182,060 scheduled = 182,050 ok + 0 failed + 0 timed out + 0 dropped
                  + 10 in flight ✓
      Generator   11.4 µs CPU per request · lateness p50 4 µs, p99 61 µs
                  floor p50 31 µs, p99 94 µs · starved 0.40% · event loop 21.0%
                  GC 8.10 ms, longest 1.90 ms

      Verdict     PASS
      "
    `);
  });

  it('several endpoints with long names at 140 columns', () => {
    expect(formatSummary(mixedRun(), { width: 140, color: false })).toMatchInlineSnapshot(`
      "
      needletail  http://127.0.0.1:3000/
                  50 users for 10s
                  1 worker · timeout 10 s · 4 requests in a weighted mix · seed 1 · node 20.20.2 · needletail 0.1.0 · 2026-01-01 00:00:00 UTC

      Throughput  18,201 requests/s · in 4.10 MB/s · out 1.21 MB/s · 182,060 in 10.0 s
        rate      ▆█████████  12,100 to 18,800/s
        p99       ▄▄▄▄▄▄█▄▄▄  7.90 ms to 19.2 ms

      Latency       latency    service        lag    ≤ 1.45 ms ▏ 40
        min         1.06 ms    1.06 ms       0 ms    ≤ 1.98 ms ▊ 1,200
        mean        2.90 ms    2.90 ms       0 ms    ≤ 2.72 ms ████████████████████████████████████████ 60,000
        p50         2.64 ms    2.64 ms       0 ms    ≤ 3.72 ms ████████████████████████████████████████████████████████████ 90,000
        p75         3.17 ms    3.17 ms       0 ms    ≤ 5.10 ms ██████████████ 21,000
        p90         3.96 ms    3.96 ms       0 ms    ≤ 6.98 ms ████▋ 7,000
        p95         4.75 ms    4.75 ms       0 ms    ≤ 9.57 ms █▍ 2,000
        p99         7.92 ms    7.92 ms       0 ms    ≤ 13.1 ms ▌ 700
        p99.9       15.8 ms    15.8 ms       0 ms    ≤ 18.0 ms ▏ 100
        max         23.8 ms    23.8 ms       0 ms    ≤ 24.6 ms ▏ 10
        closed loop: users wait, so a stall shows as fewer requests; -R shows the wait

      Phases             p50       p95       p99       max     count
        connect       210 µs    378 µs    630 µs   1.89 ms        50
        first byte   2.60 ms   4.68 ms   7.80 ms   23.4 ms   182,050

      Status
        200  182,050  100%  ████████████████████████████████████████████████████████████

      Endpoints                                          requests  failed  timed out  dropped  errors      p50      p95      p99    p99.9      max
        GET /                                              40,000       0          0        0      0%  2.00 ms  3.60 ms  6.00 ms  12.0 ms  18.0 ms
        GET /search?q={{term}}&page={{random:1:100}}&s…    40,000       1          1        1  <0.01%  3.00 ms  5.40 ms  9.00 ms  18.0 ms  27.0 ms
        POST /cart/{{uuid}}/items                          40,000       2          2        2   0.01%  4.00 ms  7.20 ms  12.0 ms  24.0 ms  36.0 ms
        GET /商品/一覧�[31m                                40,000       3          3        3   0.02%  5.00 ms  9.00 ms  15.0 ms  30.0 ms  45.0 ms

      Thresholds
        ✓  error rate < 1%  0%

      Ledger      182,060 scheduled = 182,050 ok + 0 failed + 0 timed out + 0 dropped + 10 in flight ✓
      Generator   11.4 µs CPU per request · lateness p50 4 µs, p99 61 µs · floor p50 31 µs, p99 94 µs · starved 0.40% · event loop 21.0%
                  GC 8.10 ms, longest 1.90 ms

      Verdict     PASS
      "
    `);
  });

  it('no request at all at 80 columns', () => {
    expect(formatSummary(emptyRun(), { width: 80, color: false })).toMatchInlineSnapshot(`
      "
      needletail  GET http://127.0.0.1:3000/
                  50 users for 10s
                  1 worker · timeout 10 s · seed 1 · node 20.20.2 · needletail 0.1.0
                  2026-01-01 00:00:00 UTC
                  interrupted after 0 ms: the figures cover what was run

      Throughput  0 requests/s · in 0 B/s · out 0 B/s · 0 in 0 ms

      Latency     nothing was recorded

      Thresholds
        ✗  error rate < 1%  nothing to judge

      Ledger      0 scheduled = 0 ok + 0 failed + 0 timed out + 0 dropped
                  + 0 in flight ✓
      Generator   11.4 µs CPU per request · lateness p50 4 µs, p99 61 µs
                  floor p50 31 µs, p99 94 µs · starved 0.40% · event loop 21.0%
                  GC 8.10 ms, longest 1.90 ms

      Verdict     INVALID
                  · No request was sent.
      "
    `);
  });

  it('rows of the picture that can be told apart, and – where nothing was measured', () => {
    const edges = [302.6, 302.9, 303.2, 303.4, 304.1];
    const histogram = edges.map((toMs) => ({ fromMs: toMs - 0.3, toMs, count: 2 }));
    const serviceTimeMs = { ...healthyRun().serviceTimeMs, count: 0 };
    const text = formatSummary(healthyRun({ histogram, serviceTimeMs }), {
      width: 80,
      color: false,
    });
    expect(text.match(/≤ \d+ ms \S+ +\d+$/gm)).toEqual([
      expect.stringMatching(/^≤ 303 ms .* 8$/),
      expect.stringMatching(/^≤ 304 ms .* 2$/),
    ]);
    expect(text).toMatch(/^ {2}p50 +2\.64 ms +– +0 ms/m);
  });

  it('figures as long as they get at 80 columns', () => {
    expect(formatSummary(hugeRun(), { width: 80, color: false })).toMatchInlineSnapshot(`
      "
      needletail  GET http://127.0.0.1:3000/
                  50 users for 10s
                  1 worker · timeout 10 s · seed 1 · node 20.20.2 · needletail 0.1.0
                  2026-01-01 00:00:00 UTC

      Throughput  180,000 requests/s · in 1.20 TB/s · out 1.00 MB/s
                  15,552,000,000 in 24h 0m
        rate      ▆█████████  12,100 to 18,800/s
        p99       ▄▄▄▄▄▄█▄▄▄  7.90 ms to 19.2 ms

      Latency       latency    service        lag    ≤ 5.06 ms ████████ 1,555,200,000
        min         1.06 ms    1.06 ms       0 ms    ≤ 25.6 ms ████████ 1,555,200,000
        mean        2.90 ms    2.90 ms       0 ms     ≤ 130 ms ████████ 1,555,200,000
        p50         2.64 ms    2.64 ms       0 ms     ≤ 657 ms ████████ 1,555,200,000
        p75         3.17 ms    3.17 ms       0 ms     ≤ 3.33 s ████████ 1,555,200,000
        p90         3.96 ms    3.96 ms       0 ms     ≤ 16.8 s ██████ 1,166,400,001
        p95         4.75 ms    4.75 ms       0 ms     ≤ 1m 25s ████████ 1,555,200,000
        p99         7.92 ms    7.92 ms       0 ms     ≤ 7m 11s ████████ 1,555,200,000
        p99.9       15.8 ms    15.8 ms       0 ms    ≤ 36m 24s ████████ 1,555,200,000
        max           1h 0m      1h 0m       0 ms      ≤ 3h 4m ████████ 1,555,200,000
        closed loop: users wait, so a stall shows as fewer requests; -R shows the wait

      Phases             p50       p95       p99       max     count
        connect       210 µs    378 µs    630 µs   1.89 ms        50
        first byte   2.60 ms   4.68 ms   7.80 ms   23.4 ms   182,050

      Status
        200  15,551,999,999  >99.99%  ████████████████████████████████████████████
        500               1   <0.01%  ▏
      Failures
        truncated  1  body ended early after a while after a while after a while after
                      a while after a while after a while after a while after a while
                      after a while after a while after a while after a while after a…

      Thresholds
        ✓  error rate < 1%  0%

      Ledger      15,552,000,000 scheduled = 15,551,999,999 ok + 1 failed
                  + 0 timed out + 0 dropped + 0 in flight ✓
      Generator   11.4 µs CPU per request · lateness p50 4 µs, p99 61 µs
                  floor p50 31 µs, p99 94 µs · starved 0.40% · event loop 21.0%
                  GC 8.10 ms, longest 1.90 ms

      Verdict     PASS
      "
    `);
  });

  it('colours the same text', () => {
    for (const run of Object.values(runs)) {
      for (const width of [80, 140]) {
        const colored = formatSummary(run(), { width, color: true });
        expect(stripVTControlCharacters(colored)).toBe(
          formatSummary(run(), { width, color: false }),
        );
      }
    }
  });

  it('paints what passed green, what failed red and what cannot be trusted yellow', () => {
    const painted = (run: typeof healthyRun) =>
      formatSummary(run(), { width: 80, color: true }).replaceAll('\u001b', '');
    expect(painted(healthyRun)).toContain('[32mPASS[39m');
    expect(painted(brokenRun)).toContain('[31mFAIL[39m');
    expect(painted(brokenRun)).toContain('[31m✗[39m');
    expect(painted(invalidRun)).toContain('[33mINVALID[39m');
  });

  it.each(Object.entries(runs))(
    'keeps %s within the width, and has no space at line ends',
    (_name, run) => {
      for (let width = 64; width <= 140; width += 1) {
        for (const line of formatSummary(run(), { width, color: false }).split('\n')) {
          expect(displayWidth(line), line).toBeLessThanOrEqual(width);
          expect(line).toBe(line.trimEnd());
        }
      }
    },
  );

  it('says so when a ledger does not add up', () => {
    const { ledger } = healthyRun();
    const broken = healthyRun({ ledger: { ...ledger, ok: ledger.ok - 7 } });
    expect(formatSummary(broken, { width: 140, color: false })).toContain(
      '✗ the parts are 182,053: this is a bug in needletail',
    );
  });

  it('lets nothing a server said control the terminal', () => {
    const failures = [{ kind: 'protocol' as const, message: '\u001b]0;owned\u0007', count: 1 }];
    const text = formatSummary(healthyRun({ failures }), { width: 80, color: false });
    expect(text).not.toContain('\u001b');
    expect(text).toContain('\ufffd]0;owned\ufffd');
  });
});
