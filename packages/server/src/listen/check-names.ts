import { closestMatch } from 'leven';
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

/** The one of `names` that differs in no more than a third of its letters and one, or begins so; those of either case are the same. */
function nearestName(given: string, names: readonly string[]): string | null {
  const word = given.toLowerCase();
  const known = new Map(names.map((name) => [name.toLowerCase(), name]));
  const all = [...known.keys()];
  const near =
    closestMatch(word, all, { maxDistance: 1 + Math.floor(word.length / 3) }) ??
    all.find((name) => name.startsWith(word));
  return near === undefined ? null : known.get(near)!;
}
