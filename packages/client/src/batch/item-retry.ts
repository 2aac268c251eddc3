import { UsageError } from '../errors.ts';
import { checkedCount, checkedNumber } from '../model/invalid-option.ts';

/** When a failed item is tried again as a whole: its request and its parsing. Comes on top of the client's own retries. */
export interface ItemRetry {
  /** Tries after the first. */
  readonly attempts: number;
  /** The first pause, doubled each time, drawn between half and one and a half of itself; 300 unless set. */
  readonly backoffMs?: number;
  /** No pause is longer; 30 000 unless set. */
  readonly maxBackoffMs?: number;
  /** Unless set, everything but UsageError (the call itself is wrong) is worth another try. */
  readonly shouldRetry?: (error: Error) => boolean;
}

/** `ItemRetry` with its defaults. */
export interface ItemRetryPolicy {
  readonly attempts: number;
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  readonly shouldRetry: (error: Error) => boolean;
}

export function resolveItemRetry(retry: ItemRetry | undefined): ItemRetryPolicy {
  return {
    attempts: checkedCount('retry.attempts', retry?.attempts ?? 0, 0),
    backoffMs: checkedNumber('retry.backoffMs', retry?.backoffMs ?? 300, 0),
    maxBackoffMs: checkedNumber('retry.maxBackoffMs', retry?.maxBackoffMs ?? 30_000, 0),
    shouldRetry: retry?.shouldRetry ?? isWorthAnother,
  };
}

/** The pause after the failure of try number `attempt`, counted from 0. */
export function itemPauseMs(policy: ItemRetryPolicy, attempt: number): number {
  const plainMs = Math.min(policy.maxBackoffMs, policy.backoffMs * 2 ** attempt);
  return Math.min(policy.maxBackoffMs, plainMs * (0.5 + Math.random()));
}

function isWorthAnother(error: Error): boolean {
  return !(error instanceof UsageError);
}
