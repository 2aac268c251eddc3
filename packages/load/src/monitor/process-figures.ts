/** What the system tells of one process. */
export interface ProcessFigures {
  readonly pid: number;
  readonly parent: number;
  /** Processor time since its start. */
  readonly cpuMs: number;
  readonly residentBytes: number;
  /** Null where the system does not tell. */
  readonly threads: number | null;
  readonly openFiles: number | null;
  /** Processor time of each thread by its number; empty where the system does not tell. */
  readonly threadCpuMs: ReadonlyMap<number, number>;
}

/** The process `root` and all that descend from it; empty when there is no such process. */
export function treeOf<Entry extends { readonly pid: number; readonly parent: number }>(
  root: number,
  all: readonly Entry[],
): readonly Entry[] {
  const children = new Map<number, Entry[]>();
  for (const entry of all) {
    const siblings = children.get(entry.parent);
    if (siblings === undefined) children.set(entry.parent, [entry]);
    else siblings.push(entry);
  }
  const tree = all.filter(({ pid }) => pid === root);
  // Grows while it is walked; a process is the child of one parent, so no cycle can come back to it.
  for (const { pid } of tree) if (pid !== 0) tree.push(...(children.get(pid) ?? []));
  return tree;
}
