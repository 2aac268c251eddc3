import type { ClientRequest } from '../model/client-request.ts';
import { bodyTooLarge } from '../transport/refusals.ts';
import type { ResponseBody } from './response-body.ts';

const REMEDY = 'Read it as it comes, or raise the maximum';

/** All of a body; rejects with DecodingError, and gives the rest up, when it is more than `maxBytes`. */
export async function readBody(
  body: Buffer | ResponseBody,
  maxBytes: number,
  request: ClientRequest,
): Promise<Buffer> {
  if (Buffer.isBuffer(body)) {
    if (body.length > maxBytes) throw bodyTooLarge(request, maxBytes, REMEDY);
    return body;
  }
  const chunks: Buffer[] = [];
  let read = 0;
  for await (const chunk of body) {
    read += chunk.length;
    if (read > maxBytes) {
      body.cancel();
      throw bodyTooLarge(request, maxBytes, REMEDY);
    }
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, read);
}
