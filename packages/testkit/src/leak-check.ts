import { getEventListeners } from 'node:events';

/**
 * How many of each kind of resource keep the event loop alive, by the runtime's own names (`TCPSocketWrap`); listeners on
 * signals that are shared count as `AbortSignal listener`.
 */
export type ResourceCounts = ReadonlyMap<string, number>;

export interface LeakCheck {
  /**
   * What is alive now and was not at the start, after up to `patienceMs` for handles that are still closing.
   * An empty map means nothing leaked.
   */
  leaked(patienceMs?: number): Promise<ResourceCounts>;
}

const POLL_MS = 10;

const LISTENER = 'AbortSignal listener';

/** Remembers what is alive now; run the code under test, then ask what it left behind, on `signals` too. */
export function startLeakCheck(
  ignore: readonly string[] = [],
  signals: readonly AbortSignal[] = [],
): LeakCheck {
  const before = countResources(signals);
  const difference = (): ResourceCounts => {
    const extra = new Map<string, number>();
    for (const [name, count] of countResources(signals)) {
      const more = count - (before.get(name) ?? 0);
      if (more > 0 && !ignore.includes(name)) extra.set(name, more);
    }
    return extra;
  };
  return {
    async leaked(patienceMs = 1_000) {
      const giveUpAt = performance.now() + patienceMs;
      let extra = difference();
      while (extra.size > 0 && performance.now() < giveUpAt) {
        await pollPause();
        extra = difference();
      }
      return extra;
    },
  };
}

function countResources(signals: readonly AbortSignal[]): ResourceCounts {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo())
    counts.set(name, (counts.get(name) ?? 0) + 1);
  let listeners = 0;
  for (const signal of signals) listeners += getEventListeners(signal, 'abort').length;
  if (listeners > 0) counts.set(LISTENER, listeners);
  return counts;
}

/** The timer has fired, and is no resource any more, by the time the next count is taken. */
function pollPause(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, POLL_MS));
}
