// Whether the load delivered is the load asked for, as the server saw it. Sections: capacity (the rate at half of what
// nginx and the generator can do), even (gaps and bins of 100/s), poisson (gaps against the exponential distribution),
// workers (the same requests in the same bins with 1, 2 and 4 workers). Wants two quiet cores, takes about 80 seconds
// and ends with 1 when a gate is missed.
//
//   npm run build && npx tsx bench/src/rate-accuracy.ts [--only capacity,even,poisson,workers]
import { runSections } from './accuracy/run-sections.ts';
import { checkRateAtHalfCapacity } from './accuracy/half-capacity.ts';
import { checkEvenPacing, checkPoissonPacing, checkRateInvariance } from './accuracy/pacing.ts';

await runSections('Load delivered against load asked for', {
  capacity: checkRateAtHalfCapacity,
  even: checkEvenPacing,
  poisson: checkPoissonPacing,
  workers: checkRateInvariance,
});
