import { encodeRequestHead } from '../http1/request-encoder.ts';
import { checkedToken, type FieldInput, type FieldValue } from '../http1/field-encoder.ts';
import { EncodeError } from '../http1/errors.ts';
import type { FieldMap } from '../http1/field-map.ts';
import {
  offerDeflate,
  readDeflateAnswer,
  type DeflateAgreement,
  type DeflateWishes,
} from './deflate-negotiation.ts';
import { HandshakeError, type HandshakeCode } from './errors.ts';
import { parseExtensions } from './extension-list.ts';
import { acceptOf, createHandshakeKey } from './handshake-key.ts';

export interface UpgradeRequestInput {
  /** Path and query. */
  readonly target: string;
  readonly host: string;
  /** Beside those of the handshake, which are refused here. */
  readonly headers?: FieldInput;
  /** Subprotocols wished for, the preferred one first. */
  readonly protocols?: readonly string[];
  /** The origin of a page, for servers that check it (RFC 6455 §10.2). */
  readonly origin?: string;
  /** Offers permessage-deflate. */
  readonly deflate?: DeflateWishes;
}

/** What was asked for: keep it for `checkUpgradeResponse`. */
export interface UpgradeRequest {
  /** The bytes to send, as latin1. */
  readonly head: string;
  readonly key: string;
  readonly protocols: readonly string[];
  readonly deflate: DeflateWishes | null;
}

/** What client and server agreed on. */
export interface AcceptedUpgrade {
  /** Empty for none. */
  readonly protocol: string;
  readonly deflate: DeflateAgreement | null;
  /** Value of Sec-WebSocket-Extensions; empty for none. */
  readonly extensions: string;
}

const VERSION = '13';

/** The request that begins a handshake (RFC 6455 §4.1); throws EncodeError. */
export function encodeUpgradeRequest(input: UpgradeRequestInput): UpgradeRequest {
  const key = createHandshakeKey();
  const protocols = checkedProtocols(input.protocols ?? []);
  const headers: [string, string][] = [
    ['Sec-WebSocket-Version', VERSION],
    ['Sec-WebSocket-Key', key],
  ];
  if (protocols.length > 0) headers.push(['Sec-WebSocket-Protocol', protocols.join(', ')]);
  if (input.deflate !== undefined) {
    headers.push(['Sec-WebSocket-Extensions', offerDeflate(input.deflate)]);
  }
  if (input.origin !== undefined) headers.push(['Origin', input.origin]);
  const head = encodeRequestHead({
    method: 'GET',
    target: input.target,
    host: input.host,
    upgrade: 'websocket',
    headers: [...headers, ...ownFields(input.headers ?? [])],
  });
  return { head, key, protocols, deflate: input.deflate ?? null };
}

/**
 * What a 101 agrees to (RFC 6455 §4.2.2); throws HandshakeError when it is not the answer to `request`: wrong accept
 * key, or a subprotocol or an extension that was not offered.
 */
export function checkUpgradeResponse(
  status: number,
  fields: FieldMap,
  request: UpgradeRequest,
): AcceptedUpgrade {
  if (status !== 101) {
    throw refused('NOT_SWITCHED', `the answer has status ${status}`, 'Check path and credentials');
  }
  if (fields.get('upgrade')?.toLowerCase() !== 'websocket' || !listsUpgrade(fields)) {
    throw refused(
      'NOT_AN_UPGRADE',
      'the answer does not switch to websocket',
      'Check that the URL is that of a WebSocket server',
    );
  }
  const accepts = fields.getAll('sec-websocket-accept');
  if (accepts.length !== 1 || accepts[0] !== acceptOf(request.key)) {
    throw refused(
      'INVALID_ACCEPT',
      'Sec-WebSocket-Accept does not answer the key',
      'Look for a cache or a proxy that answers in place of the server',
    );
  }
  return { protocol: agreedProtocol(fields, request), ...agreedExtensions(fields, request) };
}

function agreedProtocol(fields: FieldMap, request: UpgradeRequest): string {
  const protocols = fields.getAll('sec-websocket-protocol');
  if (protocols.length === 0) return '';
  if (protocols.length === 1 && request.protocols.includes(protocols[0]!)) return protocols[0]!;
  throw refused(
    'INVALID_SUBPROTOCOL',
    `the server chose ${JSON.stringify(protocols.join(', '))}, which was not offered`,
    'Offer the subprotocol that it speaks',
  );
}

function agreedExtensions(
  fields: FieldMap,
  request: UpgradeRequest,
): Omit<AcceptedUpgrade, 'protocol'> {
  const lines = fields.getAll('sec-websocket-extensions');
  if (lines.length === 0) return { deflate: null, extensions: '' };
  const given = parseExtensions(lines);
  const answer = given?.length === 1 ? given[0]! : null;
  const deflate =
    answer === null || request.deflate === null ? null : readDeflateAnswer(answer, request.deflate);
  if (deflate !== null) return { deflate, extensions: lines.join(', ') };
  throw refused(
    'INVALID_EXTENSIONS',
    `the server chose ${JSON.stringify(lines.join(', '))}, which does not answer the offer`,
    'Connect without compression, or correct the server',
  );
}

function listsUpgrade(fields: FieldMap): boolean {
  return fields
    .getAll('connection')
    .some((line) => line.split(',').some((item) => /^[ \t]*upgrade[ \t]*$/i.test(item)));
}

function checkedProtocols(protocols: readonly string[]): readonly string[] {
  for (const protocol of protocols) {
    checkedToken('INVALID_VALUE', 'Sec-WebSocket-Protocol', protocol);
  }
  if (new Set(protocols).size === protocols.length) return protocols;
  throw new EncodeError(
    'INVALID_VALUE',
    'Sec-WebSocket-Protocol',
    'Head not sent: a subprotocol is listed twice (RFC 6455 §4.1). List each once.',
  );
}

function* ownFields(headers: FieldInput): Generator<readonly [string, FieldValue]> {
  for (const [name, value] of headers) {
    if (/^sec-websocket-/i.test(name)) {
      throw new EncodeError(
        'RESERVED_FIELD',
        name,
        `Field not sent: ${name} is written by the handshake. Use its options.`,
      );
    }
    yield [name, value];
  }
}

function refused(code: HandshakeCode, reason: string, remedy: string): HandshakeError {
  return new HandshakeError(code, 0, `Handshake failed: ${reason} (RFC 6455 §4.1). ${remedy}.`);
}
