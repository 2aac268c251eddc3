import type { FieldMap } from '@needletail/wire';
import type { Query } from '../input/query.ts';
import type { IncomingBody } from '../listen/exchange.ts';
import { compileInput, type InputSource } from '../schema/compile-input.ts';
import type { InputStep } from './compile-route.ts';
import type { AnyContext } from './middleware.ts';
import type { Route } from './route.ts';

/** Reads what the schemas of a route are for into its context; null where there are none. */
export function inputStep(
  { method, pattern, options }: Route,
  bodyLimitBytes: number,
): InputStep | null {
  const { params, query, headers, cookies, body } = options;
  const schemas = { params, query, headers, cookies, body };
  const given = Object.entries(schemas).filter(([, schema]) => schema !== undefined);
  const reader = compileInput(Object.fromEntries(given), {
    where: `${method} ${pattern}`,
    maxBytes: options.bodyLimitBytes ?? bodyLimitBytes,
  });
  if (reader === null) return null;
  return (c) => {
    const valid = reader.read(new ContextInput(c));
    if (!(valid instanceof Promise)) return c.takeInput(valid);
    return valid.then((settled) => c.takeInput(settled));
  };
}

/** What was sent, before any schema has seen it. */
class ContextInput implements InputSource {
  readonly #context: AnyContext;

  constructor(context: AnyContext) {
    this.#context = context;
  }

  get headers(): FieldMap {
    return this.#context.request.headers;
  }

  get body(): IncomingBody {
    return this.#context.sentBody;
  }

  params(): unknown {
    return this.#context.params;
  }

  query(): Query {
    return this.#context.query;
  }

  cookies(): Readonly<Record<string, string>> {
    return this.#context.sentCookies;
  }
}
