import { FieldMap } from '@needletail/wire';
import { describe, expect, it } from 'vitest';
import { keepAliveHintMs } from './keep-alive-hint.ts';

describe('keepAliveHintMs', () => {
  it.each([
    ['timeout=5', 4000],
    ['max=100, timeout=5', 4000],
    ['TIMEOUT=30;max=1', 29_000],
    ['timeout=1', 0],
    ['timeout=0', 0],
    ['max=100', Infinity],
    ['timeout=-5', Infinity],
    ['timeout=abc', Infinity],
    ['xtimeout=5', Infinity],
    ['timeout=99999999999', Infinity],
  ])('reads %j as %d', (value, expectedMs) => {
    expect(keepAliveHintMs(new FieldMap(`Keep-Alive: ${value}`))).toBe(expectedMs);
  });

  it('is Infinity without the field', () => {
    expect(keepAliveHintMs(new FieldMap('A: 1'))).toBe(Infinity);
  });
});
