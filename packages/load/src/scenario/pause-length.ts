import { parseDuration } from '../plan/duration.ts';
import { shown, wrongCall } from './script-error.ts';

/** As many different texts as a scenario is likely to write; one that computes them is parsed each time. */
const MOST_KEPT = 256;
const kept = new Map<string, number>();

/** Milliseconds from a number of them or from text as in a plan: `250`, `'1s'`, `'1m30s'`. Throws ScriptError and PlanError. */
export function pauseLength(time: number | string, where: string): number {
  if (typeof time === 'number') {
    if (time >= 0 && time < Infinity) return time;
    throw wrongCall('Not a pause', `${time} is no number of milliseconds from 0 on`, where, HOW);
  }
  if (typeof time !== 'string') {
    throw wrongCall('Not a pause', `${shown(time)} is neither a number nor a text`, where, HOW);
  }
  const known = kept.get(time);
  if (known !== undefined) return known;
  const durationMs = parseDuration(time, where);
  if (kept.size < MOST_KEPT) kept.set(time, durationMs);
  return durationMs;
}

const HOW = "Write it like think(250) in milliseconds, or think('1.5s')";
