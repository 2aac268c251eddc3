/** Kinds of error beyond this many are counted together. */
const MAX_KINDS = 100;
const MAX_MESSAGE_LENGTH = 500;
const OTHER = 'other errors';

/** One kind of error as its thread saw it: `stack` is the text of the first occurrence, positions those of the bundle. */
export interface RawScriptError {
  /** Position in `ScriptPlan.scenarios`; -1 when it cannot be told, as for a promise nobody awaited. */
  readonly scenario: number;
  readonly message: string;
  readonly stack: string;
  readonly count: number;
  readonly unhandled: boolean;
}

/** What scripts of one thread threw, by scenario, message and the line of the user's that threw it. */
export class ScriptErrors {
  readonly #moduleUrl: string;
  readonly #kinds = new Map<
    string,
    { -readonly [Key in keyof RawScriptError]: RawScriptError[Key] }
  >();
  #changed = false;

  /** `moduleUrl` is the module of the scripts: its frames tell errors of the same message apart. */
  constructor(moduleUrl: string) {
    this.#moduleUrl = moduleUrl;
  }

  record(scenario: number, thrown: unknown, unhandled = false): void {
    const message = messageOf(thrown);
    const stack = thrown instanceof Error ? (thrown.stack ?? '') : '';
    this.#count(scenario, message, stack, unhandled);
  }

  /** Forgets everything, as at the end of a warm-up. */
  reset(): void {
    this.#kinds.clear();
    this.#changed = true;
  }

  /** The errors so far, if there were new ones since the last call. */
  takeErrors(): readonly RawScriptError[] | null {
    if (!this.#changed) return null;
    this.#changed = false;
    return [...this.#kinds.values()].map((kind) => ({ ...kind }));
  }

  #count(scenario: number, message: string, stack: string, unhandled: boolean): void {
    this.#changed = true;
    const frame = userFrameOf(stack, this.#moduleUrl);
    const key = `${scenario} ${unhandled} ${frame} ${message}`;
    const known = this.#kinds.get(key);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    if (this.#kinds.size >= MAX_KINDS && message !== OTHER)
      this.#count(scenario, OTHER, '', unhandled);
    else this.#kinds.set(key, { scenario, message, stack, count: 1, unhandled });
  }
}

/** Errors of all threads, those of the same kind added up, most frequent first. */
export function mergeScriptErrors(
  perThread: readonly (readonly RawScriptError[])[],
  moduleUrl: string,
): readonly RawScriptError[] {
  const merged = new Map<string, RawScriptError>();
  for (const error of perThread.flat()) {
    const { scenario, unhandled, stack, message } = error;
    const key = `${scenario} ${unhandled} ${userFrameOf(stack, moduleUrl)} ${message}`;
    const known = merged.get(key);
    merged.set(key, known === undefined ? error : { ...known, count: known.count + error.count });
  }
  return [...merged.values()].toSorted((left, right) => right.count - left.count);
}

function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? describe(thrown) : `threw ${show(thrown)}`;
  return text.length > MAX_MESSAGE_LENGTH ? `${text.slice(0, MAX_MESSAGE_LENGTH - 1)}…` : text;
}

/** Names that say nothing to whoever wrote the scenario. */
const UNTOLD = new Set(['Error', 'PlanError']);

/** `TypeError: x is not a function`; the plain name of an Error is left out. */
function describe({ name, message }: Error): string {
  if (message === '') return name;
  return UNTOLD.has(name) ? message : `${name}: ${message}`;
}

function show(thrown: unknown): string {
  try {
    return typeof thrown === 'string' ? JSON.stringify(thrown) : String(thrown);
  } catch {
    // An object may refuse to become a string; the error to report is the one that was thrown, not that.
    return Object.prototype.toString.call(thrown);
  }
}

/** The innermost frame in the scripts' module, else the innermost of all: V8 and JavaScriptCore both write one a line. */
function userFrameOf(stack: string, moduleUrl: string): string {
  const frames = stack.split('\n').filter((line) => /:\d+(?::\d+)?\)?$/.test(line));
  return (frames.find((line) => line.includes(moduleUrl)) ?? frames[0] ?? '').trim();
}
