// Hot: a ParamMatch is made for each path with parameters, its record of parameters only when it is read. Callers hand over
// a decoded path that the route of the leaf was found for. Guarded by bench/src/routers/table.ts.
import { ENCODED_SLASH } from './path-escapes.ts';
import type { PathParams, RouteEntry, RouteMatch } from './router.ts';

/**
 * Where in a path the value of a parameter stands. Text between parameters is as long in the path as in the pattern, so only
 * where one parameter ends and another follows does anything have to be searched for.
 */
export interface ParamSlot {
  readonly name: string;
  /** Characters between the end of the parameter before, or the beginning of the path, and this one. */
  readonly gap: number;
  /** Characters behind the last parameter; null for those before it. */
  readonly tail: number | null;
  readonly isRest: boolean;
}

/** One path of a route that has parameters; a route with optional ones has several. */
export interface Leaf<Value> {
  readonly route: RouteEntry<Value>;
  readonly slots: readonly ParamSlot[];
}

/** Without a prototype, and yet an object of a class: `Object.create(null)` gives a slow dictionary instead. */
const BareRecord = function BareRecord() {} as unknown as new () => Record<string, string>;
Object.defineProperty(BareRecord, 'prototype', { value: Object.create(null) as object });

const NO_PARAMS: PathParams = Object.freeze(new BareRecord());

/** The same for every request, as nothing in it depends on the request. */
export function staticMatch<Value>({ value, pattern }: RouteEntry<Value>): RouteMatch<Value> {
  return Object.freeze({ outcome: 'found', value, pattern, params: NO_PARAMS });
}

/** Keeps the path, and cuts it up when somebody asks: which segments are values is known from the pattern. */
export class ParamMatch<Value> implements RouteMatch<Value> {
  readonly outcome = 'found';
  readonly value: Value;
  readonly pattern: string;
  readonly #slots: readonly ParamSlot[];
  readonly #path: string;
  readonly #isDecoded: boolean;
  #params: PathParams | null = null;

  constructor({ route, slots }: Leaf<Value>, path: string, isDecoded: boolean) {
    this.value = route.value;
    this.pattern = route.pattern;
    this.#slots = slots;
    this.#path = path;
    this.#isDecoded = isDecoded;
  }

  get params(): PathParams {
    return (this.#params ??= readParams(this.#slots, this.#path, this.#isDecoded));
  }
}

function readParams(slots: readonly ParamSlot[], path: string, isDecoded: boolean): PathParams {
  const params = new BareRecord();
  let end = 0;
  for (let index = 0; index < slots.length; index += 1) {
    const { name, gap, tail, isRest } = slots[index];
    const start = end + gap;
    end = tail === null ? path.indexOf('/', start) : path.length - tail;
    const value = path.slice(start, end);
    params[name] = isDecoded ? withSlashes(value, isRest) : value;
  }
  return params;
}

/** Of several segments an encoded slash is no separator: it stays encoded. Within one there is nothing to confuse it with. */
function withSlashes(value: string, isRest: boolean): string {
  if (!value.includes(ENCODED_SLASH)) return value;
  return value.replaceAll(ENCODED_SLASH, isRest ? '%2F' : '/');
}
