import { readFileSync, readdirSync } from 'node:fs';
import { treeOf, type ProcessFigures, type ProcessOrigin } from './process-figures.ts';

/** Linux counts processor time for programs in hundredths of a second on every architecture (time(7), USER_HZ). */
const MS_PER_TICK = 10;

interface Stat extends ProcessOrigin, Pick<ProcessFigures, 'cpuMs' | 'endedCpuMs'> {
  /** Only its figures are left, for whoever waits for it. */
  readonly hasEnded: boolean;
}

/**
 * Figures of a process and its descendants from `/proc` (proc(5)). Those that end while they are read are left out; what
 * another user's process does not show is null.
 */
export function readLinuxTree(
  root: number,
  before: readonly ProcessOrigin[] = [],
): readonly ProcessFigures[] {
  const all = numbersIn('/proc').flatMap((pid) => statOf(`/proc/${pid}/stat`) ?? []);
  const tree = treeOf(root, all, before);
  if (tree.every(({ hasEnded }) => hasEnded)) return [];
  return tree.flatMap((stat) => {
    const status = readOrNull(`/proc/${stat.pid}/status`);
    if (status === null) return [];
    return [
      {
        ...stat,
        ...memoryOf(status),
        openFiles: openFilesOf(stat.pid),
        threadCpuMs: threadsOf(stat.pid),
      },
    ];
  });
}

/** Fields 3, 4, 14 to 17 and 22 of proc_pid_stat(5); the name in field 2 may hold spaces and parentheses. */
export function parseStat(text: string): Stat | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open === -1 || close === -1) return null;
  const fields = text.slice(close + 2).split(' ');
  const number = (field: number): number => Number(fields[field - 3]);
  return {
    pid: Number(text.slice(0, open)),
    parent: number(4),
    startedAt: number(22),
    hasEnded: fields[0] === 'Z' || fields[0] === 'X',
    cpuMs: (number(14) + number(15)) * MS_PER_TICK,
    endedCpuMs: (number(16) + number(17)) * MS_PER_TICK,
  };
}

function statOf(path: string): Stat | null {
  const text = readOrNull(path);
  return text === null ? null : parseStat(text);
}

function memoryOf(status: string): Pick<ProcessFigures, 'residentBytes' | 'threads'> {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  const threads = /^Threads:\s+(\d+)/m.exec(status)?.[1];
  return {
    residentBytes: Number(kilobytes ?? 0) * 1024,
    threads: threads === undefined ? null : Number(threads),
  };
}

function openFilesOf(pid: number): number | null {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch (error) {
    return hiddenOrGone(error);
  }
}

function threadsOf(pid: number): ReadonlyMap<number, number> {
  const threads = numbersIn(`/proc/${pid}/task`).flatMap(
    (thread) => statOf(`/proc/${pid}/task/${thread}/stat`) ?? [],
  );
  return new Map(threads.map(({ pid: thread, cpuMs }) => [thread, cpuMs]));
}

function numbersIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).filter((name) => /^\d+$/.test(name));
  } catch (error) {
    return hiddenOrGone(error) ?? [];
  }
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    return hiddenOrGone(error);
  }
}

/** Processes end while one looks at them (ESRCH from an open entry of /proc), and those of others keep theirs to themselves. */
function hiddenOrGone(error: unknown): null {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return null;
  throw error;
}
