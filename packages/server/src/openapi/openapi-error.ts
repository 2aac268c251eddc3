import { ServerError } from '../errors.ts';

/**
 * A document that was not made, as no client could use it.
 *
 *     ServerError
 *     └── OpenApiError     DUPLICATE_OPERATION_ID: two routes were given one
 *                          UNKNOWN_SECURITY_SCHEME: a requirement names none of those given
 */
export class OpenApiError extends ServerError {
  override readonly name = 'OpenApiError';

  constructor(
    code: 'DUPLICATE_OPERATION_ID' | 'UNKNOWN_SECURITY_SCHEME',
    reason: string,
    where: string,
    remedy: string,
  ) {
    super({ code, problem: 'OpenAPI document not made', reason, where, remedy });
  }
}
