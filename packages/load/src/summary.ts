export type * from './collect/run-summary.ts';
