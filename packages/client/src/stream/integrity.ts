import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { invalidOption } from '../model/invalid-option.ts';

/** Strongest first: of several kinds only the strongest counts (W3C Subresource Integrity §3.3.3). */
const ALGORITHMS = ['sha512', 'sha384', 'sha256'] as const;
const BASE64_LENGTH = { sha512: 88, sha384: 64, sha256: 44 } as const;
const METADATA = /^(sha256|sha384|sha512)-([A-Za-z0-9+/]+={0,2})(?:\?.*)?$/;
const HEX_SHA256 = /^[0-9a-f]{64}$/i;

/** Takes the bytes of a file as they pass, and tells whether they are those that were promised. */
export class IntegrityCheck {
  readonly #hash: Hash;
  readonly #algorithm: string;
  readonly #accepted: ReadonlySet<string>;

  private constructor(algorithm: string, accepted: ReadonlySet<string>) {
    this.#algorithm = algorithm;
    this.#accepted = accepted;
    this.#hash = createHash(algorithm);
  }

  /** Of `sha256-<base64> …` (any of the strongest kind will do); throws InvalidRequestError. */
  static of(integrity: string): IntegrityCheck {
    const found = new Map<string, Set<string>>();
    for (const part of integrity.trim().split(/\s+/)) {
      const [, algorithm, digest] = METADATA.exec(part) ?? [];
      if (algorithm === undefined || digest?.length !== lengthOf(algorithm)) {
        throw invalidOption(
          'integrity',
          part,
          'is no digest',
          'Give sha256-, sha384- or sha512- and the digest in base64',
        );
      }
      const digests = found.get(algorithm) ?? new Set();
      found.set(algorithm, digests.add(digest));
    }
    const strongest = ALGORITHMS.find((algorithm) => found.has(algorithm))!;
    return new IntegrityCheck(strongest, found.get(strongest)!);
  }

  /** Of a SHA-256 in hexadecimal. */
  static ofSha256(hex: string): IntegrityCheck {
    if (!HEX_SHA256.test(hex)) {
      throw invalidOption('sha256', hex, 'is no digest', 'Give 64 hexadecimal digits');
    }
    return new IntegrityCheck('sha256', new Set([Buffer.from(hex, 'hex').toString('base64')]));
  }

  add(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  async addFile(path: string): Promise<void> {
    for await (const bytes of createReadStream(path)) this.#hash.update(bytes as Buffer);
  }

  /** Null when all is well, and otherwise what was found and what was promised. Ends the check. */
  mismatch(): string | null {
    const digest = this.#hash.digest('base64');
    if (this.#accepted.has(digest)) return null;
    const name = this.#algorithm;
    const accepted = [...this.#accepted].map((promised) => `${name}-${promised}`).join(' or ');
    return `it is ${name}-${digest}, promised was ${accepted}`;
  }
}

function lengthOf(algorithm: string): number {
  return BASE64_LENGTH[algorithm as keyof typeof BASE64_LENGTH];
}
