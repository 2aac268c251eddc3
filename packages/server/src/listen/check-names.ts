import { OptionError } from '../errors.ts';

/** Every name that options of this type may have; the compiler keeps the list complete. */
export type Names<Options> = Readonly<Record<keyof Options, true>>;

/**
 * Throws an OptionError for a name that is none: what it was meant to say would be left out in silence. What is no object is left to
 * the caller.
 */
export function checkNames(
  where: string,
  given: unknown,
  known: Readonly<Record<string, true>>,
): void {
  if (typeof given !== 'object' || given === null) return;
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  throw new OptionError(where, `there is no option ${unknown}`, namesInstead(unknown, known));
}

/** A remedy: the name that was meant, if one is near, and all there are. */
export function namesInstead(unknown: string, known: Readonly<Record<string, true>>): string {
  const names = Object.keys(known);
  const near = nearestName(unknown, names);
  const all = `There are ${names.join(', ')}`;
  return near === null ? all : `Did you mean ${near}? ${all}`;
}

/** The one of `names` that differs least, if it differs by few letters only, or is part of it; letters of either case are the same. */
function nearestName(given: string, names: readonly string[]): string | null {
  const word = given.toLowerCase();
  let nearest: string | null = null;
  let fewest = Math.max(2, Math.floor(given.length / 3)) + 1;
  for (const name of names) {
    const edits = editsBetween(word, name.toLowerCase());
    if (edits >= fewest) continue;
    nearest = name;
    fewest = edits;
  }
  return nearest ?? names.find((name) => name.toLowerCase().startsWith(word)) ?? null;
}

/** Letters to insert, take out or replace (Levenshtein). */
function editsBetween(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = previous[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[to.length]!;
}
