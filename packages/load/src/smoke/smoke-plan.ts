import type { Plan, StatusRange } from '../plan/plan.ts';
import type { TracedExchange } from '../trace/traced-exchange.ts';

/** What became of one request of a plan that was sent once. */
export interface SmokeResult {
  readonly name: string;
  readonly ok: boolean;
  readonly exchange: TracedExchange;
}

export interface SmokeOptions {
  readonly signal?: AbortSignal;
  /** Called for each request when it has ended. */
  readonly onResult?: (result: SmokeResult) => void;
}

/**
 * Sends each request of a plan once, in order, with the values of its first iterations, as a run would: the same bytes,
 * no redirect followed, no cookie kept. Resolves when all have ended, or with those that had when the signal aborts.
 */
export async function smokePlan(
  plan: Plan,
  options: SmokeOptions = {},
): Promise<readonly SmokeResult[]> {
  const { signal, onResult } = options;
  // Loaded on demand: the client, which runs of requests do without.
  const { sendOnce } = await import('./send-once.ts');
  const results: SmokeResult[] = [];
  for (const [index, spec] of plan.requests.entries()) {
    if (signal?.aborted === true) break;
    const iteration = plan.order === 'sequence' ? 0 : index;
    const exchange = await sendOnce(plan, spec, iteration, signal);
    const result = { name: spec.name, ok: isSuccess(exchange, plan.success), exchange };
    results.push(result);
    onResult?.(result);
  }
  return results;
}

function isSuccess({ response }: TracedExchange, success: readonly StatusRange[]): boolean {
  if (response === null) return false;
  return success.some(({ from, to }) => response.status >= from && response.status <= to);
}
