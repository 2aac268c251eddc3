import { encodeFields } from '@needletail/wire';
import type { RequestBody } from '../body/request-body.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { bodySourceFailed, explainEncode } from './explain.ts';

/** Throws InvalidRequestError for fields that no head could carry, as a transport with a connection does. */
export function checkFields(request: ClientRequest): void {
  try {
    encodeFields(request.headers);
  } catch (error) {
    throw explainEncode(error, request);
  }
}

/** The body of a request piece by piece, as a connection takes it: progress is told and a broken source explained. */
export async function* sentPieces(
  request: ClientRequest,
  body: RequestBody,
): AsyncGenerator<Uint8Array, undefined> {
  const { length: totalBytes, whole } = body;
  let transferredBytes = 0;
  try {
    for await (const piece of whole === null ? body.open() : [bytesOf(whole)]) {
      yield piece;
      transferredBytes += piece.length;
      request.onUploadProgress?.({ transferredBytes, totalBytes });
    }
  } catch (error) {
    throw bodySourceFailed(error, request);
  }
}

/** All of a request's body, as it would have been sent; takes a body that can be read once only. */
export async function sentBody(request: ClientRequest): Promise<Buffer> {
  if (request.body === null) return Buffer.alloc(0);
  const pieces: Uint8Array[] = [];
  for await (const piece of sentPieces(request, request.body)) pieces.push(piece);
  return Buffer.concat(pieces);
}

function bytesOf(whole: string | Uint8Array): Uint8Array {
  return typeof whole === 'string' ? Buffer.from(whole) : whole;
}
