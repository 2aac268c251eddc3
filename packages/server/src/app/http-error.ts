import { REASON_PHRASES } from '@needletail/wire';
import { ServerError } from '../errors.ts';
import { Reply, type ReplyFields } from '../reply/reply.ts';

export interface HttpErrorOptions {
  /** A URI that identifies the kind of problem; `about:blank` unless given (RFC 9457 §4.2.1). */
  readonly type?: string;
  /** The phrase of the status unless given. */
  readonly title?: string;
  /** Fields of the answer: WWW-Authenticate, Retry-After, Allow. */
  readonly headers?: ReplyFields;
  /** More members of the problem document, such as `errors`. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * Thrown by a handler to answer with a problem document (RFC 9457); `detail` is shown to the client. One with a status from
 * 500 on is reported as well.
 */
export class HttpError extends ServerError {
  override readonly name: string = 'HttpError';
  readonly status: number;
  readonly detail: string | null;
  readonly options: HttpErrorOptions;

  constructor(status: number, detail: string | null = null, options: HttpErrorOptions = {}) {
    super({
      code: `HTTP_${status}`,
      problem: `Answered with ${status}`,
      reason: detail ?? REASON_PHRASES[status] ?? 'an error',
      remedy: 'What the client is told is in `detail`',
      ...(options.cause === undefined ? {} : { cause: options.cause }),
    });
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new RangeError(
        `HttpError not made: ${status} is no error (RFC 9110 §15). Give 400 to 599.`,
      );
    }
    this.status = status;
    this.detail = detail;
    this.options = options;
  }
}

const PROBLEM_TYPE = 'application/problem+json';

const known = new Map<number, Reply>();

/** A problem document (RFC 9457). Those with nothing but a status are made once. */
export function problem(
  status: number,
  detail: string | null = null,
  options: HttpErrorOptions = {},
): Reply {
  const isBare = detail === null && Object.keys(options).length === 0;
  if (!isBare) return makeProblem(status, detail, options);
  let reply = known.get(status);
  if (reply === undefined) known.set(status, (reply = makeProblem(status, null, {})));
  return reply;
}

export function problemOf(error: HttpError): Reply {
  return problem(error.status, error.detail, error.options);
}

function makeProblem(status: number, detail: string | null, options: HttpErrorOptions): Reply {
  const { type = 'about:blank', title = REASON_PHRASES[status] ?? 'Error' } = options;
  const document = {
    type,
    title,
    status,
    ...(detail === null ? {} : { detail }),
    ...options.members,
  };
  const { headers } = options;
  return new Reply(
    { kind: 'whole', data: JSON.stringify(document) },
    headers === undefined ? { status } : { status, headers },
    PROBLEM_TYPE,
  );
}
