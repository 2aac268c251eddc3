import { compileOutput, type OutputFilter } from '../schema/compile-output.ts';
import type { Route } from './route.ts';

/** What the response schemas of a route let through; null where there are none. */
export function outputFilter({ method, pattern, options }: Route): OutputFilter | null {
  const { response, responses = {} } = options;
  const all = response === undefined ? responses : { 200: response, ...responses };
  return compileOutput(all, { where: `${method} ${pattern}` });
}
