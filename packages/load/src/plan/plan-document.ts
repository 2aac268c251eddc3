import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
  type YAMLError,
} from 'yaml';
import { PlanFileError } from './errors.ts';
import type { FilePosition, PlanFault } from './errors.ts';
import type { PlanPath } from './plan-file.ts';

/** Plans are written by people; bodies and data have files of their own. */
const LARGEST_PLAN_BYTES = 4 * 2 ** 20;
const MOST_ALIASES = 100;

/** A YAML or JSON text as plain data, every part of which can be found again in the text. */
export interface PlanDocument {
  readonly data: unknown;
  /** Position of a value; with `'key'` of the key that names it. The nearest that exists, if it does not. */
  readonly positionOf: (path: PlanPath, part?: 'key' | 'value') => FilePosition;
}

/** Parses YAML 1.2, of which JSON is a part; throws a PlanFileError with every fault and its line. */
export function parsePlanDocument(text: string, file: string): PlanDocument {
  if (Buffer.byteLength(text) > LARGEST_PLAN_BYTES) {
    throw syntaxError(
      file,
      ['it is larger than 4 MiB', 'Move bodies to bodyFile and data to a feed.'],
      {
        file,
        line: 1,
        column: 1,
        source: text.slice(0, 40),
      },
    );
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const positionAt = (offset: number): FilePosition => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    const source = text.split('\n', line).at(-1) ?? '';
    return { file, line, column: col, source: source.replace(/\r$/, '') };
  };
  refuseFaults(file, [...document.errors, ...document.warnings], positionAt);
  refuseCollectionKeys(file, document, positionAt);
  const data = toData(file, document, positionAt);
  return {
    data,
    positionOf: (path, part = 'value') => {
      const node = nodeAt(document, path, part);
      return positionAt(node?.range?.[0] ?? 0);
    },
  };
}

const QUOTE_SLOTS = 'Put texts that begin with {{ in quotes.';

type PositionAt = (offset: number) => FilePosition;

function refuseFaults(file: string, faults: readonly YAMLError[], positionAt: PositionAt): void {
  if (faults.length === 0) return;
  const listed = faults.map(({ message, pos }): [PlanFault, FilePosition] => {
    const position = positionAt(pos[0]);
    // What YAML says of `target: {{base}}/path` helps nobody: to it, braces open a map.
    const remedy = /(?:^|[:-]\s+)\{\{/.test(position.source) ? QUOTE_SLOTS : 'Mend the YAML there.';
    return [syntaxFault(uncapitalised(message), remedy), position];
  });
  throw new PlanFileError(file, listed);
}

/** `target: {{name}}` is, to YAML, a map whose key is a map. */
function refuseCollectionKeys(file: string, document: Document, positionAt: PositionAt): void {
  visit(document, {
    Pair(_, { key }) {
      if (!isCollection(key)) return;
      const advice = ['a key is itself a map or a list', QUOTE_SLOTS] as const;
      throw syntaxError(file, advice, positionAt(key.range?.[0] ?? 0));
    },
  });
}

function toData(file: string, document: Document, positionAt: PositionAt): unknown {
  try {
    const data: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    if (!hasCycle(data)) return data;
  } catch (error) {
    // The library reports unknown and excessive aliases only here, without a place.
    if (!(error instanceof ReferenceError)) throw error;
    const advice = [
      uncapitalised(error.message),
      'Write the value out instead of *alias.',
    ] as const;
    throw syntaxError(file, advice, positionAt(0));
  }
  throw syntaxError(file, ['an alias holds itself', 'Write the value out.'], positionAt(0));
}

function hasCycle(value: unknown, above: readonly unknown[] = []): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (above.includes(value)) return true;
  const within = [...above, value];
  return Object.values(value).some((member) => hasCycle(member, within));
}

function nodeAt(document: Document, path: PlanPath, part: 'key' | 'value'): Node | null {
  let node: Node | null = document.contents;
  for (const [depth, step] of path.entries()) {
    const parent: Node | null = isAlias(node) ? (node.resolve(document) ?? null) : node;
    const isLast = depth === path.length - 1;
    const next = childOf(parent, step, isLast ? part : 'value');
    if (next === null) return node;
    node = next;
  }
  return node;
}

function childOf(parent: Node | null, step: string | number, part: 'key' | 'value'): Node | null {
  if (isSeq(parent)) return nodeOrNull(parent.items[Number(step)]);
  if (!isMap(parent)) return null;
  const pair = parent.items.find(({ key }) => String(key) === String(step));
  return nodeOrNull(part === 'key' ? pair?.key : (pair?.value ?? pair?.key));
}

function nodeOrNull(value: unknown): Node | null {
  return isNode(value) ? value : null;
}

function syntaxError(
  file: string,
  [cause, remedy]: readonly [cause: string, remedy: string],
  position: FilePosition,
): PlanFileError {
  return new PlanFileError(file, [[syntaxFault(cause, remedy), position]]);
}

function syntaxFault(cause: string, remedy: string): PlanFault {
  return { code: 'PLAN_SYNTAX', problem: 'Plan not readable', cause, where: 'syntax', remedy };
}

function uncapitalised(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/[.:]$/, '');
}
