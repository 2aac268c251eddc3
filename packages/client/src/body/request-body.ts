/** A body that is ready to be sent; the forms that people give become one of these. */
export interface RequestBody {
  /** Bytes, or null when only the end will tell: then it is sent in chunks. */
  readonly length: number | null;
  /** What Content-Type says unless the request has its own. */
  readonly contentType: string | null;
  /** All of it, where it is in memory; a string is text to be sent as UTF-8. Null where it must be pulled. */
  readonly whole: string | Uint8Array | null;
  /** Whether it can be sent a second time, as a retry or a redirect wants. */
  readonly isReplayable: boolean;
  /** The bytes from the start; throws BodyStateError when they were taken before and cannot be had again. */
  open(): AsyncIterable<Uint8Array>;
}
