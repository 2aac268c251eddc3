import type { FieldMap } from '@needletail/wire';
import type { ResponseBody } from '../body/response-body.ts';
import type { HttpVersion, TransportResponse } from './transport.ts';
import { NO_BYTES, type Interim } from './wire-response.ts';

/** A response over HTTP/2 whose head has come; `body` and `trailers` are filled in as they arrive. */
export class Http2Response implements TransportResponse {
  readonly status: number;
  /** HTTP/2 has none (RFC 9113 §8.3.2). */
  readonly reason = '';
  readonly httpVersion: HttpVersion = '2';
  readonly headers: FieldMap;
  body: Buffer | ResponseBody = NO_BYTES;
  trailers: FieldMap | null = null;
  readonly interim: readonly Interim[];

  constructor(status: number, headers: FieldMap, interim: readonly Interim[]) {
    this.status = status;
    this.headers = headers;
    this.interim = interim;
  }
}
