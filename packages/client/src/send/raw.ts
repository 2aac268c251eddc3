// Hot: one request object and the transport's own promise; no layers, no second promise.
// Guarded by bench/src/client-cpu.ts.
import type { FieldMap } from '@needletail/wire';
import type { RequestBody } from '../body/request-body.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { HeaderList, type HeadersInput } from '../model/header-list.ts';
import { parseUrl, type RequestUrl } from '../model/request-url.ts';
import type { Timeouts } from '../model/timeouts.ts';
import type { Transport } from '../transport/transport.ts';

/** What a raw request gives back: the body whole, and encoded as it came. */
export interface RawResponse {
  readonly status: number;
  readonly headers: FieldMap;
  readonly body: Buffer;
}

export interface RawOptions {
  /** A list that is given again and again is encoded once; do not change it. */
  readonly headers?: HeaderList | HeadersInput;
  readonly body?: string | Uint8Array;
}

/** The cheapest way to a response: no redirects, cookies, retries, authentication, decoding, hooks or default headers. */
export interface Raw {
  request(method: string, url: string | RequestUrl, options?: RawOptions): Promise<RawResponse>;
  get(url: string | RequestUrl): Promise<RawResponse>;
}

export interface RawDefaults {
  readonly timeouts: Timeouts;
  readonly maxBodyBytes: number;
}

const NO_HEADERS = new HeaderList();
const NO_OPTIONS: RawOptions = {};

/** Raw requests over `transport`, which keeps its pool, its time-outs and its errors. */
export function createRaw(transport: Transport, defaults: RawDefaults): Raw {
  const request = (
    method: string,
    url: string | RequestUrl,
    options: RawOptions = NO_OPTIONS,
  ): Promise<RawResponse> => {
    let asked: ClientRequest;
    try {
      asked = rawRequest(method, url, options, defaults);
    } catch (error) {
      return Promise.reject(error as Error);
    }
    // Not streaming, so the body is a Buffer.
    return transport.send(asked) as Promise<RawResponse>;
  };
  return { request, get: (url) => request('GET', url) };
}

function rawRequest(
  method: string,
  url: string | RequestUrl,
  { headers, body }: RawOptions,
  { timeouts, maxBodyBytes }: RawDefaults,
): ClientRequest {
  return {
    method,
    url: typeof url === 'string' ? parseUrl(url) : url,
    headers: listOf(headers),
    ownsHeaders: headers !== undefined && !(headers instanceof HeaderList),
    body: body === undefined ? null : wholeBody(body),
    auth: null,
    timeouts,
    signal: null,
    followRedirects: false,
    maxRedirects: 0,
    retry: null,
    isStreaming: false,
    maxBodyBytes,
    decompress: false,
    expectContinue: false,
    onUploadProgress: null,
    startedAtMs: 0,
    name: null,
    watch: null,
  };
}

function listOf(headers: HeaderList | HeadersInput | undefined): HeaderList {
  if (headers === undefined) return NO_HEADERS;
  return headers instanceof HeaderList ? headers : new HeaderList(headers);
}

function wholeBody(whole: string | Uint8Array): RequestBody {
  return {
    length: typeof whole === 'string' ? Buffer.byteLength(whole) : whole.length,
    contentType: null,
    whole,
    isReplayable: true,
    async *open() {
      yield typeof whole === 'string' ? Buffer.from(whole) : whole;
    },
  };
}
