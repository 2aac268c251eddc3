// Whether the verdict is honest. Starved: the command shares one core with a busy loop, in the open model at 80% of what
// it does there undisturbed, and in a closed loop with a latency threshold; every run must be `invalid`, exit 3, and name
// the generator as the limit. Healthy: runs at half of the rate the machine holds, undisturbed; every one must pass.
// Wants a machine of at least two quiet cores; ends with 1 on the first kind of error and on the second.
//
//   npm run build && npx tsx bench/src/honesty.ts [--starved 5] [--healthy 100] [--seconds 2]
import { parseArgs } from 'node:util';
import type { RunSummary } from '@needletail/load/summary';
import { runCommand, startBusyLoop } from './accuracy/command.ts';
import { Gates } from './accuracy/gates.ts';
import { startNginx } from './compare/nginx.ts';
import type { NginxOptions } from './compare/nginx.ts';

const GENERATOR_CORE = 0;
const TARGET_CORE = 1;
const CONNECTIONS = '50';
const INVALID = 3;
/** Runs in a row that must pass at a rate for the machine to hold it, and what the next lower rate is. */
const RUNS_TO_HOLD = 3;
const STEP_DOWN = 0.9;

const { values } = parseArgs({
  options: {
    starved: { type: 'string', default: '5' },
    healthy: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '2' },
  },
});

function describe({ verdict, generator, latencyMs }: RunSummary): string {
  const { latenessMs, starvedPercent } = generator;
  return (
    `    ${verdict.status}, ${verdict.bottleneck}: starved ${starvedPercent?.toFixed(1)}%, late p99 ${latenessMs.p99} ms, ` +
    `latency p50 ${latencyMs.p50} p99 ${latencyMs.p99} max ${latencyMs.max} ms. ${verdict.reasons.join(' ')}`
  );
}

async function capacityOf(url: string, core?: number): Promise<number> {
  const args = [url, '-c', CONNECTIONS, '-d', '3s', '--threshold', 'none'];
  const { summary } = await runCommand(args, core === undefined ? {} : { core });
  return summary.throughput.requestsPerSecond;
}

/** Runs `times` with a busy loop on the generator's core; each must say that the generator was the limit. */
async function checkStarved(
  gates: Gates,
  name: string,
  args: readonly string[],
  times: number,
): Promise<void> {
  let detected = 0;
  const busy = startBusyLoop(GENERATOR_CORE);
  try {
    for (let run = 0; run < times; run += 1) {
      const { exitCode, summary } = await runCommand(args, { core: GENERATOR_CORE });
      const { status, bottleneck, reasons } = summary.verdict;
      const names = reasons.some((reason) => reason.startsWith('The generator was the limit'));
      const isHonest =
        exitCode === INVALID && status === 'invalid' && bottleneck === 'generator' && names;
      if (isHonest) detected += 1;
      else gates.note(describe(summary));
    }
  } finally {
    await busy.stop();
  }
  gates.equal(`${name}: runs found invalid`, detected, times);
}

/**
 * The highest rate the machine holds: three runs in a row must pass at it. What a closed loop reaches is twice that on
 * loopback, because there both sides always find many requests at once and neither ever sleeps; at a rate each request
 * wakes the other side, which costs more than the request itself (measured: 4.4 µs against 8 µs).
 */
async function heldRateOf(url: string): Promise<number> {
  let rate = await capacityOf(url);
  for (let passes = 0; passes < RUNS_TO_HOLD;) {
    const shape = ['-R', String(Math.floor(rate)), '-c', CONNECTIONS, '-d', `${values.seconds}s`];
    const { exitCode } = await runCommand([url, ...shape]);
    if (exitCode === 0) {
      passes += 1;
    } else {
      passes = 0;
      rate *= STEP_DOWN;
    }
  }
  return rate;
}

async function checkHealthy(gates: Gates, url: string, times: number): Promise<void> {
  const rate = Math.floor((await heldRateOf(url)) / 2);
  const args = [url, '-R', String(rate), '-c', CONNECTIONS, '-d', `${values.seconds}s`];
  let passed = 0;
  for (let run = 0; run < times; run += 1) {
    const { exitCode, summary } = await runCommand(args);
    if (exitCode === 0 && summary.verdict.status === 'pass') passed += 1;
    else gates.note(describe(summary));
  }
  gates.equal(`healthy, ${rate}/s: runs that pass`, passed, times);
}

async function withNginx(
  options: NginxOptions,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const nginx = await startNginx(options);
  try {
    await use(nginx.url);
  } finally {
    await nginx.stop();
  }
}

const gates = new Gates('Verdicts against what is known to be the limit');
const starvedTimes = Number(values.starved);
if (starvedTimes > 0) {
  await withNginx({ core: TARGET_CORE }, async (url) => {
    const rate = Math.floor((await capacityOf(url, GENERATOR_CORE)) * 0.8);
    const shape = [url, '-c', CONNECTIONS, '-d', `${values.seconds}s`];
    await checkStarved(
      gates,
      `open model, ${rate}/s`,
      [...shape, '-R', String(rate)],
      starvedTimes,
    );
    await checkStarved(
      gates,
      'closed loop, p99 < 1 s',
      [...shape, '--threshold', 'p99 < 1s'],
      starvedTimes,
    );
  });
}
const healthyTimes = Number(values.healthy);
if (healthyTimes > 0) await withNginx({}, (url) => checkHealthy(gates, url, healthyTimes));
gates.close();
