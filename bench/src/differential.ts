// The same closed run by us, wrk and h2load in turn: requests a second and p90, and by how much ours differ from theirs
// on average. Against a server that takes a random time of some 2 ms, where what is measured is the server and all must
// agree; then flat out against nginx, where each also measures its own cost, so that nothing is judged, only shown.
// Wants two quiet cores; ends with 1 when a gate is missed.
//
//   npm run build && npx tsx bench/src/differential.ts [--rounds 5] [--seconds 5]
import { parseArgs } from 'node:util';
import { runH2load, runNeedletail, runWrk } from './accuracy/closed-run.ts';
import type { ClosedRun, ClosedRunner } from './accuracy/closed-run.ts';
import { Gates } from './accuracy/gates.ts';
import { prime, startOracle } from './accuracy/oracle.ts';
import { meanOf } from './accuracy/sample-statistics.ts';
import { median } from './compare/median.ts';
import { startNginx } from './compare/nginx.ts';

const ALLOWED_RATE_ERROR = 0.03;
const ALLOWED_P90_ERROR = 0.05;
const RUNNERS: Readonly<Record<string, ClosedRunner>> = {
  needletail: runNeedletail,
  wrk: runWrk,
  h2load: runH2load,
};

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
  },
});

/** Every tool once a round, in an order that turns round each time. */
async function takeTurns(url: string): Promise<Record<string, ClosedRun[]>> {
  const runs: Record<string, ClosedRun[]> = { needletail: [], wrk: [], h2load: [] };
  const names = Object.keys(RUNNERS);
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      runs[name]!.push(await RUNNERS[name]!(url, Number(values.seconds)));
    }
  }
  return runs;
}

type Figure = keyof ClosedRun;

/** Mean over the rounds of how far ours is from theirs, as a share of theirs. */
function meanError(
  ours: readonly ClosedRun[],
  theirs: readonly ClosedRun[],
  figure: Figure,
): number {
  return meanOf(ours.map((run, round) => Math.abs(run[figure] / theirs[round]![figure] - 1)));
}

function show(gates: Gates, server: string, runs: Record<string, ClosedRun[]>): void {
  for (const [name, own] of Object.entries(runs)) {
    const rate = median(own.map((run) => run.requestsPerSecond));
    const p90 = median(own.map((run) => run.p90Ms));
    gates.note(
      `${server}, ${name}: ${rate.toFixed(0)} requests/s, p90 ${p90.toFixed(3)} ms (medians)`,
    );
  }
}

const gates = new Gates('One closed run of 50 connections, by three tools in turn');
const oracle = await startOracle({
  delay: { kind: 'lognormal', medianMs: 2, sigma: 0.3 },
  capacity: 2 ** 23,
});
try {
  await prime(oracle);
  const runs = await takeTurns(oracle.url);
  show(gates, 'server of 2 ms', runs);
  for (const peer of ['wrk', 'h2load'] as const) {
    const rateError = meanError(runs['needletail']!, runs[peer]!, 'requestsPerSecond');
    const p90Error = meanError(runs['needletail']!, runs[peer]!, 'p90Ms');
    gates.below(`requests/s, mean error against ${peer}`, rateError, ALLOWED_RATE_ERROR);
    gates.below(`p90, mean error against ${peer}`, p90Error, ALLOWED_P90_ERROR);
  }
} finally {
  await oracle.stop();
}
const nginx = await startNginx();
try {
  const runs = await takeTurns(nginx.url);
  show(gates, 'nginx flat out', runs);
  for (const peer of ['wrk', 'h2load'] as const) {
    const rateError = meanError(runs['needletail']!, runs[peer]!, 'requestsPerSecond');
    gates.note(
      `nginx flat out, requests/s, mean difference from ${peer}: ${(rateError * 100).toFixed(1)}%`,
    );
  }
} finally {
  await nginx.stop();
}
gates.close();
