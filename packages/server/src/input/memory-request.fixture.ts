import { FieldMap } from '@needletail/wire';
import { ReceivedBody } from '../listen/received-body.ts';
import type { BodyRequest } from './read-body.ts';

/** A request whose body arrives as `pieces`, each in a turn of its own. */
export function requestWith(
  pieces: readonly (string | Uint8Array)[],
  fields: Readonly<Record<string, string>> = {},
  maxBytes = 1024 * 1024,
): BodyRequest {
  const source = { bodyWanted: () => {}, holdBody: () => {}, releaseBody: () => {} };
  const body = new ReceivedBody(source, null, { where: 'POST /', maxBytes });
  for (const piece of pieces) {
    const bytes = Buffer.from(piece as Uint8Array);
    body.add(bytes, 0, bytes.length);
  }
  body.end();
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return { headers: new FieldMap(lines.join('')), body };
}
