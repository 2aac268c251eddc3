import { describe, expect, it } from 'vitest';
import { renderLiveFrame, type LiveState } from './live-frame.ts';
import { liveScripts, snapshot } from './live-snapshot.fixture.ts';
import { createStyle } from './style.ts';
import { displayWidth } from './text-width.ts';

function state(changes: Partial<LiveState> = {}): LiveState {
  return {
    target: 'http://127.0.0.1:3000/',
    description: '50 users for 10s',
    snapshot: snapshot(6),
    elapsedMs: 6250,
    points: Array.from({ length: 6 }, (_, second) => snapshot(second + 1).point),
    ending: false,
    keys: null,
    ...changes,
  };
}

function frame(changes: Partial<LiveState>, width = 80, height = 40): string {
  return renderLiveFrame(state(changes), { width, height, style: createStyle(false) });
}

describe('renderLiveFrame', () => {
  it('shows the run at 80 columns', () => {
    expect(frame({})).toMatchInlineSnapshot(`
      "needletail  http://127.0.0.1:3000/
                  50 users for 10s
      6s          ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━────────────────────  62%  3s left

      rate        18,600/s    ██████
      p50         2.60 ms     ██████
      p95         4.70 ms     ██████
      p99         8.00 ms     ▆▇██▆▆

      status      200 109,148 · 503 2
      failures    2 status: HTTP 503
      ledger      109,200 scheduled · 109,148 ok · 2 failed · 0 timed out · 0 dropped
                  50 in flight
      generator   50 connections · CPU 43% · lateness p99 61 µs · starved 0.20%

      Ctrl-C ends the run and reports what happened"
    `);
  });

  it('shows iterations and checks where users are scripts', () => {
    const lines = frame({ snapshot: snapshot(6, { scripts: liveScripts() }) }).split('\n');
    expect(lines.filter((line) => /^(iterations|checks) /.test(line))).toEqual([
      'iterations  398/s · 2,380 ok · 8 failed · 2 dropped · 38 in flight',
      'checks      7,100 passed · 7 failed',
    ]);
    const unchecked = { ...liveScripts(), checks: { passed: 0, failed: 0 } };
    expect(frame({ snapshot: snapshot(6, { scripts: unchecked }) })).not.toContain('checks');
  });

  it('shows what is known before the first look', () => {
    expect(frame({ snapshot: null, elapsedMs: 0, points: [] })).toMatchInlineSnapshot(`
      "needletail  http://127.0.0.1:3000/
                  50 users for 10s
      0s          

                  waiting for the first answers

      Ctrl-C ends the run and reports what happened"
    `);
  });

  it('counts requests instead of time when the run ends after a number of them', () => {
    const counted = snapshot(2, { plannedMs: null, plannedRequests: 100_000 });
    expect(frame({ snapshot: counted })).toMatch(/━+─+ {2}36% {2}of 100,000 requests/);
  });

  it('draws no bar when nothing says how long the run is', () => {
    const endless = snapshot(2, { plannedMs: null, plannedRequests: null });
    expect(frame({ snapshot: endless })).not.toMatch(/[━─]/);
  });

  it('never says more than all', () => {
    expect(frame({ elapsedMs: 12_000 })).toContain('100%  0s left');
  });

  it('tells that it is warming up, and that it is ending', () => {
    expect(frame({ snapshot: snapshot(1, { warmingUp: true }) })).toContain('warm-up');
    expect(frame({ ending: true })).toContain('Ctrl-C again ends at once');
  });

  it('says in its last line what the keys do', () => {
    const keys = 'space pauses · q or Ctrl-C ends the run';
    expect(frame({ keys }).split('\n').at(-1)).toBe(keys);
    expect(frame({ keys, ending: true })).not.toContain('space');
  });

  it.each([40, 60, 80, 140, 200])('keeps within %d columns', (width) => {
    const failures = [
      { kind: 'connect' as const, message: `refused ${'again and '.repeat(30)}`, count: 9 },
    ];
    const text = frame(
      { snapshot: snapshot(5, { failures }), target: `http://host/${'x'.repeat(300)}` },
      width,
    );
    const widest = Math.max(...text.split('\n').map(displayWidth));
    expect(widest).toBeLessThanOrEqual(Math.max(width, 62));
  });

  it('keeps within the height of the terminal', () => {
    expect(frame({}, 80, 5).split('\n')).toHaveLength(5);
  });
});
