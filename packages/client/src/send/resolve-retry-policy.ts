import {
  checkedBoolean,
  checkedCount,
  checkedNumber,
  checkNames,
  invalidOption,
} from '../model/invalid-option.ts';
import type { RetryOptions, RetryPolicy } from './retry-policy.ts';

const DEFAULTS: RetryPolicy = {
  attempts: 2,
  methods: new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'QUERY']),
  statuses: new Set([408, 425, 429, 500, 502, 503, 504]),
  backoffMs: 300,
  maxBackoffMs: 30_000,
  jitter: true,
  respectRetryAfter: true,
};
const NAMES: ReadonlySet<string> = new Set(Object.keys(DEFAULTS));

/** Null for no tries beyond the first. What `input` leaves out is as it was in `base`, or by default. */
export function resolveRetryPolicy(
  input: RetryOptions | number | boolean,
  base: RetryPolicy | null,
): RetryPolicy | null {
  const before = base ?? DEFAULTS;
  if (input === false || input === 0) return null;
  if (input === true) return before;
  if (typeof input === 'number') {
    return { ...before, attempts: checkedCount('retry', input, 0) };
  }
  if (typeof input !== 'object' || input === null) {
    throw invalidOption(
      'retry',
      input,
      'is no description of retries',
      'Give true, a number or an object',
    );
  }
  checkNames(input, NAMES, 'retry');
  const policy: RetryPolicy = {
    attempts: checkedCount('retry.attempts', input.attempts ?? before.attempts, 0),
    methods: setOf('retry.methods', input.methods, before.methods, checkedMethod),
    statuses: setOf('retry.statuses', input.statuses, before.statuses, checkedStatus),
    backoffMs: checkedNumber('retry.backoffMs', input.backoffMs ?? before.backoffMs, 0),
    maxBackoffMs: checkedNumber('retry.maxBackoffMs', input.maxBackoffMs ?? before.maxBackoffMs, 0),
    jitter: checkedBoolean('retry.jitter', input.jitter ?? before.jitter),
    respectRetryAfter: checkedBoolean(
      'retry.respectRetryAfter',
      input.respectRetryAfter ?? before.respectRetryAfter,
    ),
  };
  return policy.attempts === 0 ? null : policy;
}

function setOf<T>(
  name: string,
  given: readonly T[] | undefined,
  base: ReadonlySet<T>,
  checked: (member: T) => T,
): ReadonlySet<T> {
  if (given === undefined) return base;
  if (Array.isArray(given)) return new Set(given.map((member: T) => checked(member)));
  throw invalidOption(name, given, 'is no array', 'Give one');
}

function checkedMethod(method: string): string {
  if (typeof method === 'string') return method.toUpperCase();
  throw invalidOption('retry.methods', method, 'is no method', "Give names such as 'GET'");
}

function checkedStatus(status: number): number {
  if (Number.isInteger(status) && status >= 200 && status <= 599) return status;
  throw invalidOption(
    'retry.statuses',
    status,
    'is no final status',
    'Give numbers from 200 to 599',
  );
}
