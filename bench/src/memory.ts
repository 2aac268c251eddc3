// What the command takes of the machine: memory that does not grow with the number of requests, little per connection,
// a start that costs next to nothing, a live panel that does not steal from the load. Linux; ends with 1 on a miss.
// With --soak it runs flat out for so many minutes instead and looks for a slope in the memory.
//
//   npm run build && npx tsx bench/src/memory.ts [--soak <minutes>]
import { parseArgs } from 'node:util';
import { helpCpuMs, mainThreadShare, watchMemory } from './accuracy/footprint.ts';
import { Gates } from './accuracy/gates.ts';
import { meanOf } from './accuracy/sample-statistics.ts';
import { startNginx } from './compare/nginx.ts';

/** A garbage-collected heap breathes: the mean of the last seconds stands for the end of a run. */
const SETTLED_MS = 2000;
const SOAK_SAMPLE_MS = 1000;

const { values } = parseArgs({ options: { soak: { type: 'string' } } });

async function rssAfter(url: string, requests: string): Promise<number> {
  const { samples } = await watchMemory([url, '-n', requests]);
  const endMs = samples.at(-1)!.atMs;
  return meanOf(samples.filter(({ atMs }) => atMs > endMs - SETTLED_MS).map(({ rssMb }) => rssMb));
}

async function checkFootprint(gates: Gates, url: string): Promise<void> {
  const million = await rssAfter(url, '1m');
  const tenMillion = await rssAfter(url, '10m');
  gates.within('RSS after 10 million requests, as after 1 million, MB', tenMillion, million, 0.1);
  const crowd = await watchMemory([url, '-c', '10000', '-d', '10s', '--timeout', '30s']);
  gates.below('peak RSS with 10,000 connections, MB', crowd.peakMb, 400);
  gates.below('--help, processor ms', helpCpuMs(11), 150);
  const quiet = await mainThreadShare(url, 'quiet');
  const panel = await mainThreadShare(url, 'panel');
  gates.below('main thread with the live panel, share of a core', panel, 0.02);
  gates.below('live panel alone, share of a core', panel - quiet, 0.02);
}

async function checkSoak(gates: Gates, url: string, minutes: number): Promise<void> {
  const { samples, peakMb } = await watchMemory([url, '-d', `${minutes}m`], SOAK_SAMPLE_MS);
  const settled = samples.slice(Math.floor(samples.length / 5));
  const level = meanOf(settled.map(({ rssMb }) => rssMb));
  const perHour = slopeOf(settled) * 3_600_000;
  const riseMb = slopeOf(settled) * (settled.at(-1)!.atMs - settled[0]!.atMs);
  gates.note(
    `level ${level.toFixed(1)} MB, peak ${peakMb.toFixed(1)} MB, slope ${perHour.toFixed(2)} MB an hour`,
  );
  gates.below(`rise over ${minutes} minutes, share of the level`, riseMb / level, 0.03);
}

/** Least squares, megabytes per millisecond. */
function slopeOf(samples: readonly { readonly atMs: number; readonly rssMb: number }[]): number {
  const meanAt = meanOf(samples.map(({ atMs }) => atMs));
  const meanRss = meanOf(samples.map(({ rssMb }) => rssMb));
  let product = 0;
  let square = 0;
  for (const { atMs, rssMb } of samples) {
    product += (atMs - meanAt) * (rssMb - meanRss);
    square += (atMs - meanAt) ** 2;
  }
  return product / square;
}

const gates = new Gates('What the command takes of the machine');
const nginx = await startNginx();
try {
  if (values.soak === undefined) await checkFootprint(gates, nginx.url);
  else await checkSoak(gates, nginx.url, Number(values.soak));
} finally {
  await nginx.stop();
}
gates.close();
