import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { RequestOptions } from '../model/client-options.ts';
import { HeaderList } from '../model/header-list.ts';
import { bytesOf } from '../send/exchange.fixture.ts';
import { fileFrom } from './disk-file.ts';
import { makeBody } from './make-body.ts';
import type { RequestBody } from './request-body.ts';

function made(options: RequestOptions): RequestBody {
  return makeBody(options, new HeaderList())!;
}

async function textOf(body: RequestBody): Promise<string> {
  return (await bytesOf(body.open())).toString();
}

async function* generated(...pieces: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* pieces;
}

describe('makeBody()', () => {
  it('makes none of nothing', () => {
    expect(makeBody({}, new HeaderList())).toBeNull();
    expect(makeBody({ json: undefined, headers: {} }, new HeaderList())).toBeNull();
  });

  it('serialises JSON', async () => {
    const body = made({ json: { Hello: 'world!' } });
    expect(body).toMatchObject({ length: 18, contentType: 'application/json', isReplayable: true });
    expect(body.whole).toBe('{"Hello":"world!"}');
    expect(await textOf(body)).toBe('{"Hello":"world!"}');
    expect(made({ json: null }).whole).toBe('null');
    expect(made({ json: '\u00e9' })).toMatchObject({ whole: '"\u00e9"', length: 4 });
  });

  it.each([
    [
      'a cycle',
      (() => {
        const a: unknown[] = [];
        a.push(a);
        return a;
      })(),
    ],
    ['a bigint', { id: 1n }],
    ['a function', () => {}],
    [
      'what its toJSON throws',
      {
        toJSON() {
          throw new Error('no');
        },
      },
    ],
  ])('refuses %s as JSON', (_name, json) => {
    expect(() => made({ json })).toThrow(
      expect.objectContaining({ name: 'InvalidRequestError', code: 'INVALID_BODY' }),
    );
  });

  it('encodes forms', () => {
    const body = made({
      form: { example: ['a', 1, true], space: 'a b', none: undefined, empty: null },
    });
    expect(body.whole).toBe('example=a&example=1&example=true&space=a+b&empty=');
    expect(body.contentType).toBe('application/x-www-form-urlencoded');
    expect(made({ form: '?a=1#b' }).whole).toBe('?a=1#b');
  });

  it('sends text and bytes as they are', async () => {
    expect(made({ body: 'h\u00e9' })).toMatchObject({
      whole: 'h\u00e9',
      length: 3,
      contentType: null,
    });
    expect(made({ body: '' })).toMatchObject({ length: 0 });
    expect(await textOf(made({ body: '' }))).toBe('');
    const bytes = new Uint8Array([104, 105]);
    expect(made({ body: bytes }).whole).toBe(bytes);
    expect(await textOf(made({ body: bytes.buffer }))).toBe('hi');
    expect(
      await textOf(made({ body: new DataView(bytes.buffer, 1) as unknown as Uint8Array })),
    ).toBe('i');
  });

  it('sends a Blob with its type and length, as often as wanted', async () => {
    const body = made({ body: new Blob(['hello'], { type: 'text/plain' }) });
    expect(body).toMatchObject({
      length: 5,
      contentType: 'text/plain',
      whole: null,
      isReplayable: true,
    });
    expect([await textOf(body), await textOf(body)]).toEqual(['hello', 'hello']);
  });

  it.each([
    ['an asynchronous generator', () => generated('a', Buffer.from('b'))],
    ['a generator', () => generated('a', 'b')],
    ['a Node stream', () => Readable.from([Buffer.from('a'), Buffer.from('b')])],
    ['a web stream', () => new Blob(['ab']).stream()],
  ])('sends %s once, its length unknown', async (_name, make) => {
    const body = made({ body: make() as AsyncIterable<Uint8Array> });
    expect(body).toMatchObject({ length: null, whole: null, isReplayable: false });
    expect(await textOf(body)).toBe('ab');
    expect(() => body.open()).toThrow(
      expect.objectContaining({ name: 'BodyStateError', code: 'BODY_CONSUMED' }),
    );
  });

  it('sends an array of pieces as often as wanted', async () => {
    const body = made({ body: ['\u00e9', new Uint8Array([98])] });
    expect(body).toMatchObject({ length: 3, isReplayable: true });
    expect([await textOf(body), await textOf(body)]).toEqual(['\u00e9b', '\u00e9b']);
  });

  it('sends a file from disk with its length', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'body-'));
    try {
      const path = join(folder, 'a.txt');
      writeFileSync(path, 'on disk');
      const part = await fileFrom(path);
      expect(part).toMatchObject({ filename: 'a.txt', length: 7 });
      const body = made({ body: part.content });
      expect(body).toMatchObject({ length: 7, isReplayable: true });
      expect([await textOf(body), await textOf(body)]).toEqual(['on disk', 'on disk']);
      await expect(fileFrom(folder)).rejects.toMatchObject({ code: 'INVALID_BODY' });
      await expect(fileFrom(join(folder, 'none'))).rejects.toMatchObject({ code: 'INVALID_BODY' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('rejects while sending when a piece is neither bytes nor text', async () => {
    const body = made({ body: generated('a', 7 as unknown as string) });
    await expect(textOf(body)).rejects.toMatchObject({ code: 'INVALID_BODY' });
    expect(() => made({ body: [null as unknown as string] })).toThrow(
      expect.objectContaining({ code: 'INVALID_BODY' }),
    );
  });

  it.each([
    [{ json: 1, body: 'a' }],
    [{ form: {}, multipart: {} }],
    [{ body: { a: 1 } }],
    [{ body: 7 }],
    [{ body: null }],
    [{ body: new URLSearchParams() }],
    [{ body: new FormData() }],
    [{ multipart: 'a' }],
  ])('refuses %j', (options) => {
    expect(() => made(options as RequestOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_BODY' }),
    );
  });
});
