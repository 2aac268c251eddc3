/*
 * Error
 * └─ PlanError           what was asked for cannot be run: code, where, position
 *    ├─ PlanFileError    a plan file with one fault or several: file, faults
 *    ├─ DefinitionError  a definition in code with one fault or several: file, faults
 *    └─ ScriptLoadError  a scenario file that cannot be loaded (script/script-load-error.ts)
 */

/** Stable names of what can be wrong with a plan. */
export type PlanErrorCode =
  | 'PLAN_SYNTAX'
  | 'PLAN_SHAPE'
  | 'PLAN_VARIABLE'
  | 'PLAN_SLOT'
  | 'PLAN_DURATION'
  | 'PLAN_COUNT'
  | 'PLAN_RATE'
  | 'PLAN_STAGE'
  | 'PLAN_LOAD'
  | 'PLAN_CONFLICT'
  | 'PLAN_LIMIT'
  | 'PLAN_URL'
  | 'PLAN_METHOD'
  | 'PLAN_HEADER'
  | 'PLAN_BODY'
  | 'PLAN_REQUEST'
  | 'PLAN_STATUS'
  | 'PLAN_THRESHOLD'
  | 'PLAN_FEED'
  | 'PLAN_WATCH'
  | 'PLAN_FILE'
  | 'SCRIPT_FILE'
  | 'SCRIPT_SYNTAX'
  | 'SCRIPT_IMPORT'
  | 'SCRIPT_TYPES'
  | 'SCRIPT_THREW'
  | 'SCRIPT_HUNG'
  | 'SCRIPT_MEMORY'
  | 'SCRIPT_EXIT'
  | 'SCRIPT_SETUP'
  | 'SCRIPT_TARGET';

/** Parts of a message in the form `Problem: cause (where). Remedy.` */
export interface PlanFault {
  readonly code: PlanErrorCode;
  readonly problem: string;
  readonly cause: string;
  /** Flag, key or text at fault; empty when the position says it all. */
  readonly where: string;
  readonly remedy: string;
}

/** A place in a plan file; line and column count from 1. */
export interface FilePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The whole line, to be shown below the message. */
  readonly source: string;
}

/**
 * A load test that cannot be run as asked. `code` is stable, `where` names the flag, the key or the text at fault, and
 * `position` is set when it stands in a plan file; then the message ends with that line.
 */
export class PlanError extends Error {
  override readonly name: string = 'PlanError';
  readonly code: PlanErrorCode;
  readonly where: string;
  readonly position: FilePosition | null;
  readonly #fault: PlanFault;

  constructor(fault: PlanFault, position: FilePosition | null = null, options?: ErrorOptions) {
    super(sentence(fault, position), options);
    this.code = fault.code;
    this.where = fault.where;
    this.position = position;
    this.#fault = fault;
  }

  /** The same fault, with its place in a plan file unless it has one. */
  at(position: FilePosition): PlanError {
    return this.position === null
      ? new PlanError(this.#fault, position, { cause: this.cause })
      : this;
  }
}

/** A plan file with faults, all of them in the message; `code`, `where` and `position` are those of the first. */
export class PlanFileError extends PlanError {
  override readonly name: string = 'PlanFileError';
  readonly file: string;
  readonly faults: readonly PlanError[];

  constructor(file: string, faults: readonly [fault: PlanFault, position: FilePosition][]) {
    super(...faults[0]);
    this.file = file;
    this.faults = faults.map(([fault, position]) => new PlanError(fault, position));
    this.message = this.faults.map((fault) => fault.message).join('\n');
  }
}

/** A load definition in code with faults, all of them in the message; `code` and `where` are those of the first. */
export class DefinitionError extends PlanError {
  override readonly name: string = 'DefinitionError';
  readonly file: string;
  readonly faults: readonly PlanError[];

  constructor(file: string, faults: readonly PlanFault[]) {
    super(faults[0]!);
    this.file = file;
    this.faults = faults.map((fault) => new PlanError(fault));
    this.message = this.faults.map((fault) => fault.message).join('\n');
  }
}

function sentence(fault: PlanFault, position: FilePosition | null): string {
  const { problem, cause, where, remedy } = fault;
  if (position === null) return `${problem}: ${cause} (${where}). ${remedy}`;
  const { file, line, column } = position;
  const place = `${where === '' ? '' : `${where}, `}${file}:${line}:${column}`;
  return `${problem}: ${cause} (${place}). ${remedy}\n${excerpt(position)}`;
}

/** With its margin it fits a terminal of 80 columns. */
const LONGEST_EXCERPT = 70;

/** The line and a caret under the column; of a long line, the part around it. */
function excerpt({ line, column, source }: FilePosition): string {
  const skip = column > LONGEST_EXCERPT ? column - LONGEST_EXCERPT / 2 : 0;
  const shown = source.slice(skip, skip + LONGEST_EXCERPT).replace(/\p{Cc}/gu, ' ');
  const margin = `  ${line} | `;
  return `${margin}${shown}\n${' '.repeat(margin.length - 2)}| ${' '.repeat(Math.max(0, column - 1 - skip))}^`;
}

/** A PlanError about one request. */
export function requestFault(
  problem: string,
  cause: string,
  where: string,
  remedy: string,
): PlanError {
  return new PlanError({ code: 'PLAN_REQUEST', problem, cause, where, remedy });
}

/** Text for a message: quoted, on one line, and not longer than people read. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
