/** What the system tells of one process. */
export interface ProcessFigures {
  readonly pid: number;
  readonly parent: number;
  /** When it was started, in the system's own count; null where that does not tell. A number is used again, not both. */
  readonly startedAt: number | null;
  /** Processor time since its start. */
  readonly cpuMs: number;
  /** The same of all that it started, and theirs, that have ended and been waited for; 0 where the system does not tell. */
  readonly endedCpuMs: number;
  readonly residentBytes: number;
  /** Null where the system does not tell. */
  readonly threads: number | null;
  readonly openFiles: number | null;
  /** Processor time of each thread by its number; empty where the system does not tell. */
  readonly threadCpuMs: ReadonlyMap<number, number>;
}

/** What tells a process from others, and where it comes from. */
export type ProcessOrigin = Pick<ProcessFigures, 'pid' | 'parent' | 'startedAt'>;

/**
 * The process `root`, all that descend from it, and those of `before` that are still there: when a process ends, what it had
 * started gets another parent. Empty when there is nothing of it.
 */
export function treeOf<Entry extends ProcessOrigin>(
  root: number,
  all: readonly Entry[],
  before: readonly ProcessOrigin[] = [],
): readonly Entry[] {
  const children = new Map<number, Entry[]>();
  for (const entry of all) {
    const siblings = children.get(entry.parent);
    if (siblings === undefined) children.set(entry.parent, [entry]);
    else siblings.push(entry);
  }
  const seen = new Map(before.map(({ pid, startedAt }) => [pid, startedAt]));
  const isKnown = ({ pid, startedAt }: Entry): boolean =>
    startedAt !== null && seen.get(pid) === startedAt;
  // Grows while it is walked, each process once.
  const tree = new Set(all.filter((entry) => entry.pid === root || isKnown(entry)));
  for (const { pid } of tree) {
    if (pid !== 0) for (const child of children.get(pid) ?? []) tree.add(child);
  }
  return [...tree];
}
