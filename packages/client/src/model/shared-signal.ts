import { setMaxListeners } from 'node:events';

const known = new WeakSet<AbortSignal>();

/** Lets any number of requests listen to `signal` at a time: Node warns of a leak from the eleventh on, unless told otherwise. */
export function expectManyListeners(signal: AbortSignal): void {
  if (known.has(signal)) return;
  known.add(signal);
  setMaxListeners(0, signal);
}
