import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * The group that the code at hand runs in. Following it through `await` costs each promise something on older runtimes, so
 * nothing is followed before a scenario uses its first group.
 */
const current = new AsyncLocalStorage<string>();
let isUsed = false;

/** Runs `work` as the group `name`, within the one it is called from: `checkout / pay`. Gives its name and what it gave. */
export async function inGroup<Result>(
  name: string,
  work: () => Promise<Result> | Result,
  onEnd: (path: string) => void,
): Promise<Result> {
  const outer = isUsed ? current.getStore() : undefined;
  const path = outer === undefined ? name : `${outer} / ${name}`;
  isUsed = true;
  try {
    return await current.run(path, work);
  } finally {
    onEnd(path);
  }
}
