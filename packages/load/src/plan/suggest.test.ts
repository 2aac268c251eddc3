import { describe, expect, it } from 'vitest';
import { didYouMean, nearest } from './suggest.ts';

const keys = ['target', 'requests', 'thresholds', 'timeout'];

describe('nearest', () => {
  it.each([
    ['requets', 'requests'],
    ['threshold', 'thresholds'],
    ['tiemout', 'timeout'],
    ['TARGET', 'target'],
    ['colour', null],
    ['', null],
  ])('%s is near %s', (word, expected) => {
    expect(nearest(word, keys)).toBe(expected);
  });
});

describe('didYouMean', () => {
  it('is a question or nothing', () => {
    expect(didYouMean('tagret', keys)).toBe('Did you mean "target"? ');
    expect(didYouMean('zebra', keys)).toBe('');
  });
});
