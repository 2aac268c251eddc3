import { OptionError } from '../errors.ts';
import type { ServerOptions } from './server-options.ts';

const LAST_PORT = 65_535;

/** Throws an OptionError for a port that is none, and for counts below nothing. */
export function checkPlace({ port, maxConnections, backlog }: ServerOptions): void {
  if (port !== undefined && (!Number.isInteger(port) || port < 0 || port > LAST_PORT)) {
    const reason = `port is ${shown(port)}`;
    throw new OptionError(
      'listen',
      reason,
      `Give a whole number from 0, any free one, to ${LAST_PORT}`,
    );
  }
  for (const [name, count] of Object.entries({ maxConnections, backlog })) {
    if (count !== undefined) checkAmount('listen', name, count);
  }
}

/**
 * What was given in place of the defaults, what is undefined left out. Throws an OptionError for names there are not, and for what
 * is no amount: compared with NaN, nothing would ever be too much.
 */
export function withDefaults<Amounts extends object>(
  defaults: Amounts,
  given: Partial<Amounts> | undefined,
  where: string,
): Amounts {
  const known = new Map(Object.entries(defaults));
  for (const [name, value] of Object.entries(given ?? {})) {
    if (!known.has(name)) {
      const names = Object.keys(defaults).join(', ');
      throw new OptionError(where, `there is no ${name}`, `There are ${names}`);
    }
    if (value === undefined) continue;
    checkAmount(where, name, value);
    known.set(name, value);
  }
  return Object.fromEntries(known) as Amounts;
}

/** Throws an OptionError for what is no number from 0 on. */
export function checkAmount(where: string, name: string, value: unknown): void {
  if (typeof value === 'number' && value >= 0) return;
  throw new OptionError(where, `${name} is ${shown(value)}`, 'Give a number from 0 on');
}

/** A value as it is written, so that '5' is not taken for 5. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
