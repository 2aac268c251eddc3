import { WorkerError } from '../errors.ts';

export type WorkerErrorCode =
  | 'PARSE_FAILED'
  | 'PARSE_TIMEOUT'
  | 'WORKER_CRASHED'
  | 'QUEUE_FULL'
  | 'POOL_CLOSED';

export function workerError(
  code: WorkerErrorCode,
  reason: string,
  remedy: string,
  cause?: unknown,
): WorkerError {
  return new WorkerError({
    code,
    phase: 'decode',
    problem: 'Body not parsed',
    reason,
    remedy,
    cause,
  });
}
