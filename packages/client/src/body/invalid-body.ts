import { InvalidRequestError } from '../errors.ts';

/** For a body that cannot be sent as it was given. */
export function invalidBody(reason: string, remedy: string, cause?: unknown): InvalidRequestError {
  return new InvalidRequestError({
    code: 'INVALID_BODY',
    phase: 'build',
    problem: 'Body cannot be sent',
    reason,
    remedy,
    cause,
  });
}
