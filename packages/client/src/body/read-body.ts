import { DecodingError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import type { ResponseBody } from './response-body.ts';

/** All of a body; rejects with DecodingError, and gives the rest up, when it is more than `maxBytes`. */
export async function readBody(
  body: Buffer | ResponseBody,
  maxBytes: number,
  request: ClientRequest,
): Promise<Buffer> {
  if (Buffer.isBuffer(body)) {
    if (body.length > maxBytes) throw bodyTooLarge(maxBytes, request);
    return body;
  }
  const chunks: Buffer[] = [];
  let read = 0;
  for await (const chunk of body) {
    read += chunk.length;
    if (read > maxBytes) {
      body.cancel();
      throw bodyTooLarge(maxBytes, request);
    }
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, read);
}

function bodyTooLarge(maxBytes: number, { method, url }: ClientRequest): DecodingError {
  return new DecodingError({
    code: 'BODY_TOO_LARGE',
    phase: 'decode',
    problem: 'Response refused',
    reason: `its body is larger than ${maxBytes} bytes`,
    remedy: 'Read it as it comes, or raise the maximum',
    method,
    url: url.href,
  });
}
