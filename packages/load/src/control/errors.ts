/*
 * Error
 * └─ ControlError        a run cannot be changed as asked: code, where
 */

/** Stable names of why a run could not be changed. */
export type ControlErrorCode =
  | 'CONTROL_NOT_RUNNING'
  | 'CONTROL_WARMING_UP'
  | 'CONTROL_MODEL'
  | 'CONTROL_VALUE'
  | 'CONTROL_STREAM'
  | 'CONTROL_IN_USE';

/** A run that cannot be changed as asked; it goes on as it was. `code` is stable. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
