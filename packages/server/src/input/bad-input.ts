import { HttpError } from '../app/http-error.ts';

/** Stable names of what can be wrong with what a client sent. */
export type BadInputCode =
  | 'BAD_QUERY'
  | 'BAD_TEXT'
  | 'BAD_JSON'
  | 'BAD_FORM'
  | 'BAD_MULTIPART'
  | 'BAD_CONTENT_CODING'
  | 'BODY_EMPTY'
  | 'INPUT_LIMIT'
  | 'UNSUPPORTED_CONTENT_CODING'
  | 'UNSUPPORTED_MEDIA_TYPE';

export type BadInputStatus = 400 | 413 | 415;

export interface BadInputOptions {
  /** Of the answer: what would have been accepted (RFC 9110 §15.5.16). */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** A request that could not be read for what the client sent. */
export class BadInputError extends HttpError {
  override readonly name: string = 'BadInputError';
  override readonly code: BadInputCode;
  declare readonly status: BadInputStatus;
  declare readonly detail: string;

  /** `detail` goes to the client: sentences that quote nothing of what was sent beyond names and positions. */
  constructor(
    status: BadInputStatus,
    code: BadInputCode,
    detail: string,
    options: BadInputOptions = {},
  ) {
    super(status, detail, options);
    this.code = code;
  }
}

/** What a limit says: 413 when it is about the size of the body, 400 when about anything else. */
export function limitError(what: string, maximum: number, status: 400 | 413 = 400): BadInputError {
  return new BadInputError(status, 'INPUT_LIMIT', `There are more than ${maximum} ${what}.`);
}
