import { readLinuxTree } from './linux-processes.ts';
import type { ProcessFigures } from './process-figures.ts';
import { readPsTree } from './ps-processes.ts';
import { BUSIEST_THREAD, CPU, type Reading, type TargetMonitor } from './target-monitor.ts';

/** Reads the tree of a process as it is now; `before` is what belonged to it when it was last read. */
export type ReadTree = (
  root: number,
  before: readonly ProcessFigures[],
) => readonly ProcessFigures[] | Promise<readonly ProcessFigures[]>;

const readTreeHere: ReadTree = process.platform === 'linux' ? readLinuxTree : readPsTree;

/** A process and all it started: processor time as a share of one core, its busiest thread, memory, threads, open files. */
export class ProcessMonitor implements TargetMonitor {
  readonly source: string;
  readonly #pid: number;
  readonly #readTree: ReadTree;
  readonly #now: () => number;
  #before: readonly ProcessFigures[] = [];
  #beforeAt = Number.NaN;

  constructor(
    pid: number,
    readTree: ReadTree = readTreeHere,
    now: () => number = () => performance.now(),
  ) {
    this.source = `pid ${pid}`;
    this.#pid = pid;
    this.#readTree = readTree;
    this.#now = now;
  }

  async read(): Promise<readonly Reading[]> {
    const tree = await this.#readTree(this.#pid, this.#before);
    const now = this.#now();
    if (tree.length === 0) throw new Error('there is no such process, or it has ended.');
    const readings = [...this.#processorReadings(tree, now), ...standingReadings(tree)];
    this.#before = tree;
    this.#beforeAt = now;
    return readings;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #processorReadings(tree: readonly ProcessFigures[], now: number): readonly Reading[] {
    const passedMs = now - this.#beforeAt;
    if (!(passedMs > 0)) return [];
    const usedMs = usedBetween(this.#before, tree);
    const busiestMs = busiestThreadMs(this.#before, tree);
    const percent = (ms: number): number => (100 * ms) / passedMs;
    const total: Reading = { name: CPU, unit: 'percent', value: percent(usedMs) };
    if (busiestMs < 0) return [total];
    return [total, { name: BUSIEST_THREAD, unit: 'percent', value: percent(busiestMs) }];
  }
}

/**
 * Processor time that a tree used between two looks. What a process used before it was first seen belongs to the time
 * between: it was started within it. Of one that has ended, its parent tells the whole, once it was waited for; where nobody
 * waits, as with SIGCHLD ignored, what it used after the last look is lost.
 */
function usedBetween(before: readonly ProcessFigures[], tree: readonly ProcessFigures[]): number {
  const earlier = new Map(before.map((figures) => [figures.pid, figures]));
  let ownMs = 0;
  for (const { pid, cpuMs } of tree) ownMs += Math.max(0, cpuMs - (earlier.get(pid)?.cpuMs ?? 0));
  const sum = (of: readonly ProcessFigures[]): number =>
    of.reduce((total, { cpuMs, endedCpuMs }) => total + cpuMs + endedCpuMs, 0);
  return Math.max(ownMs, sum(tree) - sum(before));
}

/** -1 where the system does not tell of threads. */
function busiestThreadMs(
  before: readonly ProcessFigures[],
  tree: readonly ProcessFigures[],
): number {
  const earlier = new Map(before.map((figures) => [figures.pid, figures.threadCpuMs]));
  let busiestMs = -1;
  for (const { pid, threadCpuMs } of tree) {
    for (const [thread, threadMs] of threadCpuMs) {
      busiestMs = Math.max(busiestMs, threadMs - (earlier.get(pid)?.get(thread) ?? 0));
    }
  }
  return busiestMs;
}

function standingReadings(tree: readonly ProcessFigures[]): readonly Reading[] {
  const sum = (read: (figures: ProcessFigures) => number | null): number | null => {
    const values = tree.map(read).filter((value) => value !== null);
    return values.length === 0 ? null : values.reduce((total, value) => total + value, 0);
  };
  const readings: Reading[] = [
    { name: 'memory', unit: 'bytes', value: sum(({ residentBytes }) => residentBytes)! },
  ];
  const threads = sum((figures) => figures.threads);
  if (threads !== null) readings.push({ name: 'threads', unit: 'count', value: threads });
  const openFiles = sum((figures) => figures.openFiles);
  if (openFiles !== null) readings.push({ name: 'open files', unit: 'count', value: openFiles });
  return readings;
}
