// Made for each request with a body in memory: one object, no copy of the data.
import { bodyOf } from './response-body.ts';
import type { RequestBody } from './request-body.ts';

/** Text, sent as UTF-8. */
export function textBody(text: string, contentType: string | null): RequestBody {
  return new WholeBody(text, Buffer.byteLength(text), contentType);
}

/** Bytes as they are; not copied, so leave them alone until they are sent. */
export function bytesBody(bytes: Uint8Array, contentType: string | null): RequestBody {
  return new WholeBody(bytes, bytes.length, contentType);
}

class WholeBody implements RequestBody {
  readonly length: number;
  readonly contentType: string | null;
  readonly whole: string | Uint8Array;
  readonly isReplayable = true;

  constructor(whole: string | Uint8Array, length: number, contentType: string | null) {
    this.whole = whole;
    this.length = length;
    this.contentType = contentType;
  }

  open(): AsyncIterable<Uint8Array> {
    return bodyOf(typeof this.whole === 'string' ? Buffer.from(this.whole) : this.whole);
  }
}
