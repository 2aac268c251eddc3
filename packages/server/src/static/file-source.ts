import { realpath } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import type { AnyContext } from '../app/middleware.ts';
import { chooseCoding } from '../conditional/accept-encoding.ts';
import { OptionError } from '../errors.ts';
import type { Names } from '../listen/check-names.ts';
import type { Reply } from '../reply/reply.ts';
import { contentTypeOf } from './content-type.ts';
import { FileMemory } from './file-memory.ts';
import { fileReply, type EtagKind } from './file-reply.ts';
import { findFile, statFile, type Finding, type FoundFile } from './found-file.ts';
import { RememberedFinds } from './remembered-finds.ts';

export type Precoded = 'br' | 'zstd' | 'gzip';

/** Memory for small files. */
export interface FileCacheOptions {
  /** Of all of them together; 16 MiB unless given. */
  readonly maxBytes?: number;
  /** Larger files are read each time; 256 KiB unless given. */
  readonly maxFileBytes?: number;
  /** For so long it is believed that nothing has changed in the folder; 0, which looks each time, unless given. */
  readonly checkMs?: number;
}

/** What is said of files; for `file` and `staticFiles` alike. */
export interface FileOptions {
  /** How long a cache may keep it without asking, in seconds; 0, which makes it ask each time, unless given. */
  readonly maxAgeSeconds?: number;
  /** For names that change with the content: browsers do not ask again, even when told to reload. False unless given. */
  readonly immutable?: boolean;
  /** In place of the Cache-Control that `maxAgeSeconds` and `immutable` make. */
  readonly cacheControl?: string;
  /** `strong` unless given: size and time of change, weak within two seconds of it. */
  readonly etag?: EtagKind;
  /** Content types by extension, before those that are known. */
  readonly types?: Readonly<Record<string, string>>;
  /** Siblings with `.br`, `.zst` and `.gz` that are sent to clients that take them, best first; none unless given. */
  readonly precompressed?: readonly Precoded[];
  /** None unless given. */
  readonly cache?: FileCacheOptions;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder',
  ENOTDIR: 'this is no folder',
  EACCES: 'the folder may not be read',
};
/** Of `file` and `staticFiles` alike. */
export const FILE_OPTIONS: Names<FileOptions> = {
  maxAgeSeconds: true,
  immutable: true,
  cacheControl: true,
  etag: true,
  types: true,
  precompressed: true,
  cache: true,
};

const SUFFIXES: Readonly<Record<Precoded, string>> = { br: '.br', zstd: '.zst', gzip: '.gz' };
const MIB = 1024 * 1024;

/** Answers with files: what all requests for one folder share. */
export class FileSource {
  readonly #options: FileOptions;
  readonly #memory: FileMemory | null;
  readonly #finds: RememberedFinds;
  readonly #cacheControl: string;

  constructor(options: FileOptions) {
    const { cache, maxAgeSeconds = 0, immutable = false, cacheControl } = options;
    this.#options = options;
    this.#memory =
      cache === undefined
        ? null
        : new FileMemory(cache.maxBytes ?? 16 * MIB, cache.maxFileBytes ?? MIB / 4);
    this.#finds = new RememberedFinds(cache?.checkMs ?? 0);
    const suffix = immutable ? ', immutable' : '';
    this.#cacheControl = cacheControl ?? `public, max-age=${maxAgeSeconds}${suffix}`;
  }

  /** Rejects with an OptionError where there is no such folder, or nobody lets us in. */
  static async rootOf(folder: string): Promise<string> {
    const where = `staticFiles ${resolve(folder)}`;
    try {
      // A dot behind it, as a file has none.
      return await realpath(`${folder}/.`);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      const reason = REASONS[code ?? ''] ?? `the folder cannot be read: ${code}`;
      const remedy = isAbsolute(folder)
        ? 'Give a folder that is there'
        : `Give a folder that is there; a relative one begins at ${process.cwd()}`;
      throw new OptionError(where, reason, remedy);
    }
  }

  find(
    segments: readonly string[],
    rules: Parameters<typeof findFile>[1],
  ): Finding | Promise<Finding> {
    return this.#finds.get(segments.join('/'), () => findFile(segments, rules));
  }

  /** `name` is what the content type goes by. */
  async reply(c: AnyContext, plain: FoundFile, name: string): Promise<Reply> {
    const { precompressed = [], types, etag = 'strong' } = this.#options;
    const fields: [string, string][] = [['Cache-Control', this.#cacheControl]];
    let file = plain;
    let coding: Precoded | null = null;
    if (precompressed.length > 0) {
      fields.push(['Vary', 'Accept-Encoding']);
      [file, coding] = await this.#coded(c, plain, precompressed);
    }
    const bytes = this.#memory === null ? null : await this.#memory.bytesOf(file);
    const type = contentTypeOf(name, types);
    return fileReply(c, { file, type, etag, coding, fields, bytes }, Date.now());
  }

  /** The best of the codings that there is a file for, as new as the plain one at least. */
  async #coded(
    c: AnyContext,
    plain: FoundFile,
    precompressed: readonly Precoded[],
  ): Promise<[FoundFile, Precoded | null]> {
    const accepted = c.header('accept-encoding');
    let left = precompressed;
    for (;;) {
      const coding = chooseCoding(accepted, left);
      if (coding === null) return [plain, null];
      const path = plain.path + SUFFIXES[coding];
      const found = await this.#finds.get(path, () => siblingOf(path));
      if (found !== null && found !== 'folder' && found.modifiedNs >= plain.modifiedNs) {
        return [found, coding];
      }
      left = left.filter((each) => each !== coding);
    }
  }
}

/** No link: it could lead anywhere. */
async function siblingOf(path: string): Promise<Finding> {
  try {
    return (await realpath(path)) === path ? await statFile(path) : null;
  } catch {
    return null;
  }
}
