import type { ParamsInput, ParamValue } from './client-options.ts';
import { invalidOption } from './invalid-option.ts';

const REMEDY = 'Give an object, pairs, URLSearchParams or a string';

/**
 * Query parameters as `application/x-www-form-urlencoded` (WHATWG URL §5): a space becomes `+`, and `%` is a character
 * like any other. A string is taken as encoded already, with or without its `?`. Throws InvalidRequestError, which names
 * `option`.
 */
export function encodeParams(input: ParamsInput, option = 'params'): string {
  if (typeof input === 'string') {
    const query = input.startsWith('?') ? input.slice(1) : input;
    return query.replaceAll('#', '%23');
  }
  if (input instanceof URLSearchParams) return input.toString();
  if (typeof input !== 'object' || input === null) {
    throw invalidOption(option, input, 'is no list of parameters', REMEDY);
  }
  const params = new URLSearchParams();
  if (Symbol.iterator in input) {
    for (const pair of input) {
      const given: unknown = pair;
      if (typeof given !== 'object' || given === null || !(Symbol.iterator in given)) {
        throw invalidOption(option, pair, 'is no pair of a name and a value', REMEDY);
      }
      append(params, ...pair);
    }
  } else {
    for (const [name, value] of Object.entries(input)) {
      if (Array.isArray(value)) for (const member of value) append(params, name, member);
      else append(params, name, value as ParamValue);
    }
  }
  return params.toString();
}

/** `url` with `query` behind the query it has, and before its fragment. */
export function appendQuery(url: string, query: string): string {
  if (query === '') return url;
  const hashAt = url.indexOf('#');
  const before = hashAt === -1 ? url : url.slice(0, hashAt);
  const fragment = hashAt === -1 ? '' : url.slice(hashAt);
  return `${before}${separatorAfter(before)}${query}${fragment}`;
}

/** Two encoded queries as one; either may be empty. */
export function joinQueries(first: string, second: string): string {
  return first === '' || second === '' ? `${first}${second}` : `${first}&${second}`;
}

function separatorAfter(url: string): string {
  if (!url.includes('?')) return '?';
  return url.endsWith('?') || url.endsWith('&') ? '' : '&';
}

function append(params: URLSearchParams, name: string, value: ParamValue): void {
  if (value !== undefined) params.append(name, value === null ? '' : `${value}`);
}
