import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as stats from './index.ts';

/** Every module specifier that the file and what it imports from here name. */
function importsOf(file: URL, seen: Set<string> = new Set()): Set<string> {
  const source = readFileSync(file, 'utf8');
  for (const [, specifier] of source.matchAll(/(?:from|import)\s*\(?'([^']+)'/g)) {
    const key = specifier.startsWith('.') ? new URL(specifier, file).href : specifier;
    if (seen.has(key)) continue;
    seen.add(key);
    if (specifier.startsWith('.')) importsOf(new URL(specifier, file), seen);
  }
  return seen;
}

describe('@needletail/stats', () => {
  it('exports these names and no others', () => {
    const classes = ['ArgumentError', 'Histogram', 'HistogramMismatchError', 'Moments', 'Rng'];
    const laws = ['fitScaling', 'hash32', 'normalCdf', 'normalQuantile', 'quantile'];
    const functions = [...laws, 'quantileByRank', 'quantileOfSorted', 'studentQuantile'];
    expect(Object.keys(stats).sort()).toEqual([...classes, ...functions, 'throughputAt']);
  });

  it('runs in a browser: imports its own files only', () => {
    const imported = [...importsOf(new URL('index.ts', import.meta.url))];
    expect(imported.some((name) => name.endsWith('/nearest-rank.ts'))).toBe(true);
    expect(imported.filter((name) => !name.startsWith('file:'))).toEqual([]);
  });
});
