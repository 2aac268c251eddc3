import { HttpError } from '../app/http-error.ts';
import { placeOf } from './issue-path.ts';
import type { SchemaIssue } from './standard-schema.ts';

/** Where the input of a request comes from. */
export type InputPlace = 'params' | 'query' | 'headers' | 'cookies' | 'body';

/** One thing that a schema found. */
export interface InputFault {
  readonly in: InputPlace;
  /** `$.items[0].a`; `$` for the whole. */
  readonly path: string;
  /** The same as a JSON Pointer: `/items/0/a` (RFC 6901). */
  readonly pointer: string;
  /** In the words of the schema. */
  readonly message: string;
}

/** More are counted and not listed: an array of wrong elements must not be answered with fifty times its size. */
const MOST_FAULTS = 100;

/** Input that the schemas of a route refuse: everything they found, in every place. */
export class InputError extends HttpError {
  override readonly name = 'InputError';
  override readonly code = 'INVALID_INPUT';
  declare readonly status: 422;
  declare readonly detail: string;
  /** At most 100, also as `errors` of the problem document; `detail` tells how many there are. */
  readonly errors: readonly InputFault[];

  constructor(errors: readonly InputFault[], count: number = errors.length) {
    const first = errors[0]!;
    const more = count > 1 ? ` (and ${count - 1} more)` : '';
    super(422, `${first.in} ${first.path}: ${first.message}${more}`, { members: { errors } });
    this.errors = errors;
  }
}

/** Gathers what the schemas of one request find. */
export class InputFaults {
  readonly #listed: InputFault[] = [];
  #count = 0;

  add(place: InputPlace, issues: readonly SchemaIssue[]): void {
    this.#count += issues.length;
    for (const issue of issues) {
      if (this.#listed.length === MOST_FAULTS) return;
      const { path, pointer } = placeOf(issue);
      this.#listed.push({ in: place, path, pointer, message: issue.message });
    }
  }

  toError(): InputError {
    return new InputError(this.#listed, this.#count);
  }
}
