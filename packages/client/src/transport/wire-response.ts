import { FieldMap, type ResponseHead } from '@needletail/wire';
import type { ResponseBody } from '../body/response-body.ts';
import { keepAliveHintMs } from './keep-alive-hint.ts';
import type { HttpVersion, TransportResponse } from './transport.ts';

export type Interim = TransportResponse['interim'][number];

export const NO_BYTES: Buffer = Buffer.alloc(0);
const NO_INTERIM: readonly Interim[] = [];

/** `HTTP/1.1 200 ` */
const REASON_AT = 13;

/** What a head says; shared by the responses that repeat it. */
export class WireHead {
  readonly status: number;
  readonly reason: string;
  readonly httpVersion: HttpVersion;
  readonly headers: FieldMap;
  readonly isPlain: boolean;
  #keepAliveHintMs = Number.NaN;

  constructor(head: ResponseHead) {
    const raw = head.rawHead();
    const lineEnd = raw.indexOf('\r\n');
    this.status = head.status;
    this.reason = raw.slice(REASON_AT, lineEnd === -1 ? raw.length : lineEnd);
    this.httpVersion = head.minorVersion === 1 ? '1.1' : '1.0';
    this.headers = new FieldMap(raw, lineEnd === -1 ? raw.length : lineEnd + 2);
    this.isPlain = !this.headers.has('set-cookie') && !this.headers.has('content-encoding');
  }

  /** Read when it is first asked for. */
  get keepAliveHintMs(): number {
    if (Number.isNaN(this.#keepAliveHintMs)) this.#keepAliveHintMs = keepAliveHintMs(this.headers);
    return this.#keepAliveHintMs;
  }
}

/** A response whose head has come; `body` and `trailers` are filled in as they arrive. */
export class WireResponse implements TransportResponse {
  readonly status: number;
  readonly reason: string;
  readonly httpVersion: HttpVersion;
  readonly headers: FieldMap;
  readonly #head: WireHead;
  body: Buffer | ResponseBody = NO_BYTES;
  trailers: FieldMap | null = null;
  readonly interim: readonly Interim[];

  constructor(head: WireHead, interim: readonly Interim[] | null) {
    this.status = head.status;
    this.reason = head.reason;
    this.httpVersion = head.httpVersion;
    this.headers = head.headers;
    this.#head = head;
    this.interim = interim ?? NO_INTERIM;
  }

  /** No field of its own: a copy with other headers does not take it along. */
  get isPlain(): boolean {
    return this.#head.isPlain;
  }
}
