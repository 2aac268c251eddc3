import { randomBytes } from 'node:crypto';
import { InvalidRequestError } from '../errors.ts';
import type { MultipartInput, PartInput } from '../model/client-options.ts';
import type { HeaderList } from '../model/header-list.ts';
import { DiskFile } from './disk-file.ts';
import { invalidBody } from './invalid-body.ts';
import { makePart, type MultipartPart } from './multipart-part.ts';
import type { RequestBody } from './request-body.ts';
import { bodyTaken } from './stream-body.ts';

/** Parts in memory are joined up to here, so that head and body can leave in one write. */
const JOINED_BYTES = 65_536;

/**
 * `multipart/form-data` (RFC 7578) from parts in order. Text becomes fields; Blobs, bytes and streams become files, which
 * are read when they are sent. Its length is known where that of each part is.
 */
export function multipartBody(input: MultipartInput, boundary: string): RequestBody {
  const parts = partsOf(input);
  const length = lengthOf(parts, boundary);
  const contentType = `multipart/form-data; boundary=${boundary}`;
  const pieces: Uint8Array[] = [];
  const isInMemory = parts.every(({ content }) => content instanceof Uint8Array);
  if (isInMemory && length !== null && length <= JOINED_BYTES) {
    for (const { head, content } of parts) {
      pieces.push(opening(boundary), head, content as Uint8Array, LINE_END);
    }
  }
  const whole = pieces.length === 0 ? null : Buffer.concat([...pieces, closing(boundary)]);
  const isReplayable = parts.every(({ content }) => isRereadable(content));
  let isTaken = false;
  return {
    length,
    contentType,
    whole,
    isReplayable,
    open() {
      if (isTaken && !isReplayable)
        throw bodyTaken('a part of it is a stream, and was read before');
      isTaken = true;
      return bytesOf(parts, boundary);
    },
  };
}

/** The boundary that a Content-Type of the request names, or a new one; throws InvalidRequestError for no boundary. */
export function boundaryOf(headers: HeaderList): string {
  const type = headers.get('content-type');
  if (type === null) return `needletail-${randomBytes(16).toString('hex')}`;
  const found = /;[ \t]*boundary=(?:"([^"]+)"|([^\s";,]+))/i.exec(type);
  const boundary = found?.[1] ?? found?.[2] ?? '';
  // RFC 2046 §5.1.1.
  if (/^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/.test(boundary)) return boundary;
  throw new InvalidRequestError({
    code: 'INVALID_HEADER',
    phase: 'build',
    problem: 'Body cannot be sent',
    reason: `its Content-Type ${JSON.stringify(type)} names no usable boundary`,
    remedy: 'Leave Content-Type out, and it is written with one',
  });
}

const LINE_END = Buffer.from('\r\n');

function opening(boundary: string): Buffer {
  return Buffer.from(`--${boundary}\r\n`);
}

function closing(boundary: string): Buffer {
  return Buffer.from(`--${boundary}--\r\n`);
}

function partsOf(input: MultipartInput): MultipartPart[] {
  const given: unknown = input;
  if (typeof given !== 'object' || given === null) {
    throw invalidBody(`multipart is ${typeof given}`, 'Give an object, pairs or a FormData');
  }
  if (Symbol.iterator in input) {
    return [...(input as Iterable<readonly [string, PartInput]>)].map((pair: unknown) => {
      if (!Array.isArray(pair))
        throw invalidBody('a part is no pair', 'Give [name, content] pairs');
      return makePart(pair[0], pair[1] as PartInput);
    });
  }
  return Object.entries(input).flatMap(([name, value]) =>
    Array.isArray(value)
      ? (value as readonly PartInput[]).map((member) => makePart(name, member))
      : [makePart(name, value as PartInput)],
  );
}

function lengthOf(parts: readonly MultipartPart[], boundary: string): number | null {
  let length = closing(boundary).length;
  for (const { head, sizeBytes } of parts) {
    if (sizeBytes === null) return null;
    length += opening(boundary).length + head.length + sizeBytes + LINE_END.length;
  }
  return length;
}

async function* bytesOf(
  parts: readonly MultipartPart[],
  boundary: string,
): AsyncGenerator<Uint8Array, undefined> {
  for (const { head, content, sizeBytes } of parts) {
    yield Buffer.concat([opening(boundary), head]);
    if (content instanceof Uint8Array) yield content;
    else yield* counted(content instanceof Blob ? content.stream() : content, sizeBytes);
    yield LINE_END;
  }
  yield closing(boundary);
}

/** Ends the sending when a part is not as long as was announced: the next one would be taken for its end. */
async function* counted(
  content: AsyncIterable<Uint8Array>,
  sizeBytes: number | null,
): AsyncGenerator<Uint8Array, undefined> {
  let read = 0;
  for await (const piece of content) {
    read += piece.length;
    if (sizeBytes !== null && read > sizeBytes) break;
    yield piece;
  }
  if (sizeBytes === null || read === sizeBytes) return;
  throw invalidBody(
    `a part is ${read > sizeBytes ? 'longer' : 'shorter'} than the ${sizeBytes} bytes it was said to have`,
    'Send files that do not change meanwhile, or leave length out',
  );
}

function isRereadable(content: MultipartPart['content']): boolean {
  return content instanceof Uint8Array || content instanceof Blob || content instanceof DiskFile;
}
