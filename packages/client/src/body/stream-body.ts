import { BodyStateError } from '../errors.ts';
import { DiskFile } from './disk-file.ts';
import { invalidBody } from './invalid-body.ts';
import type { RequestBody } from './request-body.ts';

/** What can be pulled: web and Node streams, generators, arrays of pieces. */
export type PieceSource = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

/** A body whose end only its source knows, sent in chunks. Once only, but for an array and a file. */
export function streamBody(source: PieceSource): RequestBody {
  const isArray = Array.isArray(source);
  const isReplayable = isArray || source instanceof DiskFile;
  let length: number | null = null;
  if (source instanceof DiskFile) length = source.sizeBytes;
  else if (isArray) length = lengthOf(source as readonly unknown[]);
  let isTaken = false;
  return {
    length,
    contentType: null,
    whole: null,
    isReplayable,
    open() {
      if (isTaken && !isReplayable) throw bodyTaken('it is a stream, and was read before');
      isTaken = true;
      return piecesOf(source);
    },
  };
}

/** A Blob, read anew each time. */
export function blobBody(blob: Blob): RequestBody {
  return {
    length: blob.size,
    contentType: blob.type === '' ? null : blob.type,
    whole: null,
    isReplayable: true,
    open: () => blob.stream(),
  };
}

/** Each piece as bytes; throws InvalidRequestError at one that is something else. */
export async function* piecesOf(source: PieceSource): AsyncGenerator<Uint8Array, undefined> {
  for await (const piece of source) yield bytesOf(piece);
}

function bytesOf(piece: unknown): Uint8Array {
  if (typeof piece === 'string') return Buffer.from(piece);
  if (piece instanceof Uint8Array) return piece;
  throw invalidBody(
    `a piece of it is ${piece === null ? 'null' : typeof piece}, not bytes or a string`,
    'Yield a Uint8Array or a string each time',
  );
}

function lengthOf(pieces: readonly unknown[]): number {
  let length = 0;
  for (const piece of pieces) {
    length += typeof piece === 'string' ? Buffer.byteLength(piece) : bytesOf(piece).length;
  }
  return length;
}

/** For whoever sends a body a second time that can be read once. */
export function bodyTaken(reason: string): BodyStateError {
  return new BodyStateError({
    code: 'BODY_CONSUMED',
    phase: 'send',
    problem: 'Body cannot be sent again',
    reason,
    remedy: 'Give it as a string, bytes, a Blob or a file',
  });
}
