import { DecodingError, InvalidRequestError } from '../errors.ts';
import type { Concerned } from './explain.ts';

/** For a request whose method is CONNECT. */
export function connectRefused({ method, url }: Concerned): InvalidRequestError {
  return new InvalidRequestError({
    code: 'INVALID_OPTION',
    phase: 'build',
    problem: 'Request not sent',
    reason: 'CONNECT asks a proxy for a tunnel, which is no request to a URL',
    remedy: 'Use the option proxy',
    method,
    url: url.href,
  });
}

/** For a response that is not streamed and whose body passes `maxBodyBytes`. */
export function bodyTooLarge(
  { method, url }: Concerned,
  maxBodyBytes: number,
  remedy = 'Use stream(), or raise maxBodyBytes',
): DecodingError {
  return new DecodingError({
    code: 'BODY_TOO_LARGE',
    phase: 'decode',
    problem: 'Response refused',
    reason: `its body is larger than ${maxBodyBytes} bytes`,
    remedy,
    method,
    url: url.href,
  });
}
