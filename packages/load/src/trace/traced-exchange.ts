/** Bytes of a body that a trace keeps. */
const MOST_TRACED_BYTES = 2048;

/** A body as far as a trace keeps it. */
export interface TracedBody {
  /** All of it, decoded where it was compressed; null where it was not read into memory. */
  readonly sizeBytes: number | null;
  /** Its first bytes. */
  readonly head: Uint8Array;
}

export type TracedHeaders = readonly (readonly [name: string, value: string])[];

/** One request and what became of it, plain data: values of credentials are masked already. */
export interface TracedExchange {
  readonly name: string;
  readonly method: string;
  readonly url: string;
  readonly headers: TracedHeaders;
  readonly body: TracedBody | null;
  /** Null when there was none. */
  readonly response: {
    readonly status: number;
    readonly reason: string;
    readonly httpVersion: string;
    readonly headers: TracedHeaders;
    readonly body: TracedBody;
  } | null;
  /** Why there was no response. */
  readonly error: string | null;
  /** From the call, in milliseconds; null for what did not happen or is not known without a wire. */
  readonly timesMs: {
    /** Until the head was sent: waiting for a connection, opening one included. */
    readonly sent: number | null;
    readonly firstByte: number | null;
    readonly total: number;
  };
}

const SECRET_HEADER = /^(?:authorization|proxy-authorization|cookie|set-cookie|x-api-key)$/i;

/** Header fields with the values of credentials masked; of a cookie its name stays, of a login its scheme. */
export function maskedHeaders(headers: Iterable<readonly [string, unknown]>): TracedHeaders {
  return [...headers].map(([name, value]) => {
    const text = String(value);
    return [name, SECRET_HEADER.test(name) ? masked(name, text) : text] as const;
  });
}

function masked(name: string, value: string): string {
  if (/^set-cookie$/i.test(name)) return value.replace(/=[^;]*/, '=[masked]');
  if (/^cookie$/i.test(name)) return value.replace(/=[^;]*/g, '=[masked]');
  const scheme = /^([A-Za-z][\w-]*) +\S/.exec(value)?.[1];
  return scheme === undefined ? '[masked]' : `${scheme} [masked]`;
}

/** A URL for people: without the password it may hold. */
export function maskedUrl(url: string): string {
  return url.replace(/^([a-z]+:\/\/[^/?#:@]*):[^/?#@]*@/i, '$1:[masked]@');
}

/** The first part of a body, as a copy: what it is cut from may be used again. */
export function tracedBody(bytes: Uint8Array | null): TracedBody {
  if (bytes === null) return { sizeBytes: null, head: new Uint8Array() };
  return { sizeBytes: bytes.length, head: Uint8Array.from(bytes.subarray(0, MOST_TRACED_BYTES)) };
}
