// Hot for constrained parameters: allocates nothing. Callers pass a segment of a decoded path, where an encoded slash is
// ENCODED_SLASH. Guarded by bench/src/routers/table.ts (row "constrained").
import { ENCODED_SLASH_CODE } from './path-escapes.ts';
import type { ConstraintStep } from './parse-constraint.ts';

const SLASH = 0x2f;
const ASCII_CODES = 128;

/**
 * Whether `path` from `start` to `end` is what one of `alternatives` describes, from end to end. One pass for each of them:
 * what a step may repeat is never what may come next (parse-constraint.ts sees to that), so that taking as much as possible
 * is always right, and nothing is ever tried twice.
 */
export function satisfies(
  alternatives: readonly (readonly ConstraintStep[])[],
  path: string,
  start: number,
  end: number,
): boolean {
  for (const steps of alternatives) if (runsThrough(steps, path, start, end)) return true;
  return false;
}

function runsThrough(
  steps: readonly ConstraintStep[],
  path: string,
  start: number,
  end: number,
): boolean {
  let at = start;
  for (const { accepts, least, most } of steps) {
    let count = 0;
    while (count < most && at < end && accepts[classOf(path.charCodeAt(at))] === 1) {
      at += 1;
      count += 1;
    }
    if (count < least) return false;
  }
  return at === end;
}

function classOf(code: number): number {
  if (code < ASCII_CODES) return code;
  return code === ENCODED_SLASH_CODE ? SLASH : ASCII_CODES;
}
