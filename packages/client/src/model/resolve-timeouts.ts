import { invalidOption } from './invalid-option.ts';
import type { TimeoutInput, TimeoutOptions, Timeouts } from './timeouts.ts';

const PHASES = ['pool', 'connect', 'write', 'read', 'exchange', 'total'] as const;

const NO_TIMEOUTS: Timeouts = {
  pool: Infinity,
  connect: Infinity,
  write: Infinity,
  read: Infinity,
  exchange: Infinity,
  total: Infinity,
};

/** `input` over `base`: a number is for every phase but `exchange` and `total`, null lifts every limit, an object changes what it names. */
export function resolveTimeouts(input: TimeoutInput, base: Timeouts): Timeouts {
  if (input === null) {
    return NO_TIMEOUTS;
  }
  if (typeof input === 'number') {
    const limit = checkedLimit('timeout', input);
    return { ...base, pool: limit, connect: limit, write: limit, read: limit };
  }
  if (typeof input !== 'object') {
    throw invalidOption('timeout', input, 'is neither a number nor an object', 'Give milliseconds');
  }
  for (const name of Object.keys(input)) {
    if (!(PHASES as readonly string[]).includes(name)) {
      const remedy = `Use ${PHASES.join(', ')}`;
      throw invalidOption('timeout', name, 'names no phase', remedy);
    }
  }
  const limitOf = (phase: keyof TimeoutOptions): number => {
    const limit = input[phase];
    if (limit === undefined) return base[phase];
    return limit === null ? Infinity : checkedLimit(`timeout.${phase}`, limit);
  };
  return {
    pool: limitOf('pool'),
    connect: limitOf('connect'),
    write: limitOf('write'),
    read: limitOf('read'),
    exchange: limitOf('exchange'),
    total: limitOf('total'),
  };
}

function checkedLimit(name: string, limit: unknown): number {
  if (typeof limit === 'number' && limit > 0) return limit;
  throw invalidOption(name, limit, 'is not above zero', 'Give milliseconds, or null for no limit');
}
