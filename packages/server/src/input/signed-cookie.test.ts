import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signCookie, verifyCookie } from './signed-cookie.ts';

const OLD = 'an old key of some length';
const NEW = 'a new key of some length';

describe('verifyCookie', () => {
  it('gives the value that was signed, and which key signed it', () => {
    const signed = signCookie('sid', 'user.7', [OLD]);
    expect(signed).toMatch(/^user\.7\.[\w-]{43}$/);
    expect(verifyCookie('sid', signed, [OLD])).toEqual({ value: 'user.7', keyIndex: 0 });
    expect(verifyCookie('sid', signed, [NEW, OLD])).toEqual({ value: 'user.7', keyIndex: 1 });
  });

  it('refuses another name, another key, and what was never signed', () => {
    const signed = signCookie('sid', 'user', [OLD]);
    expect(verifyCookie('other', signed, [OLD])).toBeNull();
    expect(verifyCookie('sid', signed, [NEW])).toBeNull();
    for (const text of ['', 'user', '.', signed.slice(1), `${signed}=`, `${signed} `]) {
      expect(verifyCookie('sid', text, [OLD])).toBeNull();
    }
  });

  it('refuses a signed cookie in which any character is another', () => {
    const signed = signCookie('sid', 'user-7', [OLD]);
    fc.assert(
      fc.property(
        fc.nat(signed.length - 1),
        fc.constantFrom('a', 'B', '0', '-', '_', '.'),
        (at, character) => {
          const other = signed.slice(0, at) + character + signed.slice(at + 1);
          fc.pre(other !== signed);
          expect(verifyCookie('sid', other, [OLD])).toBeNull();
        },
      ),
    );
  });

  it('wants keys, and long ones', () => {
    expect(() => signCookie('sid', 'a', [])).toThrow('a key is missing');
    expect(() => verifyCookie('sid', 'a', [OLD, 'short'])).toThrow('fewer than 16 characters');
  });
});
