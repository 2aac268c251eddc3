import type { HeadFields } from './head-fields.ts';
import type { ReplyPieces } from './reply.ts';

/**
 * An answer as it will be sent: encoded, and not sent yet. Middleware that works on it (compression, entity tags) changes
 * it in place or gives another. Content-Type is among the fields; Content-Length, Date and Connection are the backend's.
 */
export interface Answer {
  status: number;
  readonly fields: HeadFields;
  body: string | Uint8Array | ReplyPieces | null;
  /** Of pieces, in bytes, when it is known. */
  length: number | null;
}

/** Whether the whole body is there. */
export function isWhole(body: Answer['body']): body is string | Uint8Array {
  return typeof body === 'string' || body instanceof Uint8Array;
}
