import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gzipSync } from 'node:zlib';
import { FORM_FIELDS, field, file, formBody, partsOf } from './multipart-form.fixture.ts';
import { requestWith } from './memory-request.fixture.ts';
import { readMultipart, type MultipartReader } from './read-multipart.ts';

function formOf(...pieces: (string | Uint8Array)[]): MultipartReader {
  return readMultipart(requestWith(pieces, FORM_FIELDS));
}

const BODY = formBody(
  field('title', 'Zoë 😀'),
  file('photo', 'a.png', '\r\n--needl\r\n\r'),
  field('empty', ''),
  file('photo', 'b.png', Buffer.from([0, 0x0d, 0x0a, 0x2d, 0x2d, 0xff])),
);
const PARTS = [
  ['title', 'Zoë 😀'],
  ['photo', 'a.png', '\r\n--needl\r\n\r'],
  ['empty', ''],
  ['photo', 'b.png', '\0\r\n--ÿ'],
];

describe('readMultipart', () => {
  it('gives the parts in order, wherever the body was split', async () => {
    for (let at = 0; at <= BODY.length; at += 1) {
      const form = formOf(BODY.subarray(0, at), BODY.subarray(at));
      expect(await partsOf(form)).toEqual(PARTS);
    }
  });

  it('gives the parts of a body that comes byte by byte', async () => {
    const bytes = [...BODY].map((byte) => Buffer.from([byte]));
    expect(await partsOf(formOf(...bytes))).toEqual(PARTS);
  });

  it('takes what stands before the first boundary and behind the last one for nothing', async () => {
    expect(await partsOf(formOf('preamble\r\n--needl\r\n', BODY, 'epilogue --needle'))).toEqual(
      PARTS,
    );
  });

  it('takes spaces behind a boundary, and a form without parts', async () => {
    const text = formBody(field('a', '1')).toString().replace('needle\r\n', 'needle \t\r\n');
    expect(await partsOf(formOf(text))).toEqual([['a', '1']]);
    expect(await partsOf(formOf('--needle--'))).toEqual([]);
  });

  it('takes a part whose content is left out with its line end', async () => {
    const text = '--needle\r\nContent-Disposition: form-data; name=a\r\n\r\n--needle--';
    for (let at = 0; at <= text.length; at += 1) {
      expect(await partsOf(formOf(text.slice(0, at), text.slice(at)))).toEqual([['a', '']]);
    }
  });

  it('takes a boundary of every character there may be, in quotes', async () => {
    const boundary = "0aZ'()+_,-./:=? x";
    const fields = { 'Content-Type': `Multipart/Form-Data; Boundary="${boundary}"` };
    const body = formBody(field('a', '1')).toString().replaceAll('needle', boundary);
    expect(await partsOf(readMultipart(requestWith([body], fields)))).toEqual([['a', '1']]);
  });

  it('drops a file that nobody reads', async () => {
    const seen: string[] = [];
    for await (const part of formOf(BODY)) seen.push(part.name);
    expect(seen).toEqual(['title', 'photo', 'empty', 'photo']);
  });

  it('goes on behind a file of which only the beginning was read', async () => {
    const seen: string[] = [];
    const body = formBody(file('a', 'x', 'y'.repeat(1000)), field('b', '2'));
    for await (const part of formOf(body.subarray(0, 300), body.subarray(300))) {
      seen.push(part.name);
      if (part.kind === 'field') continue;
      for await (const piece of part.stream()) {
        expect(piece.length).toBeGreaterThan(0);
        break;
      }
    }
    expect(seen).toEqual(['a', 'b']);
  });

  it('gives a content once, and not after the next part was asked for', async () => {
    const kept: (() => AsyncIterable<Buffer>)[] = [];
    for await (const part of formOf(formBody(file('a', 'x', '1'), file('b', 'y', '2')))) {
      if (part.kind !== 'file') continue;
      kept.push(() => part.stream());
      if (part.name === 'b') await part.bytes();
      if (part.name === 'b')
        await expect(part.bytes()).rejects.toMatchObject({ code: 'PART_GONE' });
    }
    expect(() => kept[0]!()).toThrow(/Part not read: .* \(part "a"\)/);
  });

  it('fails a content that is read on after the next part was asked for', async () => {
    const body = formBody(file('a', 'x', '1'.repeat(100)), field('b', '2'));
    const parts = formOf(body)[Symbol.asyncIterator]();
    const { value } = await parts.next();
    const content = (value as { stream(): AsyncIterable<Buffer> }).stream();
    await parts.next();
    await expect(content[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'PART_GONE',
    });
  });

  it('decodes a field by its own charset', async () => {
    const head = [
      'Content-Disposition: form-data; name=a',
      'content-type: text/plain; charset=latin1',
    ];
    const body = formBody({ head, content: Buffer.from('é', 'latin1') });
    expect(await partsOf(formOf(body))).toEqual([['a', 'é']]);
  });

  it('reads a form with a content coding where that is asked for', async () => {
    const fields = { ...FORM_FIELDS, 'Content-Encoding': 'gzip' };
    const coded = (): ReturnType<typeof requestWith> => requestWith([gzipSync(BODY)], fields);
    expect(await partsOf(readMultipart(coded(), { contentCodings: true }))).toEqual(PARTS);
    await expect(partsOf(readMultipart(coded()))).rejects.toMatchObject({ status: 415 });
  });

  it('reads once', async () => {
    const form = formOf(BODY);
    await partsOf(form);
    await expect(partsOf(form)).rejects.toMatchObject({ code: 'BODY_USED' });
  });

  it('reads what a browser writes', async () => {
    const chosen = fc.constantFrom('a', 'é', '😀', '"', '\\', '-', '\r\n', ' ', ';', '=');
    const text = fc.string({ unit: chosen, maxLength: 10 });
    const bytes = fc.uint8Array({ maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(text, fc.option(text), bytes), { maxLength: 6 }),
        fc.nat(),
        async (sent, split) => {
          const data = new FormData();
          for (const [name, filename, content] of sent) {
            if (filename === null) data.append(name, Buffer.from(content).toString('hex'));
            else data.append(name, new Blob([content]), `${filename}.bin`);
          }
          const written = new Response(data);
          const body = Buffer.from(await written.arrayBuffer());
          const at = body.length === 0 ? 0 : split % body.length;
          const fields = { 'Content-Type': written.headers.get('content-type')! };
          const pieces = [body.subarray(0, at), body.subarray(at)];
          const parts = await partsOf(readMultipart(requestWith(pieces, fields)));
          expect(parts.map((part) => part.at(-1))).toEqual(
            sent.map(([, filename, content]) =>
              Buffer.from(content).toString(filename === null ? 'hex' : 'latin1'),
            ),
          );
          const names = sent.map(([name]) => name.replaceAll('\r\n', '%0D%0A'));
          expect(parts.map(([name]) => name)).toEqual(names);
        },
      ),
    );
  });
});

describe('readMultipart, collected', () => {
  it('gives text and standard files by name, all of a repeated name', async () => {
    const values = await formOf(BODY, '').collect();
    expect(Object.keys(values)).toEqual(['title', 'photo', 'empty']);
    expect(values['title']).toBe('Zoë 😀');
    const photos = values['photo'] as File[];
    expect(photos.map(({ name, size, type }) => [name, size, type])).toEqual([
      ['a.png', 12, 'application/octet-stream'],
      ['b.png', 6, 'application/octet-stream'],
    ]);
    expect(Buffer.from(await photos[1]!.arrayBuffer()).toString('latin1')).toBe('\0\r\n--ÿ');
  });

  it('leaves out file inputs in which nothing was chosen', async () => {
    const values = await formOf(formBody(file('a', '', ''), file('b', '', 'x'))).collect();
    expect(Object.keys(values)).toEqual(['b']);
  });

  it('takes names of prototypes for names like others', async () => {
    const values = await formOf(
      formBody(field('__proto__', '1'), field('constructor', '2')),
    ).collect();
    expect(Object.keys(values)).toEqual(['__proto__', 'constructor']);
    expect(values['toString']).toBeUndefined();
  });
});
