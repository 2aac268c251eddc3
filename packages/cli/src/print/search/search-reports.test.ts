import type { StressSummary, SweepSummary } from '@needletail/load/search';
import { sampleStress, sampleSweep } from '@needletail/testkit/search-summaries';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../text-width.ts';
import { searchProgress } from './progress.ts';
import { formatStress } from './stress.ts';
import { formatSweep } from './sweep.ts';

const plain = { width: 80, color: false };
const stressText = (changes: Partial<StressSummary> = {}) =>
  formatStress({ ...sampleStress(), ...changes }, plain);
const sweepText = (changes: Partial<SweepSummary> = {}) =>
  formatSweep({ ...sampleSweep(), ...changes }, plain);

describe('formatStress', () => {
  it('says what is sustained, with interval, steps and time', () => {
    expect(stressText()).toContain('Sustains    787/s (95% interval 783–814/s), 2 steps, 57 s');
  });

  it('says what broke, the first signs, and the recovery', () => {
    const text = stressText({ firstErrorAt: 813 });
    expect(text).toContain('Breaks      at 813/s: delivered >= 99%, measured 98.4%');
    expect(text).toContain('First signs errors from 813/s');
    expect(text).toContain('latency out of proportion from 813/s');
    expect(text).toContain('Recovers    after 1 s, from 813/s to 576/s');
  });

  it('says when the target did not recover', () => {
    const recovery = { ...sampleStress().recovery!, seconds: null };
    expect(stressText({ recovery })).toContain('Recovers    not within 60 s');
  });

  it('says when nothing was held, and counts users whole', () => {
    const text = stressText({
      unit: 'users',
      maxSustainable: null,
      interval: null,
      breakingPoint: { amount: 5, objective: 'p95 < 500ms', actual: 1200 },
    });
    expect(text).toContain('Sustains    no level tested, 2 steps');
    expect(text).toContain('Breaks      at 5 users: p95 < 500ms, measured 1.20 s');
  });

  it.each([64, 80, 140])('fits %i columns, and has colours only when asked for', (width) => {
    const text = formatStress(sampleStress(), { width, color: false });
    expect(Math.max(...text.split('\n').map(displayWidth))).toBeLessThanOrEqual(width);
    expect(text).not.toContain('\u001b');
    expect(formatStress(sampleStress(), { width, color: true })).toContain('\u001b');
  });
});

describe('formatSweep', () => {
  it('marks knee, optimum and where the generator was the limit', () => {
    const text = sweepText();
    expect(text).toMatch(/ 1 +400\/s .* knee/);
    expect(text).toMatch(/ 2 +780\/s .* optimal, generator/);
    expect(text).toContain('Knee        1 user: most throughput for its latency');
    expect(text).toContain('Optimal     2 users');
  });

  it('gives the law with intervals, an open end as infinite', () => {
    expect(sweepText()).toContain('λ 731 (711 to 768)/s');
    expect(sweepText()).toContain('peak at 15.4 (9.50 to ∞) users, 806 (792 to 825)/s');
    expect(sweepText({ scaling: null })).not.toContain('λ');
  });

  it('says up to where objectives held, when there were any', () => {
    expect(sweepText()).not.toContain('Holds');
    const text = sweepText({ objectives: ['p95 < 1ms'], highestHeld: null });
    expect(text).toContain('Holds       up to no level');
  });

  it.each([64, 80, 140])('fits %i columns', (width) => {
    const text = formatSweep(sampleSweep(), { width, color: false });
    expect(Math.max(...text.split('\n').map(displayWidth))).toBeLessThanOrEqual(width);
  });
});

describe('searchProgress', () => {
  it('writes a line when a level begins and one when it is judged', () => {
    const lines: string[] = [];
    const progress = searchProgress((line) => lines.push(line), 7);
    progress.onLevelStart!({ kind: 'users', amount: 16 }, 'step', 5);
    progress.onLevel!(sampleStress().levels[1]!);
    progress.onLevelStart!({ kind: 'rate', amount: 813 }, 'recovery', 6);
    expect(lines).toEqual([
      'level 5 of 7  16 users ...',
      '  breached  400/s  p95 3.50 ms  errors 0%  delivered >= 99%',
      'recovery  from 813/s ...',
    ]);
  });
});
