export type * from './collect/run-summary.ts';
export type { LevelResult } from './search/level-result.ts';
export type { StressSummary } from './search/stress-summary.ts';
export type { SweepSummary } from './search/sweep-summary.ts';
