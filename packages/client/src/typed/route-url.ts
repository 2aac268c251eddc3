import { InvalidRequestError } from '../errors.ts';

/** Values of the parameters of a pattern, by their names; `*` is the name of a bare wildcard. */
export type ParamValues = Readonly<Record<string, unknown>>;

interface PatternPart {
  readonly kind: 'text' | 'param' | 'rest';
  /** The text as it is, or the name. */
  readonly text: string;
  readonly isOptional: boolean;
}

/** Makes paths of patterns, each of which it takes apart once. */
export class RoutePaths {
  readonly #parts = new Map<string, readonly PatternPart[]>();

  /**
   * The path of a route with these values in it, each percent-encoded, a slash too, except in a wildcard. Throws
   * InvalidRequestError for what is missing, empty, a dot segment, or no name of the pattern.
   */
  pathOf(pattern: string, values: ParamValues): string {
    let parts = this.#parts.get(pattern);
    if (parts === undefined) this.#parts.set(pattern, (parts = partsOf(pattern)));
    refuseUnknown(pattern, parts, values);
    let path = '';
    let absent: string | null = null;
    for (const { kind, text, isOptional } of parts) {
      if (kind === 'text') {
        path += `/${text}`;
        continue;
      }
      const value = values[text];
      if (value === undefined && isOptional) {
        absent = text;
        continue;
      }
      if (absent !== null) throw refused(pattern, text, `is given, but not ${absent} before it`);
      path += `/${kind === 'rest' ? restOf(pattern, text, value) : segmentOf(pattern, text, value)}`;
    }
    return path === '' ? '/' : path;
  }
}

/** `:name(constraint)?`; a constraint has no slash. */
const PARAM = /^:(\w+)(?:\(.*\))?(\?)?$/;

function partsOf(pattern: string): readonly PatternPart[] {
  const segments = pattern === '/' || pattern === '' ? [] : pattern.split('/').slice(1);
  return segments.map((segment): PatternPart => {
    const param = PARAM.exec(segment);
    if (param !== null) {
      return { kind: 'param', text: param[1]!, isOptional: param[2] !== undefined };
    }
    if (!segment.startsWith('*')) return { kind: 'text', text: segment, isOptional: false };
    return { kind: 'rest', text: segment.slice(1) || '*', isOptional: false };
  });
}

function segmentOf(pattern: string, name: string, value: unknown): string {
  const text = textOf(pattern, name, value);
  if (text === '') throw refused(pattern, name, 'is empty');
  return encoded(pattern, name, text);
}

function restOf(pattern: string, name: string, value: unknown): string {
  const text = textOf(pattern, name, value);
  return text
    .split('/')
    .map((segment) => encoded(pattern, name, segment))
    .join('/');
}

function textOf(pattern: string, name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    return String(value);
  }
  throw refused(pattern, name, value === undefined ? 'is missing' : 'is neither text nor number');
}

/** Dot segments cannot be escaped: `%2e%2e` climbs as `..` does (WHATWG URL §4.1). */
function encoded(pattern: string, name: string, segment: string): string {
  if (segment === '.' || segment === '..') {
    throw refused(pattern, name, `has the dot segment ${segment}, which would lead elsewhere`);
  }
  try {
    return encodeURIComponent(segment);
  } catch {
    throw refused(pattern, name, 'has half of a surrogate pair, which no UTF-8 can hold');
  }
}

function refuseUnknown(pattern: string, parts: readonly PatternPart[], values: ParamValues): void {
  for (const name of Object.keys(values)) {
    const isKnown = parts.some(({ kind, text }) => kind !== 'text' && text === name);
    if (!isKnown) throw refused(pattern, name, 'is no parameter of it');
  }
}

function refused(pattern: string, name: string, reason: string): InvalidRequestError {
  return new InvalidRequestError({
    code: 'INVALID_OPTION',
    phase: 'build',
    problem: `Route ${pattern} not called`,
    reason: `the parameter ${name} ${reason}`,
    remedy: 'Give each parameter of the route a value, and no others',
  });
}
