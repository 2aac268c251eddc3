import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BodyTooLargeError } from '../errors.ts';
import { requestWith } from './memory-request.fixture.ts';
import { readBytes, readPieces, readText } from './read-body.ts';
import { readForm } from './read-form.ts';

const TEXT = 'The needle reads the tail. '.repeat(40);
const CODINGS: readonly (readonly [string, Buffer])[] = [
  ['gzip', gzipSync(TEXT)],
  ['X-GZIP', gzipSync(TEXT)],
  ['deflate', deflateSync(TEXT)],
  ['deflate', deflateRawSync(TEXT)],
  ['br', brotliCompressSync(TEXT)],
];

async function collected(pieces: AsyncIterable<Buffer>): Promise<string> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all).toString();
}

describe('readBytes', () => {
  it.each(CODINGS)('decodes %s where that is asked for', async (coding, encoded) => {
    const fields = { 'Content-Encoding': coding };
    const bytes = await readBytes(requestWith([encoded], fields), { contentCodings: true });
    expect(bytes.toString()).toBe(TEXT);
  });

  it.each(CODINGS)(
    'refuses %s where it is not, and tells what to send',
    async (coding, encoded) => {
      const failed = readBytes(requestWith([encoded], { 'Content-Encoding': coding }));
      await expect(failed).rejects.toMatchObject({
        status: 415,
        code: 'UNSUPPORTED_CONTENT_CODING',
        options: { headers: { 'Accept-Encoding': 'identity' } },
      });
    },
  );

  it.each(['gzip, br', 'zstd', 'compress', 'gzip;q=1'])('refuses %s', async (coding) => {
    const request = requestWith(['x'], { 'Content-Encoding': coding });
    await expect(readBytes(request, { contentCodings: true })).rejects.toMatchObject({
      status: 415,
      options: { headers: { 'Accept-Encoding': 'gzip, deflate, br' } },
    });
  });

  it('takes a body whose coding is none', async () => {
    for (const coding of ['identity', '']) {
      const request = requestWith(['x'], { 'Content-Encoding': coding });
      expect((await readBytes(request)).toString()).toBe('x');
    }
  });

  it.each(CODINGS)('refuses %s that is cut off or damaged', async (coding, encoded) => {
    const damaged = Buffer.from(encoded);
    damaged.fill(0xff, 4, 20);
    for (const bytes of [encoded.subarray(0, encoded.length - 9), damaged, Buffer.alloc(0)]) {
      const request = requestWith([bytes], { 'Content-Encoding': coding });
      const failed = readBytes(request, { contentCodings: true });
      await expect(failed).rejects.toMatchObject({ status: 400, code: 'BAD_CONTENT_CODING' });
    }
  });

  it('refuses what grows to more than a hundred times what came, or than its limit', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    const read = (maxBytes: number, contentCodings: true | { maxRatio: number }): Promise<Buffer> =>
      readBytes(requestWith([bomb], { 'Content-Encoding': 'gzip' }), { maxBytes, contentCodings });
    await expect(read(20_000_000, true)).rejects.toMatchObject({ status: 413 });
    await expect(read(9_999_999, { maxRatio: 2000 })).rejects.toMatchObject({ status: 413 });
    expect(await read(10_000_000, { maxRatio: 2000 })).toHaveLength(10_000_000);
  });

  it('lets a small body have any ratio', async () => {
    const request = requestWith([gzipSync(Buffer.alloc(60_000))], { 'Content-Encoding': 'gzip' });
    expect(await readBytes(request, { contentCodings: true })).toHaveLength(60_000);
  });

  it('refuses more than it was told to take', async () => {
    await expect(readBytes(requestWith(['12345']), { maxBytes: 4 })).rejects.toBeInstanceOf(
      BodyTooLargeError,
    );
  });
});

describe('readPieces', () => {
  it.each(CODINGS)('decodes %s that comes byte by byte', async (coding, encoded) => {
    const pieces = [...encoded].map((byte) => Buffer.from([byte]));
    const request = requestWith(pieces, { 'Content-Encoding': coding });
    expect(await collected(readPieces(request, { contentCodings: true }))).toBe(TEXT);
  });

  it.each(CODINGS)('refuses %s that is cut off', async (coding, encoded) => {
    const request = requestWith([encoded.subarray(0, 30)], { 'Content-Encoding': coding });
    await expect(collected(readPieces(request, { contentCodings: true }))).rejects.toMatchObject({
      status: 400,
      code: 'BAD_CONTENT_CODING',
    });
  });

  it('stops a body that grows too much while it comes', async () => {
    const fields = { 'Content-Encoding': 'gzip' };
    const request = requestWith([gzipSync(Buffer.alloc(10_000_000))], fields, 20_000_000);
    const pieces = readPieces(request, { contentCodings: true, maxBytes: 20_000_000 });
    await expect(collected(pieces)).rejects.toMatchObject({ status: 413 });
  });

  it('can be left before its end', async () => {
    const fields = { 'Content-Encoding': 'gzip' };
    for await (const piece of readPieces(requestWith([gzipSync(TEXT)], fields), {
      contentCodings: true,
    })) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
  });
});

describe('readText', () => {
  it('reads UTF-8 unless the type names another charset', async () => {
    const latin1 = { 'Content-Type': 'text/plain; Charset="ISO-8859-1"' };
    expect(await readText(requestWith(['Zoë']))).toBe('Zoë');
    expect(await readText(requestWith([Buffer.from('Zoë', 'latin1')], latin1))).toBe('Zoë');
    const utf16 = { 'Content-Type': 'text/plain; a; charset=utf-16le' };
    expect(await readText(requestWith([Buffer.from('Zoë', 'utf16le')], utf16))).toBe('Zoë');
  });

  it('takes a byte-order mark away, and only one', async () => {
    expect(await readText(requestWith(['\uFEFF\uFEFFa']))).toBe('\uFEFFa');
  });

  it('refuses bytes that are not of the charset, and a charset that is not known', async () => {
    await expect(readText(requestWith([Buffer.from([0xc3])]))).rejects.toMatchObject({
      status: 400,
      code: 'BAD_TEXT',
    });
    const unknown = { 'Content-Type': 'text/plain; charset=klingon' };
    await expect(readText(requestWith(['a'], unknown))).rejects.toMatchObject({ status: 415 });
  });
});

describe('readForm', () => {
  it('gives the shape of a query', async () => {
    const form = await readForm(requestWith(['a=1&a=', '2&b=x%20', 'y+z']));
    expect(Object.entries(form)).toEqual([
      ['a', ['1', '2']],
      ['b', 'x y z'],
    ]);
  });

  it('refuses malformed escapes and too many fields', async () => {
    await expect(readForm(requestWith(['a=%zz']))).rejects.toMatchObject({ code: 'BAD_FORM' });
    const failed = readForm(requestWith(['a=1&b=2']), { parameters: 1 });
    await expect(failed).rejects.toMatchObject({ status: 400, code: 'INPUT_LIMIT' });
  });
});
