import { readFileSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LEAST_UPPER_BOUND, originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import type { ScriptPlan } from '../plan/script-plan.ts';

/** A bundle and the way back from it to the files it was made of. */
export interface StackSource {
  /** URL of the bundle, as stacks name it. */
  readonly moduleUrl: string;
  /** The source map of the bundle, whose sources are absolute paths. */
  readonly map: string | TraceMap;
  /** Paths are shown relative to it. */
  readonly cwd: string;
}

interface Position {
  readonly line: number;
  readonly column: number;
}

const FRAME = /^\s*at (?:async )?(?:(.*?) \()?(\S.*?):(\d+):(\d+)\)?$/;

/**
 * A stack with the lines of the user's files in place of those of the bundle, as `at checkout (load.ts:12:9)`. What lies
 * between them, packages and this tool, is folded to one line; what lies below the last of them is left out.
 */
export function mapStack(stack: string, source: StackSource): string {
  const map = typeof source.map === 'string' ? new TraceMap(source.map) : source.map;
  const lines = stack.split('\n');
  const firstFrame = lines.findIndex((line) => /^\s*at /.test(line));
  if (firstFrame === -1) return stack;
  const shown: string[] = [];
  let folded = 0;
  for (const line of lines.slice(firstFrame)) {
    const frame = userFrame(line, source, map);
    if (frame === null) {
      folded += 1;
      continue;
    }
    if (folded > 0)
      shown.push(`    … ${folded} ${folded === 1 ? 'call' : 'calls'} outside the scenario`);
    folded = 0;
    shown.push(frame);
  }
  return [...lines.slice(0, firstFrame), ...shown].join('\n');
}

/** Null for a line that is not of the user's files. */
function userFrame(text: string, source: StackSource, map: TraceMap): string | null {
  const match = FRAME.exec(text);
  if (match === null) return null;
  const [, name, place, line, column] = match;
  const path = pathOf(place);
  if (path !== pathOf(source.moduleUrl)) return null;
  const original = originalAt(map, { line: Number(line), column: Number(column) - 1 });
  const file = original.source;
  if (file === null || !isAbsolute(file) || file.includes(`${sep}node_modules${sep}`)) return null;
  const position = `${shownPath(file, source.cwd)}:${original.line}:${original.column + 1}`;
  const called = name?.replace(/^(?:Object|Module)\./, '');
  return called === undefined || called === '' || called === '<anonymous>'
    ? `    at ${position}`
    : `    at ${called} (${position})`;
}

/** A place before the first token of its line stands for the line. */
function originalAt(map: TraceMap, place: Position): ReturnType<typeof originalPositionFor> {
  const exact = originalPositionFor(map, place);
  if (exact.source !== null) return exact;
  return originalPositionFor(map, { ...place, bias: LEAST_UPPER_BOUND });
}

function pathOf(place: string): string {
  return place.startsWith('file://') ? fileURLToPath(place.replace(/[?#].*$/, '')) : place;
}

/** Relative where that is shorter to read than the whole path. */
export function shownPath(file: string, cwd: string): string {
  const path = relative(cwd, file);
  return path.startsWith(`..${sep}..${sep}..`) ? file : path;
}

/** Maps stacks of a script's run; the bundle and its map have to be there still. */
export function stackMapperFor(script: ScriptPlan): (stack: string) => string {
  // A definition in the code of a test was never bundled: its stacks are right as they are.
  if (script.moduleUrl === '') return (stack) => stack;
  const path = fileURLToPath(script.moduleUrl);
  const map = new TraceMap(readFileSync(`${path}.map`, 'utf8'));
  const source = { moduleUrl: script.moduleUrl, map, cwd: process.cwd() };
  return (stack) => mapStack(stack, source);
}
