import { encodeResponseHead } from '../http1/response-encoder.ts';
import type { FieldInput, FieldValue } from '../http1/field-encoder.ts';
import type { FieldMap } from '../http1/field-map.ts';
import type { AcceptedUpgrade } from './client-handshake.ts';
import { chooseDeflate, type DeflateWishes } from './deflate-negotiation.ts';
import { HandshakeError, type HandshakeCode } from './errors.ts';
import { parseExtensions } from './extension-list.ts';
import { acceptOf, isHandshakeKey } from './handshake-key.ts';

export interface UpgradeAnswerOptions {
  /** Chooses among the subprotocols a client offers, at least one; null for none. Without it none is chosen. */
  readonly chooseProtocol?: (offered: readonly string[]) => string | null;
  /**
   * Whether a page of this origin may connect: browsers send cookies along with any page's handshake, and nothing but
   * this check stops a foreign one (RFC 6455 §10.2). Null when the client sent none, as programs do. Without it all may.
   */
  readonly allowOrigin?: (origin: string | null) => boolean;
  /** Accepts permessage-deflate where it is offered. */
  readonly deflate?: DeflateWishes;
}

/** What a server answers with. */
export interface UpgradeAnswer extends AcceptedUpgrade {
  /** Fields of the handshake for `encodeUpgradeResponse`. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** As `RequestHead` has them. */
export interface UpgradeAsked {
  readonly method: string;
  /** `RequestHead.upgrade`: Upgrade and Connection, HTTP/1.1, no body. */
  readonly upgrade: boolean;
}

const VERSION = '13';

/**
 * Checks a client's handshake (RFC 6455 §4.2.1) and decides on the answer; throws HandshakeError with the status to
 * refuse it with: 400, 403 for the origin, 426 for the version.
 */
export function answerUpgrade(
  head: UpgradeAsked,
  fields: FieldMap,
  options: UpgradeAnswerOptions = {},
): UpgradeAnswer {
  const key = checkedKey(head, fields);
  const origin = fields.get('origin');
  if (options.allowOrigin?.(origin) === false) {
    throw refused('ORIGIN_REFUSED', 403, `origin ${JSON.stringify(origin)} may not connect`);
  }
  const protocol = chosenProtocol(fields, options);
  const offers = parseExtensions(fields.getAll('sec-websocket-extensions'));
  if (offers === null) {
    throw refused('INVALID_EXTENSIONS', 400, 'Sec-WebSocket-Extensions is malformed');
  }
  const deflate = options.deflate === undefined ? null : chooseDeflate(offers, options.deflate);
  const answer: [string, string][] = [['Sec-WebSocket-Accept', acceptOf(key)]];
  if (protocol !== '') answer.push(['Sec-WebSocket-Protocol', protocol]);
  if (deflate !== null) answer.push(['Sec-WebSocket-Extensions', deflate.answer]);
  return {
    protocol,
    deflate: deflate?.agreement ?? null,
    extensions: deflate?.answer ?? '',
    fields: answer,
  };
}

/** The 101; `headers` come after those of the handshake. */
export function encodeUpgradeResponse(answer: UpgradeAnswer, headers: FieldInput = []): string {
  const fields: (readonly [string, FieldValue])[] = [...answer.fields, ...headers];
  return encodeResponseHead({ status: 101, upgrade: 'websocket', headers: fields });
}

/** The whole response to a refused handshake; close the connection behind it. */
export function encodeUpgradeRefusal(error: HandshakeError): string {
  const body = `${error.message}\n`.replace(/[^\n\x20-\x7e]/g, '?');
  const version: [string, string][] =
    error.status === 426 ? [['Sec-WebSocket-Version', VERSION]] : [];
  const common = {
    status: error.status,
    headers: [['Content-Type', 'text/plain'], ...version] as [string, string][],
    contentLength: body.length,
  };
  // A 426 names the protocol to switch to (RFC 9110 §15.5.22), and then Connection is taken.
  const head =
    error.status === 426
      ? encodeResponseHead({ ...common, upgrade: 'websocket' })
      : encodeResponseHead({ ...common, connection: 'close' });
  return head + body;
}

function checkedKey(head: UpgradeAsked, fields: FieldMap): string {
  const isAsked =
    head.upgrade &&
    fields
      .getAll('upgrade')
      .some((line) => line.split(',').some((item) => /^[ \t]*websocket[ \t]*$/i.test(item)));
  if (!isAsked) {
    throw refused('NOT_AN_UPGRADE', 426, 'the request does not ask for websocket');
  }
  if (head.method !== 'GET') throw refused('NOT_AN_UPGRADE', 400, 'its method is not GET');
  const versions = fields.getAll('sec-websocket-version');
  if (versions.length !== 1 || versions[0] !== VERSION) {
    throw refused('UNSUPPORTED_VERSION', 426, 'Sec-WebSocket-Version is not 13');
  }
  const keys = fields.getAll('sec-websocket-key');
  if (keys.length === 1 && isHandshakeKey(keys[0]!)) return keys[0]!;
  throw refused('INVALID_KEY', 400, 'Sec-WebSocket-Key is not sixteen bytes in base64');
}

function chosenProtocol(fields: FieldMap, options: UpgradeAnswerOptions): string {
  const offered = fields
    .getAll('sec-websocket-protocol')
    .flatMap((line) => line.split(','))
    .map((item) => item.replace(/^[ \t]+|[ \t]+$/g, ''));
  if (offered.length === 0) return '';
  const isList = offered.every((item) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(item));
  if (!isList || new Set(offered).size < offered.length) {
    throw refused('INVALID_SUBPROTOCOL', 400, 'Sec-WebSocket-Protocol is malformed');
  }
  const chosen = options.chooseProtocol?.(offered) ?? '';
  if (chosen === '' || offered.includes(chosen)) return chosen;
  throw new TypeError(
    `Cannot answer: chooseProtocol chose ${JSON.stringify(chosen)}, which was not offered. Choose from its argument.`,
  );
}

function refused(code: HandshakeCode, status: number, reason: string): HandshakeError {
  return new HandshakeError(
    code,
    status,
    `Handshake refused: ${reason} (RFC 6455 §4.2.1). Send a WebSocket handshake of version 13.`,
  );
}
