import { parsePairs, type Query, type QueryLimits } from './query.ts';
import { decodeUtf8, readBytes, type BodyOptions, type BodyRequest } from './read-body.ts';

export interface FormOptions extends BodyOptions, QueryLimits {}

const MOST_PARAMETERS = 1000;

/**
 * The fields of an application/x-www-form-urlencoded body, in the shape of a query. Throws BadInputError: 400 for escapes
 * that are malformed or more than 1,000 fields; 413, 415; and BodyTooLargeError (413). Does not look at the Content-Type.
 */
export async function readForm(request: BodyRequest, options: FormOptions = {}): Promise<Query> {
  const text = decodeUtf8(await readBytes(request, options));
  return parsePairs(text, options.parameters ?? MOST_PARAMETERS, 'form');
}
