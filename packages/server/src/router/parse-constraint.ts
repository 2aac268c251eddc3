import type { PatternFault } from './route-error.ts';

/** Characters of one set, repeated: `accepts[code]` for ASCII, `accepts[128]` for all other UTF-16 units. */
export interface ConstraintStep {
  readonly accepts: Uint8Array;
  readonly least: number;
  readonly most: number;
}

/** A pattern for one segment, of the subset that is matched in one pass. */
export interface Constraint {
  readonly source: string;
  readonly alternatives: readonly (readonly ConstraintStep[])[];
}

const MOST_CHARACTERS = 256;
const MOST_REPEATS = 1000;
const SETS = 129;
const PUNCTUATION = /[!-.:-@[-`{-~]/;
const SHORTHANDS: Readonly<Record<string, RegExp>> = { d: /[0-9]/, w: /[A-Za-z0-9_]/ };

/** Thrown while parsing, caught in `parseConstraint`. */
class Unsafe extends Error {
  readonly remedy: string;

  constructor(reason: string, remedy: string) {
    super(reason);
    this.remedy = remedy;
  }
}

/**
 * Reads the pattern of a parameter: characters, `.`, classes, `\d \w \D \W`, escaped punctuation, each with `? * + {m}
 * {m,} {m,n}`, and `|` between whole alternatives. No groups, so no nested quantifiers; no look-around, back-references,
 * anchors. What is repeated must differ from what may follow: `[^.]+\.png` and not `.+\.png`.
 */
export function parseConstraint(source: string): Constraint | PatternFault {
  try {
    if (source.length > MOST_CHARACTERS) {
      throw new Unsafe(
        `it is longer than ${MOST_CHARACTERS} characters`,
        'Check it in the handler',
      );
    }
    const alternatives = new ConstraintReader(source).alternatives();
    return { source, alternatives };
  } catch (error) {
    if (!(error instanceof Unsafe)) throw error;
    const reason = `its constraint (${source}) is not of the safe subset: ${error.message}`;
    return { code: 'UNSAFE_CONSTRAINT', reason, remedy: error.remedy };
  }
}

/** One pass over the source, from left to right. */
class ConstraintReader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  alternatives(): ConstraintStep[][] {
    const all = [this.#sequence()];
    while (this.#at < this.#source.length) {
      this.#at += 1;
      all.push(this.#sequence());
    }
    return all;
  }

  #sequence(): ConstraintStep[] {
    const steps: ConstraintStep[] = [];
    while (this.#at < this.#source.length && this.#source[this.#at] !== '|') {
      const accepts = this.#atom();
      steps.push({ accepts, ...this.#repeats() });
    }
    if (steps.length === 0) {
      throw new Unsafe('an alternative is empty', 'Leave it out, or make the parameter optional');
    }
    refuseAmbiguous(steps);
    return steps;
  }

  #atom(): Uint8Array {
    const character = this.#source[this.#at];
    this.#at += 1;
    if (character === '.') return setOf(() => true);
    if (character === '[') return this.#characterClass();
    if (character === '\\') return this.#escape();
    if (character === '^' || character === '$') {
      throw new Unsafe(
        `it has the anchor ${character}`,
        'Leave it out: the whole segment must match',
      );
    }
    if (character === '(' || character === ')') {
      throw new Unsafe('it has a group', 'Write out the alternatives: a|ab instead of a(b)?');
    }
    if ('*+?{}]'.includes(character)) {
      throw new Unsafe(
        `${character} follows nothing it could repeat or end`,
        `Write \\${character}`,
      );
    }
    return literal(character);
  }

  #escape(): Uint8Array {
    const character = this.#source[this.#at] ?? '';
    this.#at += 1;
    const shorthand = SHORTHANDS[character.toLowerCase()];
    if (shorthand !== undefined) {
      const isNegated = character !== character.toLowerCase();
      return setOf((text) => shorthand.test(text) !== isNegated);
    }
    if (!PUNCTUATION.test(character)) {
      throw new Unsafe(
        `it has the escape \\${character}`,
        'Use \\d, \\w, a class, or the character',
      );
    }
    return literal(character);
  }

  #characterClass(): Uint8Array {
    const isNegated = this.#source[this.#at] === '^';
    if (isNegated) this.#at += 1;
    const accepts = new Uint8Array(SETS);
    for (;;) {
      const character = this.#source[this.#at];
      if (character === undefined) throw new Unsafe('a class is not closed', 'Add ]');
      if (character === ']') break;
      this.#classItem().forEach((isIn, code) => {
        if (isIn === 1) accepts[code] = 1;
      });
    }
    this.#at += 1;
    const set = isNegated ? accepts.map((isIn) => 1 - isIn) : accepts;
    if (!set.includes(1)) throw new Unsafe('a class is empty', 'Name what it may hold');
    return set;
  }

  #classItem(): Uint8Array {
    const first = this.#classAtom();
    const isRange = this.#source[this.#at] === '-' && this.#source[this.#at + 1] !== ']';
    if (!isRange) return first;
    this.#at += 1;
    if (this.#at >= this.#source.length) throw new Unsafe('a class is not closed', 'Add ]');
    const [low, high] = [soleCode(first), soleCode(this.#classAtom())];
    if (low === null || high === null || low > high) {
      throw new Unsafe('a range has no beginning or no end', 'Escape the hyphen: \\-');
    }
    return setOf((_, code) => code >= low && code <= high);
  }

  #classAtom(): Uint8Array {
    const character = this.#source[this.#at];
    this.#at += 1;
    if (character === '\\') return this.#escape();
    if (character === '[') throw new Unsafe('a class holds [', 'Write \\[');
    return literal(character);
  }

  #repeats(): Pick<ConstraintStep, 'least' | 'most'> {
    const repeats = this.#quantifier();
    if (repeats === null) return { least: 1, most: 1 };
    if ('*+?{'.includes(this.#source[this.#at] ?? ' ')) {
      throw new Unsafe('a quantifier follows a quantifier', 'Leave one out; none needs to be lazy');
    }
    return repeats;
  }

  #quantifier(): Pick<ConstraintStep, 'least' | 'most'> | null {
    const found = /^(?:[?*+]|\{(\d{1,4})(,(\d{0,4}))?\})/.exec(this.#source.slice(this.#at));
    if (found === null) return null;
    this.#at += found[0].length;
    if (found[0] === '?') return { least: 0, most: 1 };
    if (found[0] === '*') return { least: 0, most: Infinity };
    if (found[0] === '+') return { least: 1, most: Infinity };
    const least = Number(found[1]);
    const upper = found[3] === '' ? Infinity : Number(found[3]);
    const most = found[2] === undefined ? least : upper;
    if (least > MOST_REPEATS || (most > MOST_REPEATS && most !== Infinity) || most < least) {
      throw new Unsafe(`${found[0]} is out of range`, `Repeat at most ${MOST_REPEATS} times`);
    }
    return { least, most };
  }
}

/** Where a step may end early, what it repeats must not begin what follows: then there is one way to match, at most. */
function refuseAmbiguous(steps: readonly ConstraintStep[]): void {
  steps.forEach(({ accepts, least, most }, index) => {
    if (least === most) return;
    for (const next of steps.slice(index + 1)) {
      if (accepts.some((isIn, code) => isIn === 1 && next.accepts[code] === 1)) {
        throw new Unsafe(
          'what is repeated may also be what follows',
          'Repeat a class that leaves out what follows: [^.]+\\.png instead of .+\\.png',
        );
      }
      if (next.least > 0) return;
    }
  });
}

function literal(character: string): Uint8Array {
  if (character < ' ' || character > '~') {
    throw new Unsafe(
      'it names a character that is not printable ASCII',
      'Use a negated class, or .',
    );
  }
  return setOf((text) => text === character);
}

function setOf(holds: (character: string, code: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: SETS }, (_, code) =>
    // What stands for all that is not ASCII is none of the characters that a constraint can name.
    holds(code === SETS - 1 ? '\u0080' : String.fromCharCode(code), code) ? 1 : 0,
  );
}

function soleCode(set: Uint8Array): number | null {
  const first = set.indexOf(1);
  return first === set.lastIndexOf(1) ? first : null;
}
