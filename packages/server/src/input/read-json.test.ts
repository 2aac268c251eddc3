import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyTooLargeError } from '../errors.ts';
import { requestWith } from './memory-request.fixture.ts';
import { parseJson, readJson } from './read-json.ts';

const JSON_FIELD = { 'Content-Type': 'application/json' };

describe('readJson', () => {
  it('gives the value of a body, wherever it was split', async () => {
    const value = { name: 'Zoë 😀', list: [1, 2.5, null, true] };
    const bytes = Buffer.from(JSON.stringify(value));
    for (let at = 0; at <= bytes.length; at += 1) {
      const request = requestWith([bytes.subarray(0, at), bytes.subarray(at)]);
      expect(await readJson(request)).toEqual(value);
    }
  });

  it('takes a byte-order mark away', async () => {
    expect(await readJson(requestWith(['\uFEFF{"a":1}']))).toEqual({ a: 1 });
  });

  it('refuses what is not UTF-8, and takes a replacement character that was sent', async () => {
    const request = requestWith([Buffer.from([0x22, 0xff, 0x22])]);
    await expect(readJson(request)).rejects.toMatchObject({ status: 400, code: 'BAD_TEXT' });
    expect(await readJson(requestWith(['"\uFFFD"']))).toBe('\uFFFD');
  });

  it('tells an empty body from a wrong one', async () => {
    const empty = readJson(requestWith([]));
    await expect(empty).rejects.toMatchObject({ status: 400, code: 'BODY_EMPTY' });
  });

  it('says where a body stops being JSON, and quotes nothing of it', async () => {
    const failed = readJson(requestWith(['{\n"password": "hunter2" "x"}']));
    const error = await failed.catch((refused: unknown) => refused);
    expect(error).toMatchObject({
      status: 400,
      code: 'BAD_JSON',
      detail: 'The body is not JSON: a comma or } expected at line 2, column 23.',
    });
    expect((error as Error).cause).toBeUndefined();
    expect(String((error as Error).stack)).not.toContain('hunter2');
  });

  it('refuses a body beyond its limit', async () => {
    const failed = readJson(requestWith(['"12345678"']), { maxBytes: 9 });
    await expect(failed).rejects.toBeInstanceOf(BodyTooLargeError);
    expect(await readJson(requestWith(['"1234567"']), { maxBytes: 9 })).toBe('1234567');
  });

  it.each(['application/json', 'Application/JSON; charset=utf-8', 'application/problem+json'])(
    'takes %s where it must be announced',
    async (type) => {
      const request = requestWith(['1'], { 'Content-Type': type });
      expect(await readJson(request, { requireType: true })).toBe(1);
    },
  );

  it.each(['text/plain', 'application/x-www-form-urlencoded', '+json', 'application/jsonp', ''])(
    'refuses %j where it must be announced, and takes it elsewhere',
    async (type) => {
      const failed = readJson(requestWith(['1'], { 'Content-Type': type }), { requireType: true });
      await expect(failed).rejects.toMatchObject({
        status: 415,
        options: { headers: { Accept: 'application/json' } },
      });
      expect(await readJson(requestWith(['1'], { 'Content-Type': type }))).toBe(1);
    },
  );

  it('refuses what was not announced at all, where it must be', async () => {
    const failed = readJson(requestWith(['1']), { requireType: true });
    await expect(failed).rejects.toMatchObject({ status: 415 });
    expect(await readJson(requestWith(['1'], JSON_FIELD), { requireType: true })).toBe(1);
  });
});

const POISONED = [
  '{"__proto__":{"isAdmin":true}}',
  '{"a":[{"b":{"__proto__":null}}]}',
  '{"\\u005f_proto__":1}',
  '{"__pr\\u006fto__":1}',
  '[{"constructor":{"prototype":{"x":1}}}]',
  '{"c\\u006fnstructor":{"pr\\u006ftotype":1}}',
];

describe('parseJson', () => {
  it.each(POISONED)('refuses %s', (text) => {
    expect(() => parseJson(text)).toThrow(/a name that is refused: __proto__/);
  });

  it.each(POISONED)('takes the name out of %s where that is asked for', (text) => {
    const cleaned = JSON.stringify(parseJson(text, { prototypeKeys: 'remove' }));
    expect(cleaned).not.toMatch(/__proto__|"prototype"/);
    expect(parseJson(cleaned)).toBeDefined();
  });

  it.each(POISONED)('keeps %s as JSON.parse gives it where that is asked for', (text) => {
    expect(parseJson(text, { prototypeKeys: 'keep' })).toEqual(JSON.parse(text));
  });

  it.each([
    '"__proto__"',
    '["__proto__","constructor"]',
    '{"proto":1,"prototype":2}',
    '{"constructor":"Ferrari"}',
    '{"constructor":null}',
    '{"text":"\\u00e9 \\"__proto__\\":"}',
  ])('takes %s', (text) => {
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it('removes from arrays of a million brackets, without recursion', () => {
    const depth = 200_000;
    const text = `${'['.repeat(depth)}{"__proto__":1,"a":2}${']'.repeat(depth)}`;
    expect(() => parseJson(text)).toThrow(/a name that is refused/);
    expect(parseJson(text, { prototypeKeys: 'remove' })).toBeInstanceOf(Array);
  });

  it('counts depth by brackets outside of text', () => {
    const text = '[{"a":["[[[[\\"[["]}]';
    expect(parseJson(text, { maxDepth: 3 })).toEqual(JSON.parse(text));
    expect(() => parseJson(text, { maxDepth: 2 })).toThrow('more than 2 levels in the JSON body');
    expect(parseJson('[[],[],[]]', { maxDepth: 2 })).toEqual([[], [], []]);
  });

  it('gives what JSON.parse gives for values without poison', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!text.includes('proto'));
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('never lets a poisoned name through, however it is spelt', () => {
    const spelt = '__proto__'.split('').map((letter) => {
      const code = letter.charCodeAt(0).toString(16).padStart(4, '0');
      return fc.constantFrom(letter, `\\u${code}`, `\\u${code.toUpperCase()}`);
    });
    fc.assert(
      fc.property(fc.tuple(...spelt), fc.jsonValue({ maxDepth: 1 }), (letters, value) => {
        const text = `{"a":{"${letters.join('')}":${JSON.stringify(value)}}}`;
        expect(() => parseJson(text)).toThrow(/a name that is refused/);
        expect(parseJson(text, { prototypeKeys: 'remove' })).toEqual({ a: {} });
      }),
    );
  });
});
