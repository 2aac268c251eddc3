// Patterns in the plainest form that can be right: arrays of segments, compared one by one, constraints as regular
// expressions. Shares nothing with the router it is held against.

export interface NaiveSegment {
  readonly kind: 'text' | 'constrained' | 'param' | 'rest';
  /** The text, or the name of the parameter. */
  readonly text: string;
  readonly constraint: RegExp | null;
  /** The same for two segments that take the same texts. */
  readonly shape: string;
}

export interface NaivePattern<Value> {
  readonly method: string;
  readonly pattern: string;
  readonly value: Value;
  readonly segments: readonly NaiveSegment[];
}

const RANKS = ['text', 'constrained', 'param', 'rest'];

/** One list of segments for each path that the pattern stands for. */
export function naiveVariants(pattern: string): NaiveSegment[][] {
  const texts = expandOptional(pattern);
  return texts.map((variant) => variant.split('/').slice(1).map(naiveSegment));
}

/** `/a/:b?` as `/a/:b` and `/a`; for those who have no optional parameters too. */
export function expandOptional(pattern: string): string[] {
  if (!pattern.endsWith('?')) return [pattern === '' ? '/' : pattern];
  const without = pattern.slice(0, pattern.lastIndexOf('/'));
  return [pattern.replaceAll(/\?(?=\/|$)/g, ''), ...expandOptional(without)];
}

function naiveSegment(text: string): NaiveSegment {
  if (text.startsWith('*')) {
    return { kind: 'rest', text: text.slice(1) || '*', constraint: null, shape: '*' };
  }
  if (!text.startsWith(':')) {
    const decoded = decodeURIComponent(text);
    return { kind: 'text', text: decoded, constraint: null, shape: `=${decoded}` };
  }
  const open = text.indexOf('(');
  if (open === -1) return { kind: 'param', text: text.slice(1), constraint: null, shape: ':' };
  const source = text.slice(open + 1, -1);
  return {
    kind: 'constrained',
    text: text.slice(1, open),
    constraint: new RegExp(`^(?:${source})$`, 's'),
    shape: `:(${source})`,
  };
}

/** Segments of a path as it was sent; null when an escape is malformed. */
export function naiveSegments(path: string): string[] | null {
  try {
    const texts = path.split('/').map((text) => decodeURIComponent(text));
    return path === '' ? texts : texts.slice(1);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

/** The parameters with which `pattern` takes the path; null when it does not. */
export function naiveParams(
  pattern: readonly NaiveSegment[],
  path: readonly string[],
): Record<string, string> | null {
  const params: Record<string, string> = {};
  for (const [index, { kind, text, constraint }] of pattern.entries()) {
    if (index >= path.length) return null;
    const value = path[index];
    if (kind === 'rest') {
      params[text] = path
        .slice(index)
        .map((segment) => segment.replaceAll('/', '%2F'))
        .join('/');
      return params;
    }
    if (kind === 'text' ? value !== text : value === '') return null;
    if (constraint !== null && !constraint.test(value)) return null;
    if (kind !== 'text') params[text] = value;
  }
  return pattern.length === path.length ? params : null;
}

/** Below zero when `left` goes before `right`; both take the same path. `order` is that of constraints at one place. */
export function compareSegments(
  left: readonly NaiveSegment[],
  right: readonly NaiveSegment[],
  order: (prefix: string) => number,
): number {
  for (const [index, segment] of left.entries()) {
    const other = right[index];
    if (segment.shape === other.shape) continue;
    if (segment.kind !== other.kind) return RANKS.indexOf(segment.kind) - RANKS.indexOf(other.kind);
    return order(shapeOf(left.slice(0, index + 1))) - order(shapeOf(right.slice(0, index + 1)));
  }
  return 0;
}

export function shapeOf(segments: readonly NaiveSegment[]): string {
  return segments.map(({ shape }) => shape).join('/');
}
