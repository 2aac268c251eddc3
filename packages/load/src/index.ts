export { runLoad } from './run-load.ts';
export type { RunOptions, RunResult } from './run-load.ts';
export type * from './collect/run-summary.ts';
