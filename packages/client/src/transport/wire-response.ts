import { FieldMap, type ResponseHead } from '@needletail/wire';
import type { ResponseBody } from '../body/response-body.ts';
import type { HttpVersion, TransportResponse } from './transport.ts';

export type Interim = TransportResponse['interim'][number];

export const NO_BYTES: Buffer = Buffer.alloc(0);
const NO_INTERIM: readonly Interim[] = [];

/** `HTTP/1.1 200 ` */
const REASON_AT = 13;

/** A response whose head has come; `body` and `trailers` are filled in as they arrive. */
export class WireResponse implements TransportResponse {
  readonly status: number;
  readonly reason: string;
  readonly httpVersion: HttpVersion;
  readonly headers: FieldMap;
  body: Buffer | ResponseBody = NO_BYTES;
  trailers: FieldMap | null = null;
  readonly interim: readonly Interim[];

  constructor(head: ResponseHead, interim: readonly Interim[] | null) {
    const raw = head.rawHead();
    const lineEnd = raw.indexOf('\r\n');
    this.status = head.status;
    this.reason = raw.slice(REASON_AT, lineEnd === -1 ? raw.length : lineEnd);
    this.httpVersion = head.minorVersion === 1 ? '1.1' : '1.0';
    this.headers = new FieldMap(raw, lineEnd === -1 ? raw.length : lineEnd + 2);
    this.interim = interim ?? NO_INTERIM;
  }
}
