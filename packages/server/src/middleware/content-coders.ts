import { promisify } from 'node:util';
import zlib, { type Zlib } from 'node:zlib';
import type { Transform } from 'node:stream';

export type ContentCoding = 'br' | 'zstd' | 'gzip' | 'deflate';

/** A stream of zlib: bytes in, bytes out, and a flush in between. */
export type CoderStream = Transform & Zlib;

export interface Coder {
  whole(body: string | Uint8Array, level?: number): Promise<Uint8Array>;
  stream(level?: number): CoderStream;
}

type Whole = (body: string | Uint8Array, options: object) => Promise<Uint8Array>;
type MakeStream = (options: object) => CoderStream;

/** What Node has since 22.15 only. */
const newer = zlib as unknown as {
  readonly zstdCompress?: Parameters<typeof promisify>[0];
  readonly createZstdCompress?: MakeStream;
  readonly constants: Readonly<Record<string, number>>;
};

function coder(
  whole: unknown,
  stream: unknown,
  optionsFor: (level?: number) => object,
): Coder | null {
  if (typeof whole !== 'function' || typeof stream !== 'function') return null;
  const promised = promisify(whole as (...all: unknown[]) => void) as unknown as Whole;
  return {
    whole: (body, level) => promised(body, optionsFor(level)),
    stream: (level) => (stream as MakeStream)(optionsFor(level)),
  };
}

const { BROTLI_PARAM_QUALITY, ZSTD_c_compressionLevel = 100 } = newer.constants;

/** Null for what the runtime does not have. */
export const CODERS: Readonly<Record<ContentCoding, Coder | null>> = {
  br: coder(zlib.brotliCompress, zlib.createBrotliCompress, (level = 4) => ({
    params: { [BROTLI_PARAM_QUALITY!]: level },
  })),
  zstd: coder(newer.zstdCompress, newer.createZstdCompress, (level = 3) => ({
    params: { [ZSTD_c_compressionLevel]: level },
  })),
  gzip: coder(zlib.gzip, zlib.createGzip, (level = 6) => ({ level })),
  deflate: coder(zlib.deflate, zlib.createDeflate, (level = 6) => ({ level })),
};

export function hasCoder(coding: ContentCoding): boolean {
  return CODERS[coding] !== null;
}
