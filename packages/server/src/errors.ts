/**
 * What a server reports to the program that runs on it. What clients do wrong they are told by a status; the errors of the
 * codec (`ProtocolError`, `EncodeError`) and of the links (`LinkError`) belong to the wire.
 *
 *     Error
 *     └── ServerError              code, remedy
 *         ├── AnsweredTwiceError   ANSWERED_TWICE: a request has one answer
 *         ├── InvalidReplyError    INVALID_HEAD · INVALID_STATUS · INVALID_LENGTH: not sent, may still be answered
 *         ├── ClientGoneError      CLIENT_GONE: nobody is there any more
 *         ├── BodyTooLargeError    BODY_TOO_LARGE; maxBytes, and the status to answer, 413
 *         ├── BodyUsedError        BODY_USED: a body is read once
 *         ├── RequestRefusedError  REFUSED: by the connection itself, for a broken rule or a time limit; status, cause
 *         ├── RouteError           a route that was refused at registration: ./router/route-error.ts
 *         ├── WebSocketError       INVALID_OPTION · INVALID_CLOSE · INVALID_PING · TOO_MANY_WAITING: ./websocket/websocket-error.ts
 *         ├── BackendError         UNKNOWN_BACKEND · NO_BACKEND · NOT_ON_BACKEND: what was asked for is not there
 *         ├── InjectError          a graph of providers that cannot work, or a closed scope: ./inject/inject-error.ts
 *         ├── CertificateError     BAD_CERTIFICATE: not to be read, or not of this key
 *         ├── WorkerError          INVALID_WORKERS · WORKER_NOT_STARTED · WORKER_ENDED · WORKERS_KEEP_ENDING
 *         ├── HeadGoneError        HEAD_GONE: fields asked for after the answer
 *         ├── TakeOverError        NO_TAKE_OVER: nothing to take over any more
 *         ├── OpenApiError         a document that cannot be made: ./openapi/openapi-error.ts
 *         ├── HttpError            HTTP_404 and the like: thrown to be answered; ./app/http-error.ts
 *         │   ├── BadInputError    BAD_JSON, INPUT_LIMIT and the like: 400, 413, 415; ./input/bad-input.ts
 *         │   └── InputError       INVALID_INPUT: 422, with all that the schemas found; ./schema/input-error.ts
 *         ├── OutputError          INVALID_OUTPUT: a handler returned what its schema refuses; ./schema/compile-output.ts
 *         ├── SchemaError          SCHEMA_THREW: a schema failed itself; ./schema/validate.ts
 *         ├── PartGoneError        PART_GONE: a part of a form that was read, or dropped; ./input/multipart-part.ts
 *         ├── CookieError          INVALID_COOKIE: not set; ./input/encode-cookie.ts
 *         ├── HandlerError         HANDLER: what a handler or middleware did cannot be answered
 *         ├── OptionError          OPTION: an option that contradicts another, or that no server should have
 *         ├── AppFrozenError       APP_FROZEN: registered after the start
 *         └── AppClosedError       APP_CLOSED: told to listen after its end
 */

/** What an error says besides its class; the message reads `Problem: cause (where). Remedy.` */
export interface ServerErrorDetails {
  readonly code: string;
  readonly problem: string;
  readonly reason: string;
  readonly where?: string;
  readonly remedy: string;
  readonly cause?: unknown;
}

export class ServerError extends Error {
  override readonly name: string = 'ServerError';
  /** Stable; see the tree at the top of the file that defines this class. */
  readonly code: string;
  readonly remedy: string;

  constructor({ code, problem, reason, where, remedy, cause }: ServerErrorDetails) {
    const place = where === undefined ? '' : ` (${where})`;
    super(`${problem}: ${reason}${place}. ${remedy}.`, cause === undefined ? {} : { cause });
    this.code = code;
    this.remedy = remedy;
  }
}

export class AnsweredTwiceError extends ServerError {
  override readonly name = 'AnsweredTwiceError';

  constructor(where: string) {
    super({
      code: 'ANSWERED_TWICE',
      problem: 'Answer not sent',
      reason: 'the request has been answered',
      where,
      remedy: 'Return after the first answer',
    });
  }
}

export class InvalidReplyError extends ServerError {
  override readonly name = 'InvalidReplyError';
}

/** The client closed or lost the connection, or was too slow; nothing that is sent reaches it. */
export class ClientGoneError extends ServerError {
  override readonly name = 'ClientGoneError';

  constructor(where: string, cause?: unknown) {
    super({
      code: 'CLIENT_GONE',
      problem: 'Exchange not completed',
      reason: 'the connection is gone',
      where,
      remedy: 'Stop work on it; request.signal tells in time',
      cause,
    });
  }
}

export class BodyTooLargeError extends ServerError {
  override readonly name = 'BodyTooLargeError';
  readonly status = 413;
  readonly maxBytes: number;

  constructor(maxBytes: number, where: string) {
    super({
      code: 'BODY_TOO_LARGE',
      problem: 'Body not read',
      reason: `it is longer than ${maxBytes} bytes`,
      where,
      remedy: 'Allow more for this route, or read it as a stream',
    });
    this.maxBytes = maxBytes;
  }
}

export class BodyUsedError extends ServerError {
  override readonly name = 'BodyUsedError';

  constructor(where: string) {
    super({
      code: 'BODY_USED',
      problem: 'Body not read',
      reason: 'it was read before',
      where,
      remedy: 'Read it once, and keep what was read',
    });
  }
}

/** The connection has answered the request with `status` itself, and closed: a broken rule, or a time that ran out. */
export class RequestRefusedError extends ServerError {
  override readonly name = 'RequestRefusedError';
  readonly status: number;

  constructor(status: number, reason: string, where: string, cause?: unknown) {
    super({
      code: 'REFUSED',
      problem: `Request refused with ${status}`,
      reason,
      where,
      remedy: 'Stop work on it; request.signal tells in time',
      cause,
    });
    this.status = status;
  }
}

export class HeadGoneError extends ServerError {
  override readonly name = 'HeadGoneError';

  constructor(where: string) {
    super({
      code: 'HEAD_GONE',
      problem: 'No header fields',
      reason: 'they were first asked for after the request was answered, and were not kept',
      where,
      remedy: 'Take request.headers before the answer is sent, or return a promise',
    });
  }
}

export class TakeOverError extends ServerError {
  override readonly name = 'TakeOverError';

  constructor(where: string) {
    super({
      code: 'NO_TAKE_OVER',
      problem: 'Connection not taken over',
      reason: 'the request has been answered, or the client is gone',
      where,
      remedy: 'Take over once, instead of an answer',
    });
  }
}

/** The server could not start on the backend that was asked for. */
export class BackendError extends ServerError {
  override readonly name = 'BackendError';

  constructor(
    code: 'UNKNOWN_BACKEND' | 'NO_BACKEND' | 'NOT_ON_BACKEND',
    reason: string,
    where: string,
    remedy: string,
  ) {
    super({ code, problem: 'Server not started', reason, where, remedy });
  }
}

/** A mistake in the program: what its handler or middleware did cannot be answered; the client gets a 500. */
export class HandlerError extends ServerError {
  override readonly name = 'HandlerError';

  constructor(reason: string, where: string, cause?: unknown) {
    super({
      code: 'HANDLER',
      problem: 'Request not answered as intended',
      reason,
      ...(where === '' ? {} : { where }),
      remedy: 'Mend the handler or middleware of this route',
      cause,
    });
  }
}

/** Thrown where something is made, before there is a request. */
export class OptionError extends ServerError {
  override readonly name = 'OptionError';

  /** `where` is the function that was given the options. */
  constructor(where: string, reason: string, remedy: string) {
    super({ code: 'OPTION', problem: 'Option refused', reason, where, remedy });
  }
}

export class AppFrozenError extends ServerError {
  override readonly name = 'AppFrozenError';

  constructor(what: string) {
    super({
      code: 'APP_FROZEN',
      problem: 'Not registered',
      reason: 'the application has started, and everything was decided then',
      where: what,
      remedy: 'Register before listen, fetch and inject',
    });
  }
}

export class AppClosedError extends ServerError {
  override readonly name = 'AppClosedError';

  constructor(where: string) {
    super({
      code: 'APP_CLOSED',
      problem: 'Server not started',
      reason: 'the application was closed, and what it used is gone',
      where,
      remedy: 'Make another App',
    });
  }
}

export class CertificateError extends ServerError {
  override readonly name = 'CertificateError';

  constructor(reason: string, where: string, cause: unknown) {
    super({
      code: 'BAD_CERTIFICATE',
      problem: 'Certificate not taken',
      reason,
      where,
      remedy: 'Give a certificate chain and its key in PEM',
      cause,
    });
  }
}

/** What the remedy is for each way in which worker processes fail. */
const WORKER_REMEDIES = {
  INVALID_WORKERS: 'Give a whole number from 1 on, or auto, to one server of a program',
  WORKER_NOT_STARTED: 'Start the program without workers to see why',
  WORKER_ENDED: 'Another one takes its place; see what it printed',
  WORKERS_KEEP_ENDING: 'Mend what ends them: it is in what they printed',
} as const;

export class WorkerError extends ServerError {
  override readonly name = 'WorkerError';

  constructor(code: keyof typeof WORKER_REMEDIES, reason: string, where: string) {
    const problem = code === 'WORKER_ENDED' ? 'Worker lost' : 'Workers not running';
    super({ code, problem, reason, where, remedy: WORKER_REMEDIES[code] });
  }
}
