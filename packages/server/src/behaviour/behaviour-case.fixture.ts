import type { App } from '../app/app.ts';

export type ExpectedFields = Readonly<Record<string, string | RegExp | null>>;

/** One request and the answer it has, in whatever way it reaches the application. */
export interface BehaviourCase {
  readonly name: string;
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly answer: {
    readonly status: number;
    /** Those that matter; null for one that must not be there. Names in lower case. */
    readonly headers?: ExpectedFields;
    readonly cookies?: readonly string[];
    /** As latin1; what is not given may be anything. */
    readonly body?: string | RegExp;
  };
  /** What not every way has: the address of the client. */
  readonly needs?: 'address';
  /** Errors of the program that are reported. */
  readonly reports?: number;
}

/** What a way gives back: fields by lower-case name, Set-Cookie apart, the body as latin1. */
export interface BehaviourAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly cookies: readonly string[];
  readonly body: string;
}

/** Routes of one concern, and what is asked of them; the order counts. */
export interface Concern {
  add(app: App): void;
  readonly cases: readonly BehaviourCase[];
}

export const JSON_TYPE = 'application/json';
export const PROBLEM_TYPE = 'application/problem+json';

export const latin1 = (value: string): string => Buffer.from(value).toString('latin1');

export const is = (
  status: number,
  body?: string | RegExp,
  headers?: ExpectedFields,
): BehaviourCase['answer'] => ({
  status,
  ...(body === undefined ? {} : { body }),
  ...(headers === undefined ? {} : { headers }),
});

export const problemText = (title: string, status: number, more: object = {}): string =>
  JSON.stringify({ type: 'about:blank', title, status, ...more });
