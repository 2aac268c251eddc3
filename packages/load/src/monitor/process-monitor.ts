import { readLinuxTree } from './linux-processes.ts';
import type { ProcessFigures } from './process-figures.ts';
import { readPsTree } from './ps-processes.ts';
import { BUSIEST_THREAD, CPU, type Reading, type TargetMonitor } from './target-monitor.ts';

/** Reads the tree of a process as it is now. */
export type ReadTree = (
  root: number,
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
    const tree = await this.#readTree(this.#pid);
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
    const before = new Map(this.#before.map((figures) => [figures.pid, figures]));
    let usedMs = 0;
    let busiestMs = -1;
    for (const { pid, cpuMs, threadCpuMs } of tree) {
      const earlier = before.get(pid);
      // What a process used before it was first seen here belongs to this interval: it was started within it.
      usedMs += Math.max(0, cpuMs - (earlier?.cpuMs ?? 0));
      for (const [thread, threadMs] of threadCpuMs) {
        busiestMs = Math.max(busiestMs, threadMs - (earlier?.threadCpuMs.get(thread) ?? 0));
      }
    }
    const percent = (ms: number): number => (100 * ms) / passedMs;
    const total: Reading = { name: CPU, unit: 'percent', value: percent(usedMs) };
    if (busiestMs < 0) return [total];
    return [total, { name: BUSIEST_THREAD, unit: 'percent', value: percent(busiestMs) }];
  }
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
