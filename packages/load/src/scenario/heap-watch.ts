import { getHeapStatistics } from 'node:v8';
import { collectGarbage } from '../workers/collect-garbage.ts';

/** The first look is taken when this share of the run is over, or after a second where nobody knows how long it is. */
const EARLY_SHARE = 0.1;
const EARLY_MS = 1000;

/** Looks at the memory of this thread early in a run and at its end, when what is no longer used was collected. */
export class HeapWatch {
  readonly #timer: NodeJS.Timeout;
  #earlyBytes = 0;

  constructor(startAt: number, plannedMs: number | null) {
    const afterMs = plannedMs === null ? EARLY_MS : plannedMs * EARLY_SHARE;
    const delayMs = Math.max(0, startAt - performance.now()) + afterMs;
    this.#timer = setTimeout(() => (this.#earlyBytes = usedBytes()), delayMs);
  }

  /** Null when it did not double, or when the run was over before the first look. */
  growthBytes(): number | null {
    clearTimeout(this.#timer);
    if (this.#earlyBytes === 0) return null;
    collectGarbage();
    const lateBytes = usedBytes();
    return lateBytes > 2 * this.#earlyBytes ? lateBytes - this.#earlyBytes : null;
  }
}

/** Share of the memory this thread may have that it holds, in percent. */
export function heapPercent(): number {
  const { used_heap_size: usedBytes, heap_size_limit: mostBytes } = getHeapStatistics();
  return mostBytes > 0 ? Math.min(100, Math.round((100 * usedBytes) / mostBytes)) : 0;
}

/** Objects, and what buffers hold outside of the heap. */
function usedBytes(): number {
  const { used_heap_size: objectsBytes, external_memory: outsideBytes } = getHeapStatistics();
  return objectsBytes + outsideBytes;
}
