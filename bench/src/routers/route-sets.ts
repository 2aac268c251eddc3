// Random routes and paths from a vocabulary that is small enough for them to meet.
import type { Dice } from '@needletail/testkit/dice';

export interface RouteSet {
  readonly routes: readonly (readonly [method: string, pattern: string])[];
  readonly paths: readonly string[];
}

const TEXTS = ['a', 'b', 'ab', 'abc', 'b-c', 'a.b', '1', '12', 'list', 'a:b', '%C3%A9', 'x%2Fy'];
const CONSTRAINTS = ['\\d+', '[a-b]+', 'a|12', '[^a]\\w?', '\\w{2,3}'];
/** What most requests have in their paths, and what all libraries agree on; then what they may have besides. */
const PLAIN_VALUES = 'a b ab abc abcd b-c a.b 1 12 123 list x a:b * A ... .a a. + ~ :p0 é'.split(
  ' ',
);
const HARD_VALUES = '. .. %61 %2e%2E %2F x%2Fy x%2fy %C3%A9 %25 %2561 % %zz %ff %C0%AF'
  .split(' ')
  .concat('');
const METHODS = ['GET', 'GET', 'GET', 'GET', 'POST', 'HEAD', 'OPTIONS'];
const MOST_ROUTES = 12;
const MOST_SEGMENTS = 4;
const PATHS = 12;

export function routeSet(dice: Dice): RouteSet {
  const routes = Array.from(
    { length: 1 + dice.roll(MOST_ROUTES) },
    () => [dice.pick(METHODS), randomPattern(dice)] as const,
  );
  const patterns = routes.map(([, pattern]) => pattern);
  const paths = Array.from({ length: PATHS }, () =>
    dice.roll(3) === 0 ? randomPath(dice) : pathNear(dice, dice.pick(patterns)),
  );
  return { routes, paths };
}

function randomPattern(dice: Dice): string {
  const length = dice.roll(MOST_SEGMENTS + 1);
  const segments = Array.from({ length }, (_, depth) => randomSegment(dice, depth));
  const end = dice.roll(12);
  if (end <= 1) segments.push(end === 0 ? '*' : '*rest');
  else if (end <= 3) segments.push(...optionals(dice, length));
  else if (end === 4) segments.push('');
  return segments.length === 0 ? dice.pick(['/', '']) : `/${segments.join('/')}`;
}

function randomSegment(dice: Dice, depth: number): string {
  const kind = dice.roll(10);
  // Now and then another name at the same place, which is a conflict.
  const name = dice.roll(40) === 0 ? 'other' : `p${depth}`;
  if (kind < 3) return `:${name}`;
  if (kind === 3) return `:${name}(${dice.pick(CONSTRAINTS)})`;
  return dice.pick(TEXTS);
}

function optionals(dice: Dice, depth: number): string[] {
  return Array.from({ length: 1 + dice.roll(2) }, (_, index) => `:p${depth + index}?`);
}

function randomPath(dice: Dice): string {
  const length = dice.roll(MOST_SEGMENTS + 2);
  const segments = Array.from({ length }, () => randomValue(dice));
  if (dice.roll(40) === 0) return dice.pick(['', '*', '%2a', 'a', '//', 'a/b']);
  return `/${segments.join('/')}${dice.roll(5) === 0 ? '/' : ''}`;
}

/** What `pattern` may take, or nearly. */
function pathNear(dice: Dice, pattern: string): string {
  const segments = pattern.split('/').slice(1);
  if (segments.at(-1)?.endsWith('?') === true && dice.roll(2) === 0) segments.pop();
  const values = segments.map((segment) => {
    const isText = !segment.startsWith(':') && !segment.startsWith('*');
    return isText && dice.roll(12) > 0 ? segment : randomValue(dice);
  });
  if (dice.roll(10) === 0) values.push(randomValue(dice));
  return `/${values.join('/')}${dice.roll(10) === 0 ? '/' : ''}`;
}

function randomValue(dice: Dice): string {
  return dice.pick(dice.roll(8) === 0 ? HARD_VALUES : PLAIN_VALUES);
}
