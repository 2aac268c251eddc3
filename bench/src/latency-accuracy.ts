// Whether the latencies reported are true: against servers that log, in a process of their own, when each request came
// and when it was answered, and against queueing theory. Sections: freeze (a server stopped for 1.4 s), fixed (the same
// delay for all), shapes (bimodal, lognormal, Pareto), queues (M/M/1 and M/D/1), added (our own share at half capacity).
// Wants two cores to itself, one for each side (Linux), takes about eight minutes and ends with 1 when a gate is missed.
//
//   npm run build && npx tsx bench/src/latency-accuracy.ts [--only freeze,fixed,shapes,queues,added] [--scripted]
import { checkAddedLatency } from './accuracy/added-latency.ts';
import { checkFixedDelays } from './accuracy/fixed-delay.ts';
import { checkFreeze } from './accuracy/freeze.ts';
import { checkKnownDistributions } from './accuracy/known-distributions.ts';
import { checkQueues } from './accuracy/queues.ts';
import { GENERATOR_CORE, pin } from './accuracy/quiet-machine.ts';
import { runSections } from './accuracy/run-sections.ts';

pin(process.pid, GENERATOR_CORE);
await runSections('Latency against the truth', {
  freeze: checkFreeze,
  fixed: checkFixedDelays,
  shapes: checkKnownDistributions,
  queues: checkQueues,
  added: checkAddedLatency,
});
