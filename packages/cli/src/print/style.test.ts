import { describe, expect, it } from 'vitest';
import { createStyle, wantsColor } from './style.ts';

describe('wantsColor', () => {
  it.each([
    ['a terminal', true, {}, true],
    ['a pipe', false, {}, false],
    ['NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['an empty NO_COLOR', true, { NO_COLOR: '' }, true],
    ['FORCE_COLOR on a pipe', false, { FORCE_COLOR: '1' }, true],
    ['FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
    ['NO_COLOR against FORCE_COLOR', true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    ['a dumb terminal', true, { TERM: 'dumb' }, false],
  ])('%s', (_name, isTTY, env, expected) => {
    expect(wantsColor({ isTTY }, env)).toBe(expected);
  });
});

describe('createStyle', () => {
  it('leaves text alone without colour', () => {
    const style = createStyle(false);
    expect(Object.values(style).map((paint: (text: string) => string) => paint('x'))).toEqual(
      Array.from({ length: 7 }, () => 'x'),
    );
  });
});
