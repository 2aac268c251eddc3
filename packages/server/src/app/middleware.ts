import type { Answer } from '../reply/answer.ts';
import { checkMiddleware } from './check-registration.ts';
import type { Context } from './context.ts';

/** The context of a request whose route is not known: what middleware and hooks are given. */
export type AnyContext = Context<object, object>;

/** Runs what comes after: the next middleware, in the end the handler. Gives what it returned, or its promise. */
export type Next = () => unknown;

/**
 * Around a handler. What it returns is answered: what `next()` gave, or something else in its place. It may stay
 * synchronous; `await next()` where it needs what comes after.
 */
export type Handle = (c: AnyContext, next: Next) => unknown;

/** How an exchange ended, for logs and metrics. */
export interface Outcome {
  /** 0 where there was no answer, as the handler broke the connection off; 101 of a WebSocket. */
  readonly status: number;
  /** From the request to the end of its answer, in milliseconds. */
  readonly durationMs: number;
  /** Of the body, as far as it was handed over, before a transfer coding; null where that is not known. */
  readonly sizeBytes: number | null;
  /** Why the answer did not reach its end, or null. */
  readonly error: unknown;
}

/** `Adds` are the locals that it leaves for those behind it. */
export interface Middleware<Adds = unknown> {
  /** For messages. */
  readonly name?: string;
  readonly handle?: Handle;
  /** Works on the encoded answer before it is sent; the middleware nearest to the handler first. */
  answer?(answer: Answer, c: AnyContext): Answer | Promise<Answer>;
  /** After the answer was sent, or could not be. */
  done?(c: AnyContext, outcome: Outcome): void;
  /** Types only. */
  readonly '~adds'?: Adds;
}

/** A function is middleware too. */
export type MiddlewareInput<Adds = unknown> =
  | Middleware<Adds>
  | (Handle & { readonly '~adds'?: Adds });

/** The locals of all of them together. */
export type AddedBy<Given extends readonly MiddlewareInput[]> = Given extends readonly [
  infer First,
  ...infer Rest extends readonly MiddlewareInput[],
]
  ? AddsOf<First> & AddedBy<Rest>
  : object;

type AddsOf<Input> = Input extends { readonly '~adds'?: infer Adds }
  ? unknown extends Adds
    ? object
    : NonNullable<Adds>
  : object;

/** Throws an OptionError for what is none. */
export function toMiddleware(input: MiddlewareInput): Middleware {
  checkMiddleware(input);
  return typeof input === 'function' ? { name: input.name, handle: input } : input;
}

/**
 * Middleware whose locals are known to the compiler: `app.use(middleware<{ user: User }>((c, next) => …))` gives every
 * handler behind it `c.locals.user`.
 */
export function middleware<Adds extends object>(
  handle: (c: Context<object, Adds>, next: Next) => unknown,
): MiddlewareInput<Adds> {
  return handle as unknown as MiddlewareInput<Adds>;
}
