import type { ClientResponse } from '../model/client-response.ts';

const JSON_TYPE = /^[^;]*[/+]json\s*(?:;|$)/i;
const TEXT_TYPE = /^text\//i;

/** The body by its Content-Type: JSON parsed, text, or bytes; undefined where there is none. Throws DecodingError. */
export function arrivedBody(response: ClientResponse): unknown {
  const isEmpty = response.bytes().length === 0;
  const type = response.headers.get('content-type') ?? '';
  if (TEXT_TYPE.test(type)) return response.text();
  if (isEmpty) return undefined;
  return JSON_TYPE.test(type) ? response.json() : response.bytes();
}
