import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MultipartInput, PartInput } from '../model/client-options.ts';
import { HeaderList } from '../model/header-list.ts';
import { bytesOf } from '../send/exchange.fixture.ts';
import { DiskFile, fileFrom } from './disk-file.ts';
import { boundaryOf, multipartBody } from './multipart-body.ts';

async function* stream(...pieces: string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}

async function sent(input: MultipartInput, boundary = '+++'): Promise<string> {
  const body = multipartBody(input, boundary);
  const bytes = await bytesOf(body.open());
  if (body.length !== null) expect(bytes.length).toBe(body.length);
  if (body.whole !== null) expect(bytes.equals(body.whole as Uint8Array)).toBe(true);
  return bytes.toString();
}

interface ReadPart {
  readonly head: readonly string[];
  readonly content: Buffer;
}

/** A strict reader (RFC 2046 §5.1.1): throws at anything that is not exactly a list of parts. */
function readMultipart(bytes: Buffer, boundary: string): ReadPart[] {
  const parts: ReadPart[] = [];
  const take = (at: number, text: string): number => {
    if (bytes.toString('latin1', at, at + text.length) !== text)
      throw new Error(`no ${text} at ${at}`);
    return at + text.length;
  };
  let at = take(0, `--${boundary}`);
  while (bytes.toString('latin1', at, at + 2) !== '--') {
    at = take(at, '\r\n');
    const headEnd = bytes.indexOf('\r\n\r\n', at);
    const end = bytes.indexOf(`\r\n--${boundary}`, headEnd + 2);
    if (headEnd === -1 || end === -1) throw new Error('a part does not end');
    const head = bytes.toString('utf8', at, headEnd).split('\r\n');
    parts.push({ head, content: bytes.subarray(headEnd + 4, end) });
    at = take(end, `\r\n--${boundary}`);
  }
  if (take(at, '--\r\n') !== bytes.length) throw new Error('something follows the end');
  return parts;
}

function unescaped(name: string): string {
  return name
    .replaceAll(/%(..)/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll('\\\\', '\\');
}

describe('multipartBody()', () => {
  it('sends a file as `upload`, 138 bytes with its head', async () => {
    const file = { file: Buffer.from('<file content>') };
    expect(await sent(file)).toBe(
      '--+++\r\nContent-Disposition: form-data; name="file"; filename="upload"\r\n' +
        'Content-Type: application/octet-stream\r\n\r\n<file content>\r\n--+++--\r\n',
    );
    expect(multipartBody(file, '+++')).toMatchObject({
      length: 138,
      contentType: 'multipart/form-data; boundary=+++',
    });
  });

  it('sends text, numbers and booleans as fields, and repeats lists', async () => {
    expect(
      await sent({ text: 'abc', n: 1.5, yes: true, list: ['a', 'b'], none: [] }, 'BOUNDARY'),
    ).toBe(
      [
        ...[
          ['text', 'abc'],
          ['n', '1.5'],
          ['yes', 'true'],
          ['list', 'a'],
          ['list', 'b'],
        ].map(
          ([name, value]) =>
            `--BOUNDARY\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
        ),
        '--BOUNDARY--\r\n',
      ].join(''),
    );
    expect(await sent({})).toBe('--+++--\r\n');
  });

  it.each([
    ['a"b', 'a%22b'],
    ['a\r\nb', 'a%0D%0Ab'],
    ['a\0\x1b\x7fb', 'a%00%1B%7Fb'],
    ['a\\b', 'a\\\\b'],
    ['caf\u00e9', 'caf\u00e9'],
    ['%22', '%22'],
  ])('writes the name %j as %s', async (name, written) => {
    const input = [[name, { content: 'x', filename: name }]] as const;
    expect(await sent(input)).toContain(`name="${written}"; filename="${written}"\r\n`);
  });

  it.each<[string, PartInput, string]>([
    [
      'a Blob',
      new Blob(['x'], { type: 'text/x' }),
      '; filename="upload"\r\nContent-Type: text/x\r\n',
    ],
    [
      'a File',
      new File(['x'], 'n.txt'),
      '; filename="n.txt"\r\nContent-Type: application/octet-stream\r\n',
    ],
    [
      'a type',
      { content: 'x', filename: 'f', type: 'text/y' },
      '; filename="f"\r\nContent-Type: text/y\r\n',
    ],
    ['no filename', { content: 'x', filename: null }, '\r\n'],
    [
      'no filename and a type',
      { content: 'x', filename: null, type: 'application/json' },
      '\r\nContent-Type: application/json\r\n',
    ],
    [
      'headers',
      { content: 'x', headers: { 'X-A': 1 } },
      '; filename="upload"\r\nContent-Type: application/octet-stream\r\nX-A: 1\r\n',
    ],
    [
      'a type among headers',
      { content: 'x', type: 'a/b', headers: { 'content-type': 'c/d' } },
      '; filename="upload"\r\ncontent-type: c/d\r\n',
    ],
    [
      'a stream',
      { content: stream('x') },
      '; filename="upload"\r\nContent-Type: application/octet-stream\r\n',
    ],
  ])('writes the head of a part with %s', async (_name, part, head) => {
    expect(await sent({ file: part })).toBe(
      `--+++\r\nContent-Disposition: form-data; name="file"${head}\r\nx\r\n--+++--\r\n`,
    );
  });

  it('takes a FormData', async () => {
    const form = new FormData();
    form.append('a', '1');
    form.append('b', new Blob(['2'], { type: 'text/plain' }), 'b.txt');
    const parts = readMultipart(Buffer.from(await sent(form)), '+++');
    expect(parts.map(({ content }) => content.toString())).toEqual(['1', '2']);
    expect(parts[1]!.head).toEqual([
      'Content-Disposition: form-data; name="b"; filename="b.txt"',
      'Content-Type: text/plain',
    ]);
  });

  it('knows its length where that of each part is known', async () => {
    expect(multipartBody({ a: { content: stream('abc') } }, 'b').length).toBeNull();
    expect(await sent({ a: { content: stream('ab', 'c'), length: 3 } })).toContain(
      '\r\n\r\nabc\r\n',
    );
  });

  it.each([2, 4])(
    'ends the sending when a stream of 3 bytes was said to have %i',
    async (length) => {
      const body = multipartBody({ a: { content: stream('abc'), length } }, 'b');
      await expect(bytesOf(body.open())).rejects.toMatchObject({ code: 'INVALID_BODY' });
    },
  );

  it('can be sent again unless a part is a stream', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parts-'));
    try {
      writeFileSync(join(folder, 'f'), 'on disk');
      const file = await fileFrom(join(folder, 'f'), { type: 'text/plain' });
      expect(file.content).toBeInstanceOf(DiskFile);
      const again = multipartBody({ file, blob: new Blob(['b']), text: 't' }, 'b');
      expect(again.isReplayable).toBe(true);
      const first = await bytesOf(again.open());
      expect((await bytesOf(again.open())).equals(first)).toBe(true);
      expect(readMultipart(first, 'b').map(({ content }) => content.toString())).toEqual([
        'on disk',
        'b',
        't',
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
    const once = multipartBody({ a: { content: stream('x') } }, 'b');
    expect(once.isReplayable).toBe(false);
    await bytesOf(once.open());
    expect(() => once.open()).toThrow(expect.objectContaining({ code: 'BODY_CONSUMED' }));
  });

  it('is in memory where it is small', () => {
    expect(multipartBody({ a: 'x' }, 'b').whole).not.toBeNull();
    expect(multipartBody({ a: 'x'.repeat(100_000) }, 'b').whole).toBeNull();
  });

  it.each<[string, unknown]>([
    ['a part that is null', { a: null }],
    ['a part without content', { a: {} }],
    ['a name that is no string', [[1, 'a']]],
    ['a part that is no pair', ['ab']],
    ['a line end in a type', { a: { content: 'x', type: 'a\r\nX: y' } }],
    ['a line end in a header', { a: { content: 'x', headers: { 'X-A': 'a\nb' } } }],
    ['a line end in the name of a header', { a: { content: 'x', headers: { 'X\r\nA': 'a' } } }],
    ['a disposition of its own', { a: { content: 'x', headers: { 'content-disposition': 'a' } } }],
    ['a length that is none', { a: { content: stream('x'), length: -1 } }],
  ])('refuses %s', (_name, input) => {
    expect(() => multipartBody(input as MultipartInput, 'b')).toThrow(
      expect.objectContaining({ code: 'INVALID_BODY' }),
    );
  });

  it('is read back as it was meant by a strict reader', async () => {
    const name = fc.string({
      maxLength: 8,
      unit: fc.constantFrom('a', '"', '\\', '\r', '\n', '\0', 'é'),
    });
    const content = fc.uint8Array({ maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, content, fc.boolean())), async (parts) => {
        const input = parts.map(
          ([key, bytes, isBlob]) => [key, isBlob ? new Blob([bytes]) : bytes] as const,
        );
        const bytes = await bytesOf(multipartBody(input, 'f3d1').open());
        const read = readMultipart(bytes, 'f3d1');
        expect(read.map(({ content: found }) => [...found])).toEqual(
          parts.map(([, found]) => [...found]),
        );
        const names = read.map(({ head }) =>
          unescaped(/name="([^"]*)"; filename="upload"$/.exec(head[0]!)![1]!),
        );
        expect(names).toEqual(parts.map(([key]) => key));
      }),
      { numRuns: 60 },
    );
  });
});

describe('boundaryOf()', () => {
  it('makes a new one each time', () => {
    const first = boundaryOf(new HeaderList());
    expect(first).toMatch(/^needletail-[0-9a-f]{32}$/);
    expect(boundaryOf(new HeaderList())).not.toBe(first);
  });

  it.each([
    ['multipart/form-data; boundary=+++', '+++'],
    ['multipart/form-data; charset=utf-8; boundary="a b:c"', 'a b:c'],
    ['multipart/form-data;boundary=x;a=b', 'x'],
  ])('takes that of %j', (type, boundary) => {
    expect(boundaryOf(new HeaderList({ 'Content-Type': type }))).toBe(boundary);
  });

  it.each([
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'a; boundary="x "',
    'a; boundary="\u00e9"',
    `a; boundary=${'x'.repeat(71)}`,
  ])('refuses %j', (type) => {
    expect(() => boundaryOf(new HeaderList({ 'Content-Type': type }))).toThrow(
      expect.objectContaining({ code: 'INVALID_HEADER' }),
    );
  });
});
