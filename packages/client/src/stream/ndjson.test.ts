import { describe, expect, it } from 'vitest';
import { DecodingError } from '../errors.ts';
import { ndjson, type NdjsonOptions } from './ndjson.ts';

async function* chunksOf(chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk as string);
}

async function read(
  chunks: readonly (string | Uint8Array)[],
  options?: NdjsonOptions,
): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const value of ndjson(chunksOf(chunks), options)) values.push(value);
  return values;
}

describe('ndjson', () => {
  const text = '{"a":"é€😀"}\n\n  \r\n[1,2]\r\n"three"\n4';

  it('reads one value a line, however the bytes come', async () => {
    const values = [{ a: 'é€😀' }, [1, 2], 'three', 4];
    expect(await read([text])).toEqual(values);
    const bytes = Buffer.from(text);
    expect(await read([...bytes].map((byte) => Buffer.of(byte)))).toEqual(values);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      expect(await read([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(values);
    }
  });

  it.each([[[]], [['\n', '\r\n']]])('reads nothing in %j', async (chunks) => {
    expect(await read(chunks)).toEqual([]);
  });

  it('takes a byte order mark at the start only', async () => {
    expect(await read(['\ufeff1\n2\n'])).toEqual([1, 2]);
    await expect(read(['1\n\ufeff2\n'])).rejects.toMatchObject({ code: 'INVALID_JSON' });
  });

  it('yields what came before a line it does not understand, and tells its number', async () => {
    const values: unknown[] = [];
    const reading = (async () => {
      for await (const value of ndjson(chunksOf(['1\n\n2\n{oops}\n5\n']))) values.push(value);
    })();
    await expect(reading).rejects.toBeInstanceOf(DecodingError);
    await expect(reading).rejects.toThrow(/line 4 is no JSON: "\{oops\}"/);
    expect(values).toEqual([1, 2]);
  });

  it('refuses what is not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('1\n"'), Buffer.of(0xff), Buffer.from('"\n')]);
    await expect(read([bytes])).rejects.toMatchObject({
      code: 'INVALID_TEXT',
      message: expect.stringContaining('line 2') as string,
    });
  });

  it.each([[['1\n"', 'x'.repeat(20), 'x'.repeat(20), '"\n']], [[`1\n"${'x'.repeat(40)}"\n`]]])(
    'gives up at a line that is too long',
    async (chunks) => {
      await expect(read(chunks, { maxLineBytes: 32 })).rejects.toMatchObject({
        code: 'LINE_TOO_LONG',
        message: expect.stringContaining('line 2') as string,
      });
    },
  );

  it('ends the body when it is left', async () => {
    let isClosed = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.from('1\n');
      } finally {
        isClosed = true;
      }
    }
    for await (const value of ndjson(endless())) {
      expect(value).toBe(1);
      break;
    }
    expect(isClosed).toBe(true);
  });
});
