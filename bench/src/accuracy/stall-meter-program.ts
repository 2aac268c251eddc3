// Reads the clock without pause and prints the gaps between readings as a JSON array of milliseconds: time for which the
// core was taken away from a program that wanted nothing else, by the hypervisor or by another program.
//
//   argv[2]   for how many milliseconds
const LEAST_GAP_MS = 0.05;
/** Until the loop is compiled, which takes the core too. */
const WARM_UP_MS = 300;

function listen(forMs: number): number[] {
  const gaps: number[] = [];
  let last = performance.now();
  const endMs = last + forMs;
  while (last < endMs) {
    const now = performance.now();
    if (now - last > LEAST_GAP_MS) gaps.push(now - last);
    last = now;
  }
  return gaps;
}

listen(WARM_UP_MS);
process.stdout.write(JSON.stringify(listen(Number(process.argv[2]))));
