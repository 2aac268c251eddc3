import { defaultMaxListeners, getMaxListeners, setMaxListeners } from 'node:events';

const known = new WeakSet<AbortSignal>();

/**
 * Lets any number of requests listen to `signal` at a time: Node warns of a leak from the eleventh on, unless told
 * otherwise. A limit that somebody chose stays.
 */
export function expectManyListeners(signal: AbortSignal): void {
  if (known.has(signal)) return;
  known.add(signal);
  if (getMaxListeners(signal) === defaultMaxListeners) setMaxListeners(0, signal);
}
