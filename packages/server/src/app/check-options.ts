import { OptionError } from '../errors.ts';
import { checkAmount, shown } from '../listen/check-options.ts';

const SLASHES: readonly unknown[] = [undefined, 'strict', 'ignore', 'redirect'];

/** Throws an OptionError for what TypeScript would refuse, and for limits that would limit nothing. */
export function checkAppOptions(options: {
  readonly bodyLimitBytes?: unknown;
  readonly trailingSlash?: unknown;
  readonly notFound?: unknown;
  readonly onError?: unknown;
}): void {
  const where = 'new App';
  const { bodyLimitBytes, trailingSlash, notFound, onError } = options;
  if (bodyLimitBytes !== undefined) checkAmount(where, 'bodyLimitBytes', bodyLimitBytes);
  if (!SLASHES.includes(trailingSlash)) {
    const reason = `trailingSlash is ${shown(trailingSlash)}`;
    throw new OptionError(where, reason, 'Give strict, ignore or redirect');
  }
  for (const [name, given] of Object.entries({ notFound, onError })) {
    if (given === undefined || typeof given === 'function') continue;
    throw new OptionError(where, `${name} is ${shown(given)}`, 'Give a function');
  }
}

/** Throws an OptionError for `listen(3000)`, which other servers take. */
export function checkListenOptions(given: unknown): void {
  if (typeof given === 'object' && given !== null) return;
  throw new OptionError('listen', `it was given ${shown(given)}`, 'Write listen({ port: 3000 })');
}
