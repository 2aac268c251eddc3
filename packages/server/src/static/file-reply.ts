import { randomUUID } from 'node:crypto';
import type { AnyContext } from '../app/middleware.ts';
import { problem } from '../app/http-error.ts';
import { httpDate } from '../conditional/http-date.ts';
import { ifRangeHolds, judgePreconditions } from '../conditional/preconditions.ts';
import { empty, Reply, type ReplyBody } from '../reply/reply.ts';
import { parseRanges, type ByteRange } from './byte-ranges.ts';
import { filePieces } from './file-pieces.ts';
import type { FoundFile } from './found-file.ts';

export type EtagKind = 'strong' | 'weak' | false;

export interface FileRepresentation {
  readonly file: FoundFile;
  readonly type: string;
  readonly etag: EtagKind;
  /** `br`, `gzip`, `zstd`: how the bytes of `file` are coded; null for not at all. */
  readonly coding: string | null;
  /** Fields that go with it, in 200, 206 and 304 alike. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Content, where it is in memory. */
  readonly bytes: Uint8Array | null;
}

type Pairs = (readonly [name: string, value: string])[];

/** A file changed this shortly ago may change again with the same time. */
const SETTLED_MS = 2000;

/** What a request for a file is answered with: 200, 206, 304, 412 or 416 (RFC 9110 §13.2.2, §14). */
export function fileReply(c: AnyContext, what: FileRepresentation, nowMs: number): Reply {
  const { file } = what;
  const etag = etagOf(what, nowMs);
  const known = { etag, modifiedMs: file.modifiedMs };
  const { headers } = c.request;
  const fields: Pairs = [...what.fields, ['Last-Modified', httpDate(file.modifiedMs)]];
  if (etag !== null) fields.push(['ETag', etag]);
  const verdict = judgePreconditions(c.method, headers, known);
  if (verdict === 'failed') return problem(412);
  if (verdict === 'not-modified') return empty({ status: 304, headers: fields });
  fields.push(['Accept-Ranges', 'bytes']);
  if (what.coding !== null) fields.push(['Content-Encoding', what.coding]);
  const range = c.method === 'GET' ? headers.get('range') : null;
  if (range !== null && ifRangeHolds(headers.get('if-range'), known, nowMs)) {
    const ranges = parseRanges(range, file.sizeBytes);
    if (ranges === 'none') return unsatisfiable(file);
    if (ranges !== 'whole') return partReply(what, fields, ranges);
  }
  return new Reply(bodyOf(what, 0, file.sizeBytes), { headers: fields, type: what.type });
}

function unsatisfiable({ sizeBytes }: FoundFile): Reply {
  return problem(416, null, { headers: { 'Content-Range': `bytes */${sizeBytes}` } });
}

function partReply(what: FileRepresentation, fields: Pairs, ranges: readonly ByteRange[]): Reply {
  const { sizeBytes } = what.file;
  if (ranges.length > 1) return partsReply(what, fields, ranges);
  const { first, last } = ranges[0]!;
  const headers: Pairs = [...fields, ['Content-Range', `bytes ${first}-${last}/${sizeBytes}`]];
  return new Reply(bodyOf(what, first, last + 1), { status: 206, headers, type: what.type });
}

/** multipart/byteranges (RFC 9110 §14.6), with a length. */
function partsReply(what: FileRepresentation, fields: Pairs, ranges: readonly ByteRange[]): Reply {
  const boundary = randomUUID();
  const heads = ranges.map(
    ({ first, last }) =>
      `\r\n--${boundary}\r\nContent-Type: ${what.type}\r\n` +
      `Content-Range: bytes ${first}-${last}/${what.file.sizeBytes}\r\n\r\n`,
  );
  const tail = `\r\n--${boundary}--\r\n`;
  let length = Buffer.byteLength(tail);
  for (const head of heads) length += Buffer.byteLength(head);
  for (const { first, last } of ranges) length += last + 1 - first;
  const type = `multipart/byteranges; boundary=${boundary}`;
  const pieces = parts(what, ranges, heads, tail);
  return new Reply({ kind: 'pieces', pieces, length }, { status: 206, headers: fields, type });
}

async function* parts(
  what: FileRepresentation,
  ranges: readonly ByteRange[],
  heads: readonly string[],
  tail: string,
): AsyncGenerator<Uint8Array | string, undefined> {
  for (const [at, { first, last }] of ranges.entries()) {
    yield heads[at]!;
    if (what.bytes === null) yield* filePieces(what.file, first, last + 1);
    else yield what.bytes.subarray(first, last + 1);
  }
  yield tail;
}

function bodyOf({ file, bytes }: FileRepresentation, first: number, end: number): ReplyBody {
  if (bytes !== null) return { kind: 'whole', data: bytes.subarray(first, end) };
  return { kind: 'pieces', pieces: filePieces(file, first, end), length: end - first };
}

/** Each coding is a representation of its own, and has a tag of its own (RFC 9110 §8.8.3.3). */
function etagOf({ file, etag, coding }: FileRepresentation, nowMs: number): string | null {
  if (etag === false) return null;
  const { sizeBytes, modifiedMs, modifiedNs } = file;
  const suffix = coding === null ? '' : `-${coding}`;
  const tag = `"${sizeBytes.toString(36)}-${modifiedNs.toString(36)}${suffix}"`;
  return etag === 'strong' && nowMs - modifiedMs >= SETTLED_MS ? tag : `W/${tag}`;
}
