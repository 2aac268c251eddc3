// Load as part of your own test: the summary is a plain object.
//   BASE=http://localhost:8080 npx tsx examples/load-in-a-test.ts
import { parsePlanFile, resolvePlan, runLoad } from 'needletail';

const base = process.env['BASE'] ?? 'http://localhost:8080';
const file = parsePlanFile(
  `
target: ${base}/json
load: { rate: 200, duration: 2s }
thresholds: ['p99 < 250ms', 'error rate < 1%']
`,
  'inline plan',
);
const { summary } = await runLoad(await resolvePlan(file));

const { ledger, latencyMs, verdict } = summary;
console.log(
  `${ledger.ok} of ${ledger.scheduled} ok, p99 ${latencyMs.p99.toFixed(2)} ms, ${verdict.status}`,
);
if (verdict.status === 'fail') process.exitCode = 1;
