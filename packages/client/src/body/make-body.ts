import type { BodyInput, RequestOptions } from '../model/client-options.ts';
import type { HeaderList } from '../model/header-list.ts';
import { encodeParams } from '../model/params.ts';
import { invalidBody } from './invalid-body.ts';
import { jsonBody } from './json-body.ts';
import { boundaryOf, multipartBody } from './multipart-body.ts';
import type { RequestBody } from './request-body.ts';
import { blobBody, streamBody, type PieceSource } from './stream-body.ts';
import { bytesBody, textBody } from './whole-body.ts';

const KINDS = ['json', 'form', 'multipart', 'body'] as const;
const FORM = 'application/x-www-form-urlencoded';

/**
 * The body that options ask for, or null for none. `headers` are those of the request: a multipart body takes its boundary
 * from a Content-Type there. Throws InvalidRequestError.
 */
export function makeBody(options: RequestOptions, headers: HeaderList): RequestBody | null {
  const { json, form, multipart, body } = options;
  let given = 0;
  for (const kind of KINDS) if (options[kind] !== undefined) given += 1;
  if (given === 0) return null;
  if (given > 1) throw ambiguous(options);
  if (json !== undefined) return jsonBody(json);
  if (form !== undefined)
    return textBody(typeof form === 'string' ? form : encodeParams(form, 'form'), FORM);
  if (multipart !== undefined) return multipartBody(multipart, boundaryOf(headers));
  return plainBody(body!);
}

function plainBody(body: BodyInput): RequestBody | null {
  const given: unknown = body;
  if (typeof given === 'string') return textBody(given, null);
  if (typeof given !== 'object' || given === null) throw unknown(given);
  if (given instanceof Uint8Array) return bytesBody(given, null);
  if (given instanceof ArrayBuffer) return bytesBody(new Uint8Array(given), null);
  if (ArrayBuffer.isView(given)) {
    return bytesBody(new Uint8Array(given.buffer, given.byteOffset, given.byteLength), null);
  }
  if (given instanceof Blob) return blobBody(given);
  if (given instanceof URLSearchParams || given instanceof FormData) throw unknown(given);
  if (Symbol.asyncIterator in given || Symbol.iterator in given)
    return streamBody(given as PieceSource);
  throw unknown(given);
}

function ambiguous(options: RequestOptions): Error {
  const names = KINDS.filter((kind) => options[kind] !== undefined);
  return invalidBody(
    `it is given ${names.length} times: ${names.join(' and ')}`,
    'Give one of them',
  );
}

function unknown(given: unknown): Error {
  const name = typeof given === 'object' ? (given?.constructor.name ?? 'null') : typeof given;
  return invalidBody(
    `body is of the kind ${name}`,
    'Use json, form or multipart for data; body takes strings, bytes, Blobs, streams and iterables',
  );
}
