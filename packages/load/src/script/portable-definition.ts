import { types } from 'node:util';
import { isClass } from '../plan/is-class.ts';

/** What stands for a value that cannot go from one thread to another. */
interface Stand {
  readonly '~stands for': 'function' | 'class' | 'promise' | 'symbol' | 'application';
}

/**
 * A copy of what a module exports that another thread can be given: plain data stays, code and the like leave a stand
 * behind that says what was there. `revived` makes of it what the shape of a definition is checked on.
 */
export function portable(value: unknown, seen: Map<object, unknown> = new Map()): unknown {
  if (typeof value === 'function') return standFor(isClass(value) ? 'class' : 'function');
  if (typeof value === 'symbol') return standFor('symbol');
  if (typeof value !== 'object' || value === null) return value;
  if (types.isPromise(value)) return standFor('promise');
  const known = seen.get(value);
  if (known !== undefined) return known;
  if (Array.isArray(value)) {
    const copy: unknown[] = [];
    seen.set(value, copy);
    for (const member of value) copy.push(portable(member, seen));
    return copy;
  }
  if (isCloneable(value)) return value;
  if (typeof (value as { readonly fetch?: unknown }).fetch === 'function')
    return standFor('application');
  return copyOf(value, seen, portable);
}

/** Code that is never called, in place of the stands. */
export function revived(value: unknown, seen: Map<object, unknown> = new Map()): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  if (Array.isArray(value)) {
    const copy: unknown[] = [];
    seen.set(value, copy);
    for (const member of value) copy.push(revived(member, seen));
    return copy;
  }
  if (isCloneable(value)) return value;
  switch ((value as Partial<Stand>)['~stands for']) {
    case 'function':
      return () => undefined;
    case 'class':
      return class {};
    case 'promise':
      return Promise.resolve();
    case 'symbol':
      return Symbol('of the scenario');
    case 'application':
      return { fetch: () => undefined };
    case undefined:
      return copyOf(value, seen, revived);
  }
}

function standFor(kind: Stand['~stands for']): Stand {
  return { '~stands for': kind };
}

const PLAIN = { configurable: true, enumerable: true, writable: true };

function copyOf(
  value: object,
  seen: Map<object, unknown>,
  copied: (value: unknown, seen: Map<object, unknown>) => unknown,
): object {
  const copy: Record<string, unknown> = {};
  seen.set(value, copy);
  for (const [key, member] of Object.entries(value)) {
    // Unlike an assignment, this takes any key as it is.
    Object.defineProperty(copy, key, { ...PLAIN, value: copied(member, seen) });
  }
  return copy;
}

/** What threads copy as it is; collections of anything else would have been plain. */
function isCloneable(value: object): boolean {
  return (
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isAnyArrayBuffer(value) ||
    ArrayBuffer.isView(value)
  );
}
