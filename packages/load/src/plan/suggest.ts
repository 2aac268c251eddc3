import { closestMatch } from 'leven';

/** The candidate nearest to a misspelt word, null when more than a third of its letters and one differ; those of either case are the same. */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  const known = new Map(Array.from(candidates, (one) => [one.toLowerCase(), one]));
  const maxDistance = 1 + Math.floor(word.length / 3);
  const near = closestMatch(word.toLowerCase(), [...known.keys()], { maxDistance });
  return near === undefined ? null : known.get(near)!;
}

/** `Did you mean "x"? ` for the start of a remedy, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const near = nearest(word, candidates);
  return near === null ? '' : `Did you mean "${near}"? `;
}
