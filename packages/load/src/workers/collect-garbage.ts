import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Collects what starting up has left, now, in this thread. The first collections move all that has come to stay, which
 * takes ten milliseconds and more: measured, most of the lateness in the first second of a schedule.
 */
export function collectGarbage(): void {
  // Bun moves nothing when it collects.
  if ('bun' in process.versions) return;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // An object survives one collection as young and is moved once more by the next.
  collect();
  collect();
}
