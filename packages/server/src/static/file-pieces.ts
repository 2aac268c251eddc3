import { constants, type BigIntStats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { HandlerError } from '../errors.ts';
import type { FoundFile } from './found-file.ts';

const PIECE_BYTES = 64 * 1024;
/** A pipe put in the place of the file must not hold the thread that opens it. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/**
 * A part of a file, opened when the first piece is asked for and closed with the last, or when nobody wants more. Throws when
 * it is not the file any more that the head of the answer was made for: the connection breaks then, and no client takes the
 * mixture for the file.
 */
export async function* filePieces(
  file: FoundFile,
  first = 0,
  end: number = file.sizeBytes,
): AsyncGenerator<Uint8Array, undefined> {
  if (first >= end) return;
  const handle = await open(file.path, FLAGS);
  try {
    await refuseOther(handle, file);
    for (let at = first; at < end;) {
      const wanted = Math.min(PIECE_BYTES, end - at);
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, at);
      if (bytesRead === 0) throw changed(file);
      at += bytesRead;
      if (at >= end) await refuseOther(handle, file);
      yield bytesRead === wanted ? buffer : buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** The whole of a small file, for the memory. */
export async function readWhole(file: FoundFile): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of filePieces(file)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function refuseOther(handle: FileHandle, file: FoundFile): Promise<void> {
  const now: BigIntStats = await handle.stat({ bigint: true });
  const isSame =
    now.ino === file.inode &&
    now.mtimeNs === file.modifiedNs &&
    now.size === BigInt(file.sizeBytes);
  if (!isSame) throw changed(file);
}

function changed(file: FoundFile): HandlerError {
  return new HandlerError('a file changed while it was sent', file.path);
}
