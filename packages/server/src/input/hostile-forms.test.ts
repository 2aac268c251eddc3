import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadInputError } from './bad-input.ts';
import { FORM_FIELDS, field, file, formBody, partsOf } from './multipart-form.fixture.ts';
import { requestWith } from './memory-request.fixture.ts';
import { readMultipart, type MultipartOptions } from './read-multipart.ts';

function read(body: string | Uint8Array, options: MultipartOptions = {}): Promise<unknown> {
  return partsOf(readMultipart(requestWith([body], FORM_FIELDS), options));
}

const GOOD = 'Content-Disposition: form-data; name="a"';

describe('readMultipart, malformed', () => {
  it.each([
    ['multipart/form-data', 400],
    ['multipart/form-data; boundary=', 400],
    ['multipart/form-data; boundary="a\\"b"', 400],
    [`multipart/form-data; boundary=${'a'.repeat(71)}`, 400],
    ['multipart/form-data; boundary="ends in space "', 400],
    ['multipart/mixed; boundary=a', 415],
    ['application/json', 415],
  ])('refuses the type %s with %i', (type, status) => {
    const request = requestWith([''], { 'Content-Type': type });
    expect(() => readMultipart(request)).toThrow(
      expect.objectContaining({ status, name: 'BadInputError' }) as Error,
    );
  });

  it.each([
    ['nothing', ''],
    ['no boundary', 'just text'],
    ['no closing boundary', formBody(field('a', '1')).toString().replace('--\r\n', '')],
    ['half a closing boundary', formBody(field('a', '1')).toString().replace('--\r\n', '-')],
    ['no end of its head', `--needle\r\n${GOOD}\r\n`],
    ['text behind a boundary', `--needleX\r\n${GOOD}\r\n\r\n1\r\n--needle--`],
    ['a part without a head', '--needle\r\n\r\n1\r\n--needle--'],
    ['a line that is no field', formBody({ head: [GOOD, 'nonsense'], content: '' })],
    ['a folded line', formBody({ head: [GOOD, ' folded: 1'], content: '' })],
    ['a bare line feed', formBody({ head: [`${GOOD}\nX: 1`], content: '' })],
    ['a null byte', formBody({ head: [`${GOOD}\0`], content: '' })],
    ['no disposition', formBody({ head: ['Content-Type: text/plain'], content: '' })],
    ['two dispositions', formBody({ head: [GOOD, GOOD], content: '' })],
    [
      'another disposition',
      formBody({ head: ['Content-Disposition: attachment; name=a'], content: '' }),
    ],
    ['no name', formBody({ head: ['Content-Disposition: form-data; filename=a'], content: '' })],
  ])('refuses a body with %s', async (_, body) => {
    await expect(read(body)).rejects.toMatchObject({ status: 400, code: 'BAD_MULTIPART' });
  });

  it('refuses a field that is not of its charset', async () => {
    const body = formBody({ head: [GOOD], content: Buffer.from([0xff]) });
    await expect(read(body)).rejects.toMatchObject({ status: 400, code: 'BAD_TEXT' });
  });

  it.each([
    ['a/b/c.txt', 'c.txt'],
    ['C:\\\\Users\\me\\c.txt', 'c.txt'],
    ['../../etc/passwd', 'passwd'],
    ['..', ''],
    ['a/..', ''],
    ['.htaccess', '.htaccess'],
    ['a/', ''],
    ['a%22b.txt', 'a"b.txt'],
    ['c\\', ''],
    ['naïve.txt', 'naïve.txt'],
  ])('names a file %s by %s', async (filename, expected) => {
    expect(await read(formBody(file('a', filename, '1')))).toEqual([['a', expected, '1']]);
  });

  it.each([
    ["UTF-8''%e2%82%ac%20rates.txt", '€ rates.txt'],
    ["utf-8'en'..%2F..%2Fx.sh", 'x.sh'],
    ["iso-8859-1''%e9.txt", 'é.txt'],
    ["UTF-8''a%00b.txt", 'ab.txt'],
    ["UTF-8''%ff", 'plain.txt'],
    ['not extended', 'plain.txt'],
    ["utf-16''a", 'plain.txt'],
  ])('reads the extended name %s', async (extended, expected) => {
    const head = [`${GOOD}; filename="plain.txt"; filename*=${extended}`];
    expect(await read(formBody({ head, content: '1' }))).toEqual([['a', expected, '1']]);
  });
});

describe('readMultipart, limits', () => {
  const two = formBody(
    field('a', '12'),
    file('b', 'x', '34'),
    field('c', '56'),
    file('d', 'y', '78'),
  );

  it.each<[MultipartOptions, number, string]>([
    [{ limits: { parts: 3 } }, 400, 'more than 3 parts in the form'],
    [{ limits: { fields: 1 } }, 400, 'more than 1 fields in the form'],
    [{ limits: { files: 1 } }, 400, 'more than 1 files in the form'],
    [{ limits: { files: 0 } }, 400, 'more than 0 files in the form'],
    [{ limits: { fieldBytes: 1 } }, 413, 'more than 1 bytes in a field'],
    [{ limits: { fileBytes: 1 } }, 413, 'more than 1 bytes in a file'],
    [{ limits: { headBytes: 20 } }, 400, 'more than 20 bytes in the head of a part'],
    [{ limits: { nameLength: 0 } }, 400, 'more than 0 characters in the name of a part'],
    [{ maxBytes: two.length - 1 }, 413, `more than ${two.length - 1} bytes in the body`],
  ])('refuses beyond %j', async (options, status, detail) => {
    await expect(read(two, options)).rejects.toMatchObject({
      status,
      code: 'INPUT_LIMIT',
      detail: `There are ${detail}.`,
    });
  });

  it('takes what is at its limits', async () => {
    const limits = { parts: 4, fields: 2, files: 2, fieldBytes: 2, fileBytes: 2, nameLength: 1 };
    expect(await read(two, { limits, maxBytes: two.length })).toHaveLength(4);
  });

  it('refuses a head that does not end, before it has come', async () => {
    const begun = requestWith(
      ['--needle\r\n', ...Array.from({ length: 20 }, () => 'x'.repeat(1000))],
      FORM_FIELDS,
    );
    await expect(partsOf(readMultipart(begun))).rejects.toMatchObject({
      status: 400,
      detail: 'There are more than 8192 bytes in the head of a part.',
    });
  });
});

describe('readMultipart, fuzzed', () => {
  it('comes to an end with parts or a typed error for any bytes', async () => {
    const unit = fc.constantFrom(
      '\r\n',
      '--needle',
      '--',
      '\r',
      '\n',
      '-',
      `${GOOD}\r\n\r\n`,
      'x',
      ': ',
      '; filename="f"',
      '\0',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(unit, { maxLength: 25 }), async (pieces) => {
        const whole = await read(pieces.join('')).catch((error: unknown) => error);
        const form = readMultipart(requestWith(pieces, FORM_FIELDS));
        const split = await partsOf(form).catch((error: unknown) => error);
        if (whole instanceof Error) expect(whole).toBeInstanceOf(BadInputError);
        if (whole instanceof BadInputError) {
          expect(split).toMatchObject({ code: whole.code, detail: whole.detail });
        } else {
          expect(split).toEqual(whole);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('gives back any content that holds no boundary', async () => {
    const unit = fc.constantFrom('\r', '\n', '-', '--', '\r\n--need', 'n', 'e', '\0');
    const content = fc.string({ unit, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(fc.array(content, { maxLength: 4 }), fc.nat(), async (contents, at) => {
        fc.pre(contents.every((text) => !`\r\n${text}\r\n`.includes('\r\n--needle')));
        const body = formBody(...contents.map((text, index) => file(`${index}`, 'f', text)));
        const split = at % body.length;
        const request = requestWith([body.subarray(0, split), body.subarray(split)], FORM_FIELDS);
        const parts = await partsOf(readMultipart(request));
        expect(parts.map((part) => part.at(-1))).toEqual(contents);
      }),
      { numRuns: 500 },
    );
  });
});
