import { EncodeError, encodeFields, type FieldValue } from '@needletail/wire';
import type { FilePart, PartInput } from '../model/client-options.ts';
import { DiskFile } from './disk-file.ts';
import { invalidBody } from './invalid-body.ts';
import { piecesOf } from './stream-body.ts';

/** One part of a multipart body: its head ready to be sent, its content in memory or to be pulled. */
export interface MultipartPart {
  /** Field lines and the empty line behind them. */
  readonly head: Buffer;
  readonly content: Uint8Array | Blob | AsyncIterable<Uint8Array>;
  /** Null where only the end will tell. */
  readonly sizeBytes: number | null;
}

const OCTETS = 'application/octet-stream';

/** Text becomes a field, everything else a file. Throws InvalidRequestError. */
export function makePart(name: unknown, input: PartInput): MultipartPart {
  if (typeof name !== 'string') {
    throw invalidBody(`the name of a part is ${typeof name}`, 'Give names as strings');
  }
  switch (typeof input) {
    case 'string':
    case 'number':
    case 'boolean':
      return partOf(name, Buffer.from(`${input}`), null, null, undefined);
    case 'object':
      if (input !== null) return filePart(name, input);
  }
  throw unsendable(name, input);
}

function filePart(name: string, input: Blob | Uint8Array | FilePart): MultipartPart {
  if (input instanceof Uint8Array) return partOf(name, input, 'upload', OCTETS, undefined);
  if (input instanceof Blob)
    return partOf(name, input, nameOf(input), input.type || OCTETS, undefined);
  const { content, type, headers } = input;
  const known = content instanceof Blob ? nameOf(content) : 'upload';
  const filename = input.filename === undefined ? known : input.filename;
  const usual = (content instanceof Blob && content.type) || OCTETS;
  return partOf(
    name,
    contentOf(name, content),
    filename,
    type ?? (filename === null ? null : usual),
    headers,
    input.length,
  );
}

function partOf(
  name: string,
  content: MultipartPart['content'],
  filename: string | null,
  type: string | null,
  headers: Readonly<Record<string, FieldValue>> | undefined,
  length?: number,
): MultipartPart {
  const file = filename === null ? '' : `; filename="${escapeName(filename)}"`;
  const disposition = `Content-Disposition: form-data; name="${escapeName(name)}"${file}\r\n`;
  const lines = linesOf(name, type, headers);
  return {
    head: Buffer.from(`${disposition}${lines}\r\n`),
    content,
    sizeBytes: sizeOf(name, content, length),
  };
}

/** A Content-Type among `headers` wins. */
function linesOf(
  name: string,
  type: string | null,
  headers: Readonly<Record<string, FieldValue>> = {},
): string {
  const fields = Object.entries(headers);
  const names = new Set(fields.map(([field]) => field.toLowerCase()));
  if (names.has('content-disposition')) {
    throw invalidBody(
      `the headers of part ${JSON.stringify(name)} hold Content-Disposition`,
      'Use its name and filename',
    );
  }
  if (type !== null && !names.has('content-type')) fields.unshift(['Content-Type', type]);
  try {
    return encodeFields(fields);
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
    throw invalidBody(
      `a header of part ${JSON.stringify(name)} cannot be sent`,
      'Remove line ends and control characters from it; see the cause',
      error,
    );
  }
}

/** As browsers and other clients write it: quotes and controls as percent signs, a backslash doubled, the rest UTF-8. */
function escapeName(name: string): string {
  return name
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '%22')
    .replaceAll(
      // oxlint-disable-next-line no-control-regex
      /[\0-\x1f\x7f]/g,
      (found) => `%${found.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    );
}

function nameOf(blob: Blob): string {
  const name: unknown = 'name' in blob ? blob.name : undefined;
  return typeof name === 'string' ? name : 'upload';
}

function contentOf(name: string, content: FilePart['content']): MultipartPart['content'] {
  if (typeof content === 'string') return Buffer.from(content);
  if (content instanceof Uint8Array || content instanceof Blob) return content;
  if (content instanceof DiskFile) return content;
  if (typeof content === 'object' && content !== null && Symbol.asyncIterator in content) {
    return piecesOf(content);
  }
  throw unsendable(name, content);
}

function sizeOf(
  name: string,
  content: MultipartPart['content'],
  length: number | undefined,
): number | null {
  let size = length ?? null;
  if (content instanceof Uint8Array) size = content.length;
  else if (content instanceof Blob) size = content.size;
  else if (content instanceof DiskFile) size = content.sizeBytes;
  if (size === null || (Number.isSafeInteger(size) && size >= 0)) return size;
  throw invalidBody(`the length of part ${JSON.stringify(name)} is ${size}`, 'Give it in bytes');
}

function unsendable(name: string, input: unknown): Error {
  return invalidBody(
    `part ${JSON.stringify(name)} is ${input === null ? 'null' : typeof input} without content`,
    'Give a string, number, boolean, bytes, a Blob or { content, filename, type }',
  );
}
