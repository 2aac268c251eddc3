import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { satisfies } from './constraint.ts';
import { parseConstraint, type Constraint } from './parse-constraint.ts';
import { ENCODED_SLASH } from './path-escapes.ts';

function compiled(source: string): Constraint {
  const constraint = parseConstraint(source);
  if ('code' in constraint) throw new Error(constraint.reason);
  return constraint;
}

function accepts(source: string, text: string): boolean {
  return satisfies(compiled(source).alternatives, `/x/${text}/y`, 3, 3 + text.length);
}

describe('parseConstraint', () => {
  it.each([
    ['\\d+', ['1', '0123456789'], ['', 'a', '1a', 'a1', '٣']],
    ['\\d{4}-\\d{2}', ['2026-11'], ['2026-1', '226-11', '2026-111']],
    ['en|de|fr', ['en', 'fr'], ['e', 'end', 'en|de', '']],
    ['[a-f0-9]{8}', ['deadbeef'], ['deadbee', 'deadbeefs', 'DEADBEEF']],
    ['[^.]+\\.png', ['a.png', 'é.png'], ['.png', 'a.b.png', 'a.pngx']],
    ['v?[1-9]\\d*', ['1', 'v10'], ['v', 'v0', 'vv1']],
    ['[\\w-]{2,3}', ['ab', 'a-b'], ['a', 'abcd', 'é-']],
    ['\\D{1,}', ['é', 'abc'], ['a1']],
    ['[]', [], []],
  ])('%s', (source, right, wrong) => {
    if (source === '[]') return expect(parseConstraint(source)).toHaveProperty('code');
    expect(right.filter((text) => !accepts(source, text))).toEqual([]);
    expect(wrong.filter((text) => accepts(source, text))).toEqual([]);
  });

  it('takes an encoded slash for a slash', () => {
    expect(accepts('[a-z]+', `a${ENCODED_SLASH}b`)).toBe(false);
    expect(accepts('[ -~]+', `a${ENCODED_SLASH}b`)).toBe(true);
  });

  it.each([
    ['(a)', 'it has a group'],
    ['(a+)+', 'it has a group'],
    ['(?=a)', 'it has a group'],
    ['(?<!a)b', 'it has a group'],
    ['a**', 'a quantifier follows a quantifier'],
    ['a+?', 'a quantifier follows a quantifier'],
    ['a{2}{3}', 'a quantifier follows a quantifier'],
    ['\\1', 'it has the escape \\1'],
    ['\\bx', 'it has the escape \\b'],
    ['\\s', 'it has the escape \\s'],
    ['a\\', 'it has the escape \\'],
    ['^a', 'it has the anchor ^'],
    ['a$', 'it has the anchor $'],
    ['+a', '+ follows nothing'],
    ['a{x}', '{ follows nothing'],
    ['a||b', 'an alternative is empty'],
    ['', 'an alternative is empty'],
    ['[a', 'a class is not closed'],
    ['[a-', 'a class is not closed'],
    ['[z-a]', 'a range has no beginning or no end'],
    ['[\\d-z]', 'a range has no beginning or no end'],
    ['a{3,2}', '{3,2} is out of range'],
    ['a{1001}', '{1001} is out of range'],
    ['é', 'not printable ASCII'],
    ['a'.repeat(257), 'longer than 256'],
    ['.+\\.png', 'may also be what follows'],
    ['\\d+\\d+', 'may also be what follows'],
    ['a*b?a', 'may also be what follows'],
    ['a{1,3}a', 'may also be what follows'],
  ])('refuses %s', (source, reason) => {
    const fault = parseConstraint(source);
    expect(fault).toMatchObject({ code: 'UNSAFE_CONSTRAINT' });
    expect('reason' in fault && fault.reason).toContain(reason);
  });

  it('agrees with regular expressions wherever it accepts one', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '-',
      '.',
      '\\d',
      '\\D',
      '\\w',
      '\\W',
      '[a-c]',
      '[^ab]',
      '\\.',
      '[-_]',
      '[b\\d]',
    );
    const times = fc.constantFrom('', '', '?', '*', '+', '{2}', '{1,2}', '{2,}', '{0,1}');
    const sequence = fc.array(
      fc.tuple(atom, times).map((pair) => pair.join('')),
      { minLength: 1, maxLength: 4 },
    );
    const source = fc.array(
      sequence.map((steps) => steps.join('')),
      { minLength: 1, maxLength: 3 },
    );
    const text = fc.array(fc.constantFrom('a', 'b', 'c', '1', '-', '.', '_', 'é', ' '), {
      maxLength: 6,
    });
    let accepted = 0;
    fc.assert(
      fc.property(source, fc.array(text, { minLength: 5 }), (alternatives, texts) => {
        const written = alternatives.join('|');
        const constraint = parseConstraint(written);
        if ('code' in constraint) return;
        accepted += 1;
        const expression = new RegExp(`^(?:${written})$`, 's');
        for (const value of texts.map((parts) => parts.join(''))) {
          expect(accepts(written, value), `${written} ${value}`).toBe(expression.test(value));
        }
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(500);
  });

  it('reads a segment once, however long and nearly right', () => {
    const long = `${'a'.repeat(100_000)}!`;
    const startedAt = performance.now();
    for (const source of ['\\w+', '\\w*-\\w*-\\w*', 'a{0,1000}b|a*c|\\w+d?']) {
      const isSafe = !('code' in parseConstraint(source));
      if (isSafe) expect(accepts(source, long)).toBe(false);
    }
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
