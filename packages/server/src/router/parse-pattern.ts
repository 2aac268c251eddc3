import { parseConstraint, type Constraint } from './parse-constraint.ts';
import { decodePath } from './path-escapes.ts';
import type { PatternFault } from './route-error.ts';

/** What stands between two slashes of a pattern; `text` is decoded, and empty for what follows a trailing slash. */
export type Segment =
  | { readonly kind: 'static'; readonly text: string }
  | { readonly kind: 'param'; readonly name: string; readonly constraint: Constraint | null }
  | { readonly kind: 'rest'; readonly name: string };

export const MOST_SEGMENTS = 64;
const MOST_CHARACTERS = 2048;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const PARAM = /^:([^(?]*)(?:\((.*)\))?(\?)?$/;
const RESERVED = /[*(){}?#\\]/;
const FORMS = 'Segments are text, :name, :name(pattern), :name? at the end, *name or * as the last';

/** Thrown while parsing, caught in `parsePattern`. */
class Refused extends Error {
  readonly fault: PatternFault;

  constructor(fault: PatternFault) {
    super(fault.reason);
    this.fault = fault;
  }
}

/**
 * The paths that a pattern stands for, as segments: one, and one more for each optional parameter at its end, the longest
 * first. Never without a segment: '' and '/' are one empty text.
 */
export function parsePattern(pattern: string): readonly (readonly Segment[])[] | PatternFault {
  try {
    return parse(pattern);
  } catch (error) {
    if (error instanceof Refused) return error.fault;
    throw error;
  }
}

function parse(pattern: string): readonly (readonly Segment[])[] {
  if (pattern !== '' && !pattern.startsWith('/')) {
    refuse('it does not begin with a slash', 'Begin it with /');
  }
  const texts = pattern.split('/').slice(1);
  if (pattern.length > MOST_CHARACTERS || texts.length > MOST_SEGMENTS) {
    const limits = `${MOST_SEGMENTS} segments, ${MOST_CHARACTERS} characters`;
    refuse(`it is longer than ${limits}`, 'Take the rest as *name');
  }
  const segments = texts.map((text, index) => parseSegment(text, index === texts.length - 1));
  const names = segments.flatMap((segment) => (segment.kind === 'static' ? [] : [segment.name]));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    refuse(`it names ${twice} twice`, 'Give each parameter a name of its own');
  return variantsOf(segments, firstOptional(texts));
}

/** Where the optional parameters begin; they are all that may follow. */
function firstOptional(texts: readonly string[]): number {
  const isOptional = (text: string): boolean => text.startsWith(':') && text.endsWith('?');
  const first = texts.findIndex(isOptional);
  if (first === -1) return texts.length;
  if (!texts.slice(first).every(isOptional)) {
    refuse('an optional parameter is not at its end', 'Register a route with it and one without');
  }
  return first;
}

function variantsOf(segments: readonly Segment[], optionalFrom: number): Segment[][] {
  const variants: Segment[][] = [];
  for (let count = segments.length; count >= optionalFrom; count -= 1) {
    variants.push(count === 0 ? [{ kind: 'static', text: '' }] : segments.slice(0, count));
  }
  return variants;
}

function parseSegment(text: string, isLast: boolean): Segment {
  if (text.startsWith(':')) return parseParam(text);
  if (text.startsWith('*')) {
    const name = text.slice(1);
    if (!isLast) refuse('something follows its wildcard', 'Put the wildcard last');
    if (name === '') return { kind: 'rest', name: '*' };
    checkName(name, text);
    return { kind: 'rest', name };
  }
  const reserved = RESERVED.exec(text)?.[0];
  if (reserved !== undefined) {
    const escape = `%${reserved.charCodeAt(0).toString(16).toUpperCase()}`;
    refuse(`${reserved} stands in the text ${text}`, `${FORMS}; write the character as ${escape}`);
  }
  const decoded = text.includes('%') ? decodePath(text) : text;
  if (decoded === null) refuse(`the text ${text} has a malformed escape`, 'Write % as %25');
  if (decoded === '.' || decoded === '..' || (decoded === '' && !isLast)) {
    refuse('it has a dot segment or an empty segment, which no path may have', 'Leave it out');
  }
  return { kind: 'static', text: decoded };
}

function parseParam(text: string): Segment {
  const found = PARAM.exec(text);
  if (found === null) {
    refuse(`${text} is no parameter`, `${FORMS}; a pattern in parentheses contains no slash`);
  }
  const [, name, source] = found;
  checkName(name, text);
  if (source === undefined) return { kind: 'param', name, constraint: null };
  const constraint = parseConstraint(source);
  if ('code' in constraint) throw new Refused(constraint);
  return { kind: 'param', name, constraint };
}

function checkName(name: string, text: string): void {
  if (!NAME.test(name) || name === '__proto__') {
    refuse(
      `${text} has no usable name`,
      'A name is letters, digits and _, and begins with no digit',
    );
  }
}

function refuse(reason: string, remedy: string): never {
  throw new Refused({ code: 'INVALID_PATTERN', reason, remedy });
}
