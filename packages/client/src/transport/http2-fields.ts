import { constants, sensitiveHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { encodeFields, encodeRequestHead, FieldMap, type FieldValue } from '@needletail/wire';
import type { ClientRequest } from '../model/client-request.ts';
import { explainEncode } from './explain.ts';
import { connectRefused } from './refusals.ts';

/** About one connection of HTTP/1.1: they have no meaning here, and a server must refuse them (RFC 9113 §8.2.2). */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
]);

/** Not to be remembered by header compression, which could be made to reveal them (RFC 7541 §7.1.3). */
const SECRETS: readonly string[] = ['authorization', 'cookie', 'proxy-authorization'];

/**
 * The fields of a request as `node:http2` wants them: pseudo fields first, names in lower case, repeated fields as lists,
 * Host as `:authority`. Throws InvalidRequestError as the HTTP/1.1 encoder would.
 */
export function requestFields(
  request: ClientRequest,
  expectsContinue: boolean,
): OutgoingHttpHeaders {
  const { method, url, headers, body } = request;
  if (method === 'CONNECT') throw connectRefused(request);
  const authority = headers.get('host') ?? url.host;
  const fields: OutgoingHttpHeaders = {
    [constants.HTTP2_HEADER_METHOD]: method,
    [constants.HTTP2_HEADER_SCHEME]: url.scheme,
    [constants.HTTP2_HEADER_AUTHORITY]: authority,
    [constants.HTTP2_HEADER_PATH]: url.target,
    [sensitiveHeaders as unknown as string]: SECRETS as string[],
  };
  for (const [name, value] of checked(request, authority))
    append(fields, name.toLowerCase(), value);
  if (expectsContinue) fields['expect'] = '100-continue';
  if (body !== null && body.length !== null) fields['content-length'] = `${body.length}`;
  return fields;
}

/** The field lines that `node:http2` received, name and value in turn, pseudo fields left out; nothing is joined. */
export function receivedFields(raw: readonly string[]): FieldMap {
  let lines = '';
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!;
    if (!name.startsWith(':')) lines += `${name}: ${raw[at + 1]!}\r\n`;
  }
  return new FieldMap(lines);
}

/** What is left to send, having passed the same checks as over HTTP/1.1. */
function checked(request: ClientRequest, authority: string): [name: string, value: FieldValue][] {
  const kept = [...request.headers].filter(([name]) => {
    const key = name.toLowerCase();
    return key !== 'host' && !CONNECTION_FIELDS.has(key);
  });
  const { method, url } = request;
  try {
    encodeRequestHead({ method, target: url.target, host: authority, connection: undefined });
    encodeFields(kept);
  } catch (error) {
    throw explainEncode(error, request);
  }
  return kept;
}

function append(fields: OutgoingHttpHeaders, name: string, value: FieldValue): void {
  // The one value that is allowed (RFC 9113 §8.2.2).
  if (name === 'te' && `${value as string}` !== 'trailers') return;
  const known = fields[name];
  const added = Array.isArray(value) ? (value as readonly string[]) : [`${value as string}`];
  if (known === undefined && added.length === 1) fields[name] = added[0];
  else fields[name] = [...(known === undefined ? [] : [known].flat().map(String)), ...added];
}
