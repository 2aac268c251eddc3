import { describe, expect, it } from 'vitest';
import { liveScripts, snapshot } from './live-snapshot.fixture.ts';
import { createProgressLines } from './progress-lines.ts';
import type { RunView } from './run-view.ts';

describe('createProgressLines', () => {
  it('writes one line a second however often it is told', () => {
    const written: string[] = [];
    const view = createProgressLines((text) => written.push(text));
    for (let elapsedMs = 250; elapsedMs <= 3000; elapsedMs += 250) {
      view.update({ ...snapshot(1), elapsedMs });
    }
    view.stop();
    expect(written.map((line) => line.trim().split(' ')[0])).toEqual(['0s', '1s', '2s']);
    expect(
      written.every((line) => line.endsWith('\n') && line.indexOf('\n') === line.length - 1),
    ).toBe(true);
  });

  it('writes warnings as lines of their own', () => {
    const written: string[] = [];
    createProgressLines((text) => written.push(text)).say('needletail: slow');
    expect(written).toEqual(['needletail: slow\n']);
  });

  it('tells time, rate, latency and what became of the requests', () => {
    expect(linesOf(snapshot(3))).toMatchInlineSnapshot(
      `"   3s    18,900/s  p50 2.60 ms  p99 10.0 ms  ok 54,548  failed 2  timed out 0  dropped 0\n"`,
    );
    expect(linesOf(snapshot(3, { warmingUp: true }))).toContain('warming up');
  });

  it('tells of iterations and failed checks where users are scripts', () => {
    expect(linesOf(snapshot(3, { scripts: liveScripts() }))).toMatch(
      / {2}iterations 398\/s {2}checks failed 7\n$/,
    );
  });

  it('breaks lines between figures on a terminal', () => {
    expect(linesOf(snapshot(3, { scripts: liveScripts() }), 80)).toMatchInlineSnapshot(`
      "   3s    18,900/s  p50 2.60 ms  p99 10.0 ms  ok 54,548  failed 2
             timed out 0  dropped 0  iterations 398/s  checks failed 7
      "
    `);
  });
});

function linesOf(given: Parameters<RunView['update']>[0], width?: number): string {
  let written = '';
  createProgressLines((text) => (written += text), width).update(given);
  return written;
}
