import { FieldMap } from '@needletail/wire';
import type { ClientRequest } from '../model/client-request.ts';
import { NO_BYTES } from './wire-response.ts';
import type { TransportResponse } from './transport.ts';

/** A response that did not come over the wire; names and values without CR, LF and NUL. */
export interface MadeResponse {
  readonly status: number;
  readonly reason?: string;
  readonly headers: Iterable<readonly [name: string, value: string]>;
  readonly body: TransportResponse['body'];
  readonly trailers?: Iterable<readonly [name: string, value: string]> | undefined;
  readonly interim?: TransportResponse['interim'];
}

/** As the transport of `request` gives it: without a body where the protocol has none (RFC 9110 §6.4.1). */
export function toTransportResponse(made: MadeResponse, request: ClientRequest): TransportResponse {
  const { status, reason = '', headers, trailers, interim = [] } = made;
  const isBodiless = request.method === 'HEAD' || status === 204 || status === 304;
  if (isBodiless && !Buffer.isBuffer(made.body)) made.body.cancel();
  return {
    status,
    reason,
    httpVersion: '1.1',
    headers: fieldMapOf(headers),
    body: isBodiless ? NO_BYTES : made.body,
    trailers: trailers === undefined ? null : fieldMapOf(trailers),
    interim,
  };
}

export function fieldMapOf(fields: Iterable<readonly [name: string, value: string]>): FieldMap {
  let lines = '';
  for (const [name, value] of fields) lines += `${name}: ${value}\r\n`;
  return new FieldMap(lines);
}

/** The first field that no head could carry, or null. */
export function unsendableField(
  fields: Iterable<readonly [name: string, value: string]>,
): string | null {
  for (const [name, value] of fields) {
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) || /[\0\r\n]/.test(value)) return name;
  }
  return null;
}
