import { InvalidRequestError } from '../errors.ts';
import type { AuthInput } from '../model/client-options.ts';
import type { AuthFlow } from './auth-flow.ts';
import { basic } from './basic.ts';
import { bearer } from './bearer.ts';

/** The flow that an option means; throws InvalidRequestError for anything else, and shows none of it. */
export function resolveAuth(input: AuthInput): AuthFlow {
  const given: unknown = input;
  if (typeof given === 'object' && given !== null) {
    if ('flow' in input && typeof input.flow === 'function') return input;
    if ('bearer' in input && typeof input.bearer === 'string') return bearer(input.bearer);
    if ('username' in input) {
      const { username, password } = input;
      if (typeof username === 'string' && typeof password === 'string') {
        return basic(username, password);
      }
    }
  }
  throw new InvalidRequestError({
    code: 'INVALID_OPTION',
    phase: 'build',
    problem: 'Option refused',
    reason: 'auth is none of { username, password }, { bearer } and a flow',
    remedy: 'Give strings, or use basic(), bearer(), digest(), netrc(), oauth2() or authFlow()',
  });
}
