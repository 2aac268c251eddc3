// Hot: `read` runs for each request of a route with schemas. Allocates the record of what is valid, and what the schemas
// do; promises only for a body that is not all here, or for a schema that gives one. Guarded by bench/src/input-parsers.ts.
import type { FieldMap } from '@needletail/wire';
import type { Query } from '../input/query.ts';
import type { IncomingBody } from '../listen/exchange.ts';
import { InputFaults, type InputPlace } from './input-error.ts';
import { bodyReader, type TypedBodyOptions } from './read-typed-body.ts';
import type { InferOutput, SchemaResult, StandardSchema } from './standard-schema.ts';
import { isLater, validate } from './validate.ts';

/** The schemas of a route; what has none is not looked at. */
export interface InputSchemas {
  readonly params?: StandardSchema;
  readonly query?: StandardSchema;
  /** Sees names in lower case, and an array for a repeated field. */
  readonly headers?: StandardSchema;
  readonly cookies?: StandardSchema;
  readonly body?: StandardSchema;
}

/** Where a request's input is taken from; each is asked for once, and only if there is a schema for it. */
export interface InputSource {
  params(): unknown;
  query(): Query;
  cookies(): Readonly<Record<string, string>>;
  readonly headers: FieldMap;
  readonly body: IncomingBody;
}

type OutputAt<
  Schemas extends InputSchemas,
  Place extends InputPlace,
> = Schemas[Place] extends StandardSchema ? InferOutput<Schemas[Place]> : undefined;

/** What the schemas made of the input; undefined where there is no schema. */
export type ValidInput<Schemas extends InputSchemas = InputSchemas> = {
  readonly [Place in InputPlace]: OutputAt<Schemas, Place>;
};

export interface InputReader<Schemas extends InputSchemas = InputSchemas> {
  /** Whether it reads the body, so that it gives a promise where not all of it is here. */
  readonly readsBody: boolean;
  /**
   * Throws, or rejects with: InputError (422) with all that all schemas found; BadInputError and BodyTooLargeError (400, 413,
   * 415) for a body that could not be read; SchemaError, which is a 500, for a schema that threw.
   */
  read(source: InputSource): ValidInput<Schemas> | Promise<ValidInput<Schemas>>;
}

const PLACES = ['params', 'query', 'headers', 'cookies'] as const;

/** A reader of what the schemas are for, or null when there are none, so that nothing has to be asked per request. */
export function compileInput<const Schemas extends InputSchemas>(
  schemas: Schemas,
  options: TypedBodyOptions & { readonly where?: string } = {},
): InputReader<Schemas> | null {
  const { where = 'input' } = options;
  const places: CheckedPlace[] = [];
  for (const place of PLACES) {
    const schema = schemas[place];
    if (schema !== undefined) places.push({ place, schema, where: `${where}, ${place}` });
  }
  if (schemas.body === undefined) {
    if (places.length === 0) return null;
    return { readsBody: false, read: (source) => new Reading<Schemas>(places, source).result() };
  }
  const body: CheckedPlace = { place: 'body', schema: schemas.body, where: `${where}, body` };
  const readBody = bodyReader(options);
  return {
    readsBody: true,
    read(source) {
      const reading = new Reading<Schemas>(places, source);
      return reading.resultWith(body, readBody(source));
    },
  };
}

interface CheckedPlace {
  readonly place: InputPlace;
  readonly schema: StandardSchema;
  readonly where: string;
}

/** One request on its way through the schemas of its route. */
class Reading<Schemas extends InputSchemas> {
  readonly #valid: Record<InputPlace, unknown> = {
    params: undefined,
    query: undefined,
    headers: undefined,
    cookies: undefined,
    body: undefined,
  };
  #faults: InputFaults | null = null;
  #later: Promise<void>[] | null = null;

  constructor(places: readonly CheckedPlace[], source: InputSource) {
    for (const checked of places) this.#check(checked, valueAt(source, checked.place));
  }

  result(): ValidInput<Schemas> | Promise<ValidInput<Schemas>> {
    return this.#later === null ? this.#finish() : this.#finishLater(this.#later);
  }

  resultWith(
    body: CheckedPlace,
    value: unknown,
  ): ValidInput<Schemas> | Promise<ValidInput<Schemas>> {
    if (value instanceof Promise) return value.then((settled) => this.resultWith(body, settled));
    this.#check(body, value);
    return this.result();
  }

  #check(checked: CheckedPlace, value: unknown): void {
    const result = validate(checked.schema, value, checked.where);
    if (isLater(result)) {
      const settled = result.then((known) => this.#settle(checked.place, known));
      // A body that cannot be read ends the reading while this one is under way.
      settled.catch(() => {});
      this.#later ??= [];
      this.#later.push(settled);
    } else {
      this.#settle(checked.place, result);
    }
  }

  #settle(place: InputPlace, result: SchemaResult<unknown>): void {
    if (result.issues === undefined) {
      this.#valid[place] = result.value;
      return;
    }
    this.#faults ??= new InputFaults();
    this.#faults.add(place, result.issues);
  }

  async #finishLater(later: readonly Promise<void>[]): Promise<ValidInput<Schemas>> {
    await Promise.all(later);
    return this.#finish();
  }

  #finish(): ValidInput<Schemas> {
    if (this.#faults !== null) throw this.#faults.toError();
    return this.#valid as ValidInput<Schemas>;
  }
}

function valueAt(source: InputSource, place: InputPlace): unknown {
  switch (place) {
    case 'params':
      return source.params();
    case 'query':
      return source.query();
    case 'headers':
      return source.headers.toObject();
    case 'cookies':
      return source.cookies();
    case 'body':
      return undefined;
  }
}
