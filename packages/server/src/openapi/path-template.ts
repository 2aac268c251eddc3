import { parsePattern, type Segment } from '../router/parse-pattern.ts';
import type { JsonSchema } from './openapi-types.ts';

/** A parameter of a path. */
export interface PathParameter {
  /** What the router calls it. */
  readonly name: string;
  /** What the template calls it: the same, but for a bare `*`. */
  readonly label: string;
  /** Takes slashes too, and nothing at all: more than OpenAPI can say. */
  readonly isRest: boolean;
  /** What can be said of it without a schema. */
  readonly schema: JsonSchema;
}

/** One path that a pattern stands for. */
export interface PathTemplate {
  /** `/users/{id}`; text is encoded as it is sent. */
  readonly path: string;
  /** Equal for templates that differ by names only, which OpenAPI takes for the same (§4.8.8). */
  readonly shape: string;
  readonly parameters: readonly PathParameter[];
}

const REST_LABEL = 'rest';

/** One template for each optional parameter, and one without any; the longest first. None for what is no pattern. */
export function pathTemplates(pattern: string): readonly PathTemplate[] {
  const variants = parsePattern(pattern);
  if ('code' in variants) return [];
  const constraints = constraintsOf(pattern);
  return variants.map((segments) => templateOf(segments, constraints));
}

function templateOf(
  segments: readonly Segment[],
  constraints: ReadonlyMap<string, string>,
): PathTemplate {
  const names = new Set(segments.flatMap((each) => (each.kind === 'static' ? [] : [each.name])));
  const parameters: PathParameter[] = [];
  const parts: string[] = [];
  const shape: string[] = [];
  for (const segment of segments) {
    if (segment.kind === 'static') {
      parts.push(encodeSegment(segment.text));
      shape.push(parts.at(-1)!);
      continue;
    }
    const { name } = segment;
    const label = name === '*' ? freeLabel(names) : name;
    const constraint = constraints.get(name);
    const schema = constraint === undefined ? {} : { pattern: `^(?:${constraint})$` };
    parameters.push({
      name,
      label,
      isRest: segment.kind === 'rest',
      schema: { type: 'string', ...schema },
    });
    parts.push(`{${label}}`);
    shape.push('{}');
  }
  return { path: `/${parts.join('/')}`, shape: `/${shape.join('/')}`, parameters };
}

/** The source of each constraint: what the router makes of it is no text any more. */
function constraintsOf(pattern: string): ReadonlyMap<string, string> {
  const found = pattern.matchAll(/\/:(\w+)\(([^/]*)\)\??(?=\/|$)/g);
  return new Map([...found].map(([, name, source]) => [name!, source!]));
}

function freeLabel(names: ReadonlySet<string>): string {
  let label = REST_LABEL;
  for (let number = 2; names.has(label); number += 1) label = `${REST_LABEL}${number}`;
  return label;
}

/** As RFC 3986 §3.3 wants a segment; braces, which would begin a parameter, are encoded too. */
function encodeSegment(text: string): string {
  return encodeURIComponent(text).replaceAll(/%(?:3A|40|24|26|2B|2C|3B|3D)/g, decodeURIComponent);
}
