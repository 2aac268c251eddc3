import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { FilePart } from '../model/client-options.ts';
import { invalidBody } from './invalid-body.ts';

/** A file on disk that is opened when it is read, each time anew. */
export class DiskFile implements AsyncIterable<Uint8Array> {
  readonly path: string;
  readonly sizeBytes: number;

  constructor(path: string, sizeBytes: number) {
    this.path = path;
    this.sizeBytes = sizeBytes;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return createReadStream(this.path)[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }
}

/** What to call a file that is sent. */
export interface FileFromOptions {
  /** The last part of the path unless set; null for none. */
  readonly filename?: string | null;
  /** `application/octet-stream` unless set. */
  readonly type?: string;
}

/**
 * A file on disk as a part of a multipart body, streamed; its `content` is a body of its own too. The size is that of now:
 * a file that changes meanwhile ends the sending. Rejects with InvalidRequestError where there is no such file.
 */
export async function fileFrom(
  path: string,
  options: FileFromOptions = {},
): Promise<FilePart & { readonly content: DiskFile }> {
  let status: Awaited<ReturnType<typeof stat>>;
  try {
    status = await stat(path);
  } catch (error) {
    throw invalidBody(`${path} cannot be read`, 'Check the path', error);
  }
  if (!status.isFile()) throw invalidBody(`${path} is no file`, 'Check the path');
  const { filename = basename(path), type = 'application/octet-stream' } = options;
  return { content: new DiskFile(path, status.size), filename, type, length: status.size };
}
