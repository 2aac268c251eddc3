import { NameTable } from './name-table.ts';

/** Names kept apart; what comes after them shares the place behind the last. */
export const MOST_ENDPOINTS = 200;
export const MOST_CHECKS = 200;
export const MOST_COUNTERS = 100;
export const MOST_TIMINGS = 60;

/** The memory behind the names of one run; plain data for a worker's start. */
export interface ScriptNameBuffers {
  readonly endpoints: SharedArrayBuffer;
  readonly checks: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  readonly timings: SharedArrayBuffer;
}

/** What scripts name as they go, numbered the same in all threads. Each thread opens it once on the run's memory. */
export class ScriptNames {
  readonly endpoints: NameTable;
  readonly checks: NameTable;
  readonly counters: NameTable;
  readonly timings: NameTable;

  static createShared(): ScriptNameBuffers {
    return {
      endpoints: NameTable.createShared(MOST_ENDPOINTS),
      checks: NameTable.createShared(MOST_CHECKS),
      counters: NameTable.createShared(MOST_COUNTERS),
      timings: NameTable.createShared(MOST_TIMINGS),
    };
  }

  constructor(buffers: ScriptNameBuffers) {
    this.endpoints = new NameTable(buffers.endpoints);
    this.checks = new NameTable(buffers.checks);
    this.counters = new NameTable(buffers.counters);
    this.timings = new NameTable(buffers.timings);
  }

  /** Place of an endpoint in a tally; that of `other endpoints` once there are 200. */
  endpoint(name: string): number {
    return placeOf(this.endpoints, name);
  }

  check(name: string): number {
    return placeOf(this.checks, name);
  }

  counter(name: string): number {
    return placeOf(this.counters, name);
  }

  timing(name: string): number {
    return placeOf(this.timings, name);
  }
}

function placeOf(table: NameTable, name: string): number {
  const index = table.intern(name);
  return index === -1 ? table.capacity : index;
}

/** Names by place, with that of the shared place behind the last one once the table is full: `other checks`. */
export function namesByPlace(
  table: NameTable,
  what: 'endpoints' | 'checks' | 'counters' | 'timings',
): readonly string[] {
  const names = table.names();
  return names.length === table.capacity ? [...names, `other ${what}`] : names;
}
