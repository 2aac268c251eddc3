import { AsyncLocalStorage } from 'node:async_hooks';
import type { AnyContext } from './middleware.ts';

const storage = new AsyncLocalStorage<AnyContext>();

/** The request that this code runs for, however far from its handler; null outside, and where the app did not ask for it. */
export function currentContext(): AnyContext | null {
  return storage.getStore() ?? null;
}

export function runWithin(c: AnyContext, run: (c: AnyContext) => unknown): unknown {
  return storage.run(c, run, c);
}
