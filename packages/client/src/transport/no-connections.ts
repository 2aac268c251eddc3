import type { PoolStatus } from './transport.ts';

/** The figures of a pool that nothing has used, and of what has no pool. */
export const NO_CONNECTIONS: PoolStatus = {
  open: 0,
  connecting: 0,
  active: 0,
  idle: 0,
  waiting: 0,
  reused: 0,
  opened: 0,
  origins: {},
};
