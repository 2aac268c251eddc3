import type { RequestBody } from '../body/request-body.ts';
import { NO_BYTES } from './wire-response.ts';

/** All of a request's body, as it would have been sent; takes a body that can be read once only. */
export async function sentBody(body: RequestBody | null): Promise<Buffer> {
  if (body === null) return NO_BYTES;
  if (typeof body.whole === 'string') return Buffer.from(body.whole);
  if (body.whole !== null) return Buffer.from(body.whole);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}
