import type { ParamsInput, ParamValue } from '../model/client-options.ts';
import { invalidOption } from '../model/invalid-option.ts';

/** A query as a client takes it, dates as JSON writes them. Throws InvalidRequestError for members that are objects. */
export function queryInput(query: unknown): ParamsInput {
  if (query === undefined || query === null) return {};
  if (typeof query !== 'object' || Symbol.iterator in query) return query as ParamsInput;
  const entries = Object.entries(query).map(([name, value]) => {
    const isList = Array.isArray(value);
    return [name, isList ? value.map((each) => queryValue(name, each)) : queryValue(name, value)];
  });
  return Object.fromEntries(entries) as ParamsInput;
}

function queryValue(name: string, value: unknown): ParamValue {
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null) return value as ParamValue;
  throw invalidOption(`query.${name}`, value, 'has no place in a query', 'Give text, or a list');
}
