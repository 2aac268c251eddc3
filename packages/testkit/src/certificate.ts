import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

export interface CertificateOptions {
  /** Host names and literal addresses the certificate is for; `localhost` and 127.0.0.1 unless given. */
  readonly names?: readonly string[];
  /** Valid from this many days ago (1 unless given) … */
  readonly startedDaysAgo?: number;
  /** … until this many days from now (1 unless given); negative for one that has expired. */
  readonly expiresInDays?: number;
}

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  /** PEM, PKCS #8. */
  readonly key: string;
}

const DAY_MS = 86_400_000;
const COMMON_NAME = [2, 5, 4, 3];
const SUBJECT_ALT_NAME = [2, 5, 29, 17];
const BASIC_CONSTRAINTS = [2, 5, 29, 19];
const ECDSA_WITH_SHA256 = [1, 2, 840, 10045, 4, 3, 2];

/**
 * A fresh self-signed certificate (X.509 v3, RFC 5280, ECDSA on P-256) for a test, so that no key is ever checked in.
 * It may sign itself: trust it by passing `cert` as the `ca`.
 */
export function selfSignedCertificate(options: CertificateOptions = {}): Certificate {
  const { names = ['localhost', '127.0.0.1'], startedDaysAgo = 1, expiresInDays = 1 } = options;
  const pair = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const algorithm = sequence(objectId(ECDSA_WITH_SHA256));
  const commonName = sequence(objectId(COMMON_NAME), tagged(UTF8_STRING, Buffer.from(names[0])));
  const name = sequence(tagged(SET, commonName));
  const now = Date.now();
  const body = sequence(
    tagged(VERSION, tagged(INTEGER, Buffer.of(2))),
    tagged(INTEGER, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    name,
    sequence(time(now - startedDaysAgo * DAY_MS), time(now + expiresInDays * DAY_MS)),
    name,
    pair.publicKey,
    tagged(EXTENSIONS, sequence(subjectAltName(names), certificateAuthority())),
  );
  const signature = sign('sha256', body, createPrivateKey(pair.privateKey));
  const der = sequence(
    body,
    algorithm,
    tagged(BIT_STRING, Buffer.concat([NO_UNUSED_BITS, signature])),
  );
  return { cert: toPem('CERTIFICATE', der), key: pair.privateKey };
}

function subjectAltName(names: readonly string[]): Buffer {
  const entries = names.map((name) =>
    isIP(name) === 0
      ? tagged(ALT_DNS, Buffer.from(name, 'latin1'))
      : tagged(ALT_ADDRESS, addressBytes(name)),
  );
  return sequence(objectId(SUBJECT_ALT_NAME), tagged(OCTET_STRING, sequence(...entries)));
}

function certificateAuthority(): Buffer {
  const isAuthority = sequence(tagged(BOOLEAN, Buffer.of(0xff)));
  return sequence(objectId(BASIC_CONSTRAINTS), tagged(OCTET_STRING, isAuthority));
}

/** IPv4 in dots, or the two IPv6 addresses a test needs written out in full or as `::1`. */
function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [head, tail = ''] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  const bytes = Buffer.alloc(16);
  [...left, ...zeros, ...right].forEach((group, i) =>
    bytes.writeUInt16BE(parseInt(group, 16), i * 2),
  );
  return bytes;
}

// DER (X.690): one byte of tag, the length, the content.
const BOOLEAN = 0x01;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const SEQUENCE = 0x30;
const SET = 0x31;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const ALT_DNS = 0x82;
const ALT_ADDRESS = 0x87;
const NO_UNUSED_BITS: Buffer = Buffer.of(0);

function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.of(tag), derLength(content.length), content]);
}

function derLength(sizeBytes: number): Buffer {
  if (sizeBytes < 0x80) return Buffer.of(sizeBytes);
  if (sizeBytes < 0x100) return Buffer.of(0x81, sizeBytes);
  return Buffer.of(0x82, sizeBytes >> 8, sizeBytes & 0xff);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(SEQUENCE, Buffer.concat(parts));
}

/** The first two numbers share a byte; the rest are base 128, high bit on all bytes but the last. */
function objectId(numbers: readonly number[]): Buffer {
  const bytes = [numbers[0] * 40 + numbers[1]];
  for (const number of numbers.slice(2)) {
    const digits = [number & 0x7f];
    for (let rest = number >> 7; rest > 0; rest >>= 7) digits.unshift((rest & 0x7f) | 0x80);
    bytes.push(...digits);
  }
  return tagged(OBJECT_ID, Buffer.from(bytes));
}

/** `YYMMDDhhmmssZ` */
function time(epochMs: number): Buffer {
  const digits = new Date(epochMs).toISOString().replace(/[-:T]|\.\d+/g, '');
  return tagged(UTC_TIME, Buffer.from(digits.slice(2), 'latin1'));
}

function toPem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
