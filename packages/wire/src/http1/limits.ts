/**
 * Every size the codec refuses to pass, in one place. A limit is checked while bytes arrive, never after they were
 * collected, and passing it raises one kind of error: `LimitError {limit, maximum, actual}`.
 *
 * Chunked framing needs no limit on overhead of its own: at most 13 digits and two line ends around one byte of data
 * make it 18 bytes to 1, and extensions have a total (the floods of CVE-2023-39326 and CVE-2024-22019 end there).
 */
export interface MessageLimits {
  /** Bytes of a request or status line without its CRLF; 414 for a request. */
  readonly startLineBytes: number;
  /** Bytes of the whole head, final CRLF CRLF included; 431. */
  readonly headBytes: number;
  /** Number of field lines in a head; 431. */
  readonly fields: number;
  /** Bytes of one field line without its CRLF, trailers included; 431. */
  readonly fieldLineBytes: number;
  /** Decoded bytes of a body; 413. */
  readonly bodyBytes: number;
  /** Bytes of a chunk-size line, extensions included, without its CRLF; 413. */
  readonly chunkLineBytes: number;
  /** Bytes of chunk extensions in a whole message; 413. */
  readonly chunkExtensionBytes: number;
  /** Bytes of the trailer section, final CRLF included; 431. */
  readonly trailerBytes: number;
  /** Number of trailer fields; 431. */
  readonly trailerFields: number;
}

export interface RequestLimits extends MessageLimits {
  /** Bytes of a method; a longer one is not implemented: 501. */
  readonly methodBytes: number;
}

export interface ResponseLimits extends MessageLimits {
  /** Interim (1xx) responses before one final response. */
  readonly interimResponses: number;
}

/** Name of a limit, as `LimitError.limit` gives it. */
export type LimitName = keyof RequestLimits | keyof ResponseLimits;

export const DEFAULT_REQUEST_LIMITS: RequestLimits = {
  startLineBytes: 8 * 1024,
  headBytes: 16 * 1024,
  fields: 100,
  fieldLineBytes: 8 * 1024,
  bodyBytes: 1024 * 1024,
  chunkLineBytes: 256,
  chunkExtensionBytes: 4 * 1024,
  trailerBytes: 8 * 1024,
  trailerFields: 64,
  methodBytes: 32,
};

export const DEFAULT_RESPONSE_LIMITS: ResponseLimits = {
  startLineBytes: 8 * 1024,
  headBytes: 32 * 1024,
  fields: 200,
  fieldLineBytes: 8 * 1024,
  bodyBytes: Infinity,
  chunkLineBytes: 256,
  chunkExtensionBytes: 4 * 1024,
  trailerBytes: 8 * 1024,
  trailerFields: 64,
  interimResponses: 16,
};

/** The status a server answers with when a limit is passed; 0 where only a client meets the limit. */
export const LIMIT_STATUS: Readonly<Record<LimitName, number>> = {
  startLineBytes: 414,
  headBytes: 431,
  fields: 431,
  fieldLineBytes: 431,
  bodyBytes: 413,
  chunkLineBytes: 413,
  chunkExtensionBytes: 413,
  trailerBytes: 431,
  trailerFields: 431,
  methodBytes: 501,
  interimResponses: 0,
};

/** Digits of a Content-Length, leading zeros counted: 10^15 stays exact in a double (RFC 9110 §8.6). */
export const CONTENT_LENGTH_DIGITS = 15;

/** Digits of a chunk size, leading zeros counted: 16^13 stays exact in a double (RFC 9112 §7.1). */
export const CHUNK_SIZE_DIGITS = 13;
