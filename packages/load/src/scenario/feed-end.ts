import type { ScriptTally } from '../collect/script-tally.ts';
import { SCHEDULED } from '../collect/tally.ts';
import { Tickets } from '../drive/tickets.ts';
import { createPacer } from '../pace/pacer.ts';
import { warmUpRequests } from '../pace/warm-up.ts';
import { formatCount } from '../plan/count.ts';
import type { Plan } from '../plan/plan.ts';
import { shortestUnique } from './feed-rows.ts';

/** What to say of a stream whose feed had fewer rows than its load had iterations; null when there were enough. */
export function feedThatRanOut(
  plan: Plan,
  stream: number,
  tickets: SharedArrayBuffer,
  tallies: readonly ScriptTally[],
): string | null {
  const script = plan.script!;
  const unique = shortestUnique(script, stream);
  if (unique === null) return null;
  const { load, maxIterations, scenarios } = script.streams[stream]!;
  const pacer = createPacer({ load, seed: plan.seed, maxRequests: maxIterations });
  const isClosed = pacer.model === 'closed';
  const warmUpCount = isClosed ? 0 : warmUpRequests(pacer, plan.warmupMs);
  const wanted = warmUpCount + (isClosed ? (maxIterations ?? Infinity) : (pacer.total ?? Infinity));
  if (wanted <= unique.iterations) return null;
  const used = isClosed
    ? Tickets.iterationsTaken(tickets)
    : warmUpCount + scheduledOf(tallies, scenarios);
  if (used < unique.iterations) return null;
  const rows = formatCount(unique.iterations);
  return (
    `Feed ${unique.feed.file} ran out after ${rows} ${unique.iterations === 1 ? 'row' : 'rows'}: each is used once, ` +
    "and the load had more iterations. Give it more rows, or pick: 'sequential'."
  );
}

function scheduledOf(tallies: readonly ScriptTally[], scenarios: readonly number[]): number {
  let sum = 0;
  for (const tally of tallies) {
    for (const scenario of scenarios) sum += tally.scenarios[scenario]!.ledger[SCHEDULED]!;
  }
  return sum;
}
