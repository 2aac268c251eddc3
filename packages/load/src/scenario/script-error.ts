/*
 * Error
 * ├─ ScriptError        a scenario that cannot be run, or a call of its context that makes no sense: code
 * ├─ IterationFailed    what `fail()` throws
 * └─ RunStopped         what `stop()` throws
 */

/** Stable names of what can be wrong with a scenario. */
export type ScriptErrorCode =
  | 'SCRIPT_SETUP'
  | 'SCRIPT_SHARED'
  | 'SCRIPT_LOAD'
  | 'SCRIPT_HUNG'
  | 'SCRIPT_TARGET'
  | 'SCRIPT_CALL';

/** Message in the form `Problem: cause (where). Remedy.`; `code` is stable. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
  readonly code: ScriptErrorCode;

  constructor(code: ScriptErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Ends an iteration as failed; its message is what the scenario said. */
export class IterationFailed extends Error {
  override readonly name = 'Error';
}

/** Ends an iteration, and the run with it. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped';
}

/** For a call that cannot be meant: `think(-1)`. */
export function wrongCall(
  problem: string,
  cause: string,
  where: string,
  remedy: string,
): ScriptError {
  return new ScriptError('SCRIPT_CALL', `${problem}: ${cause} (${where}). ${remedy}.`);
}

/** What was given, for a message. */
export function shown(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === 'function') return 'a function';
  if (value === null || typeof value !== 'object') return String(value);
  return Array.isArray(value) ? 'an array' : 'an object';
}
