/*
 * Error
 * └─ PlanError           what was asked for cannot be run: code, where
 *    └─ PlanFileError    a plan file with faults in it: file, faults (code, line, column, message)
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
  | 'PLAN_FILE';

/** Parts of a message in the form `Problem: cause (where). Remedy.` */
export interface PlanFault {
  readonly code: PlanErrorCode;
  readonly problem: string;
  readonly cause: string;
  /** Flag, key with file, line and column, or the text at fault. */
  readonly where: string;
  readonly remedy: string;
}

/** A load test that cannot be run as asked; `code` is stable, `where` names the flag, the key or the text at fault. */
export class PlanError extends Error {
  override readonly name: string = 'PlanError';
  readonly code: PlanErrorCode;
  readonly where: string;

  constructor(fault: PlanFault, options?: ErrorOptions) {
    super(`${fault.problem}: ${fault.cause} (${fault.where}). ${fault.remedy}`, options);
    this.code = fault.code;
    this.where = fault.where;
  }
}

/** One fault in a plan file; line and column count from 1. */
export interface PlanFileFault {
  readonly code: PlanErrorCode;
  readonly line: number;
  readonly column: number;
  /** The sentence for people, without the source line. */
  readonly message: string;
}

/** A plan file with faults; the message lists them all, each with its line of the file. */
export class PlanFileError extends PlanError {
  override readonly name: string = 'PlanFileError';
  readonly file: string;
  readonly faults: readonly PlanFileFault[];

  constructor(file: string, faults: readonly PlanFileFault[], message: string, first: PlanFault) {
    super(first);
    this.message = message;
    this.file = file;
    this.faults = faults;
  }
}

/** Text for a message: quoted, on one line, and not longer than people read. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
