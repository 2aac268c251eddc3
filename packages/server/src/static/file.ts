import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import type { AnyContext } from '../app/middleware.ts';
import { HttpError } from '../app/http-error.ts';
import { Reply } from '../reply/reply.ts';
import { FileSource, type FileOptions } from './file-source.ts';
import { statFile } from './found-file.ts';

export interface OneFileOptions extends Omit<FileOptions, 'cache'> {
  /** Content-Type, in place of the one that goes with the name. */
  readonly type?: string;
  /** Browsers save it under this name instead of showing it (RFC 6266). */
  readonly downloadAs?: string;
}

/**
 * One file of the program's own choice, with validators, conditions and ranges: `return file(c, path)`. Nothing of the request
 * may get into `path` unchecked; `staticFiles` is for that. Rejects with a 404 where there is none.
 */
export async function file(
  c: Pick<AnyContext, 'request' | 'method' | 'header'>,
  path: string,
  options: OneFileOptions = {},
): Promise<Reply> {
  const found = await statFile(await realPathOf(path));
  if (found === null || found === 'folder') throw new HttpError(404);
  const reply = await new FileSource(options).reply(c as AnyContext, found, basename(path));
  const { type, downloadAs } = options;
  if (type === undefined && downloadAs === undefined) return reply;
  const isFile = reply.status === 200 || (reply.status === 206 && reply.fields.some(isPart));
  const headers = [...reply.fields];
  if (downloadAs !== undefined) headers.push(['Content-Disposition', attachment(downloadAs)]);
  const own = isFile ? (type ?? reply.type) : reply.type;
  return new Reply(reply.body, {
    status: reply.status,
    headers,
    ...(own === null ? {} : { type: own }),
  });
}

function isPart([name]: readonly [name: string, value: string]): boolean {
  return name === 'Content-Range';
}

async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new HttpError(404);
    throw error;
  }
}

/** Twice, as old clients know no `filename*` (RFC 6266 §4.3, RFC 8187). */
function attachment(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\/%]/g, '_');
  const encoded = encodeURIComponent(name.replaceAll(/\p{Surrogate}/gu, '\uFFFD')).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
