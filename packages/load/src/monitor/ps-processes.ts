import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { treeOf, type ProcessFigures } from './process-figures.ts';

const run = promisify(execFile);

/** Figures of a process and its descendants from `ps`, where there is no `/proc`; threads and files stay unknown. */
export async function readPsTree(root: number): Promise<readonly ProcessFigures[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,time=,rss='], {
    maxBuffer: 16 * 1024 * 1024,
  });
  return treeOf(
    root,
    stdout.split('\n').flatMap((line) => parsePsLine(line) ?? []),
  );
}

/** `  501  1  0:12.34  20480`: process, parent, processor time as `[[d-]h:]m:s`, resident kilobytes; null for other lines. */
export function parsePsLine(line: string): ProcessFigures | null {
  const [pid, parent, time, kilobytes] = line.trim().split(/\s+/);
  if (kilobytes === undefined) return null;
  const [days, clock] = time!.includes('-') ? time!.split('-') : ['0', time];
  const seconds = clock!.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  const cpuMs = (Number(days) * 86_400 + seconds) * 1000;
  if ([pid, parent, cpuMs, kilobytes].some((figure) => !Number.isFinite(Number(figure))))
    return null;
  return {
    pid: Number(pid),
    parent: Number(parent),
    startedAt: null,
    cpuMs,
    endedCpuMs: 0,
    residentBytes: Number(kilobytes) * 1024,
    threads: null,
    openFiles: null,
    threadCpuMs: new Map(),
  };
}
