import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** A regular file as it was when it was looked for. */
export interface FoundFile {
  /** Without symbolic links. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** To tell versions apart that were made in the same millisecond. */
  readonly modifiedNs: bigint;
  readonly inode: bigint;
}

/** Says where a path leads; null for nowhere. */
export type Finding = FoundFile | 'folder' | null;

/** Codes of a path that leads nowhere, or nowhere we may look. */
const NOT_THERE: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'ENAMETOOLONG',
  'ELOOP',
  'EACCES',
  'EPERM',
  'EINVAL',
]);

export interface FindRules {
  /** Of the folder, without symbolic links. */
  readonly root: string;
  /** Whether links may lead out of it. */
  readonly followSymlinks: boolean;
  readonly dotfiles: boolean;
}

/** Rejects with what the system says where that is no fault of the path. */
export async function findFile(segments: readonly string[], rules: FindRules): Promise<Finding> {
  try {
    const path = await realpath(join(rules.root, ...segments));
    if (!rules.followSymlinks && !isInside(path, rules)) return null;
    return await statFile(path);
  } catch (error) {
    if (NOT_THERE.has((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** Neither folder nor file is neither: devices, sockets and pipes. */
export async function statFile(path: string): Promise<Finding> {
  const stats = await stat(path, { bigint: true });
  if (stats.isDirectory()) return 'folder';
  if (!stats.isFile()) return null;
  return {
    path,
    sizeBytes: Number(stats.size),
    modifiedMs: Number(stats.mtimeMs),
    modifiedNs: stats.mtimeNs,
    inode: stats.ino,
  };
}

/** A link must not lead to a file that its own name would not have led to. */
function isInside(path: string, { root, dotfiles }: FindRules): boolean {
  if (path === root) return true;
  const start = root.endsWith(sep) ? root : root + sep;
  if (!path.startsWith(start)) return false;
  return (
    dotfiles ||
    !path
      .slice(start.length)
      .split(sep)
      .some((name) => name.startsWith('.'))
  );
}
