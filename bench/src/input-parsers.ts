// What the parsers of the server's input cost, beside what Node and others have for the same.
//
//   npm run build && npx tsx bench/src/input-parsers.ts
import { Readable } from 'node:stream';
import { parse as parseByNode } from 'node:querystring';
import { Busboy } from '@fastify/busboy';
import { FieldMap } from '@needletail/wire';
import {
  compileInput,
  parseCookies,
  parseQuery,
  readJson,
  readMultipart,
  type BodyRequest,
  type InputSource,
} from '@needletail/server';
import { z } from 'zod';
import { runContest, type Contest } from './compare/contest.ts';

const PLAIN_QUERY = 'page=2&limit=50&sort=name&tag=a&tag=b&order=desc';
const ESCAPED_QUERY = 'q=caf%C3%A9+cr%C3%A8me&path=%2Fa%2Fb&page=2';

function query(text: string): Contest {
  return {
    parseQuery: () => () => parseQuery(text),
    'node:querystring': () => () => parseByNode(text),
    URLSearchParams: () => () => {
      const all: Record<string, string | string[]> = {};
      for (const [name, value] of new URLSearchParams(text)) {
        const seen = all[name];
        if (seen === undefined) all[name] = value;
        else all[name] = [...(typeof seen === 'string' ? [seen] : seen), value];
      }
      return all;
    },
  };
}

function requestWith(pieces: readonly Buffer[], type: string): BodyRequest {
  return {
    headers: new FieldMap(`Content-Type: ${type}\r\n`),
    body: {
      length: null,
      bytes: () => Promise.resolve(pieces[0]!),
      async *stream() {
        yield* pieces;
      },
    },
  };
}

const ITEMS = Array.from({ length: 40 }, (_, id) => ({ id, name: 'Ada Lovelace', isActive: true }));

function json(value: unknown): Contest {
  const bytes = Buffer.from(JSON.stringify(value));
  const request = requestWith([bytes], 'application/json');
  const fatal = new TextDecoder('utf-8', { fatal: true });
  return {
    readJson: () => () => readJson(request),
    'JSON.parse': () => async () => JSON.parse((await request.body.bytes()).toString()) as unknown,
    'TextDecoder, JSON.parse': () => async () =>
      JSON.parse(fatal.decode(await request.body.bytes())) as unknown,
  };
}

const QUERY_SCHEMA = z.object({ page: z.coerce.number(), sort: z.string() });

function validation(): Contest {
  const value = parseQuery(PLAIN_QUERY);
  const source: InputSource = {
    ...requestWith([], 'text/plain'),
    params: () => ({}),
    cookies: () => ({}),
    query: () => value,
  };
  const reader = compileInput({ query: QUERY_SCHEMA })!;
  return {
    compileInput: () => () => (reader.read(source) as { query: unknown }).query,
    'the schema alone': () => () => QUERY_SCHEMA.parse(value),
  };
}

const FILE_BYTES = 4 * 1024 * 1024;
const PIECE_BYTES = 64 * 1024;
const TYPE = 'multipart/form-data; boundary=needle';

function multipart(): Contest {
  const head = 'Content-Disposition: form-data; name="a"; filename="b"\r\n\r\n';
  const body = Buffer.concat([
    Buffer.from(`--needle\r\n${head}`),
    Buffer.alloc(FILE_BYTES, 'needle in a haystack\r\n'),
    Buffer.from('\r\n--needle--\r\n'),
  ]);
  const pieces = Array.from({ length: Math.ceil(body.length / PIECE_BYTES) }, (_, at) =>
    body.subarray(at * PIECE_BYTES, (at + 1) * PIECE_BYTES),
  );
  return {
    readMultipart: () => async () => {
      let bytes = 0;
      for await (const part of readMultipart(requestWith(pieces, TYPE))) {
        if (part.kind === 'file') for await (const piece of part.stream()) bytes += piece.length;
      }
      return bytes;
    },
    '@fastify/busboy': () => () =>
      new Promise<number>((resolve, reject) => {
        let bytes = 0;
        const busboy = new Busboy({ headers: { 'content-type': TYPE } });
        busboy.on('file', (_name, file) => {
          file.on('data', (piece: Buffer) => (bytes += piece.length));
        });
        busboy.on('finish', () => resolve(bytes));
        busboy.on('error', reject);
        Readable.from(pieces, { objectMode: false }).pipe(busboy);
      }),
  };
}

await runContest(import.meta.url, {
  'query, plain': query(PLAIN_QUERY),
  'query, escaped': query(ESCAPED_QUERY),
  cookies: { parseCookies: () => () => parseCookies('sid=abc123; theme=dark; lang="en"') },
  'JSON body, 60 B': json({ id: 1, name: 'Ada Lovelace', tags: ['a', 'b'], isActive: true }),
  'JSON body, 2 KB': json(ITEMS),
  'query by a schema': validation(),
  'file of 4 MiB in a form': multipart(),
});
