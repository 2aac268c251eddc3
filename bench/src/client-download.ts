// What a body of a gibibyte takes of memory, read as it comes and downloaded to a file: no more at its end than early on.
// Needs two gibibytes of disk for a minute and nginx; ends with 1 on a miss.
//
//   npm run build && npx tsx bench/src/client-download.ts
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@needletail/client';
import { Gates } from './accuracy/gates.ts';
import { startNginx } from './compare/nginx.ts';

const BODY_BYTES = 2 ** 30;
const MEGABYTE = 1_048_576;
const SAMPLE_MS = 20;
/** A garbage-collected heap breathes. */
const ALLOWED_GROWTH_MB = 32;

interface Footprint {
  readonly earlyMb: number;
  readonly lateMb: number;
  readonly seconds: number;
}

/** The largest resident size in the first and in the last quarter of the time that `work` takes. */
async function footprintOf(work: () => Promise<void>): Promise<Footprint> {
  const samples: number[] = [];
  const timer = setInterval(() => samples.push(process.memoryUsage.rss() / MEGABYTE), SAMPLE_MS);
  const startedAt = performance.now();
  await work();
  clearInterval(timer);
  const quarter = Math.ceil(samples.length / 4);
  return {
    earlyMb: Math.max(...samples.slice(0, quarter)),
    lateMb: Math.max(...samples.slice(-quarter)),
    seconds: (performance.now() - startedAt) / 1000,
  };
}

const gates = new Gates('A body of a gibibyte');
const nginx = await startNginx({ fileBytes: BODY_BYTES });
const folder = await mkdtemp(join(tmpdir(), 'needletail-download-'));
const client = new Client({ trustEnv: false });
const url = `${nginx.url}file`;
try {
  let streamedBytes = 0;
  const streamed = await footprintOf(async () => {
    for await (const piece of await client.stream('GET', url)) streamedBytes += piece.length;
  });
  const path = join(folder, 'file');
  const downloaded = await footprintOf(async () => void (await client.download(url, path)));
  gates.equal('streamed: bytes', streamedBytes, BODY_BYTES);
  gates.equal('downloaded: bytes', (await stat(path)).size, BODY_BYTES);
  for (const [name, { earlyMb, lateMb, seconds }] of Object.entries({ streamed, downloaded })) {
    gates.note(
      `${name}: ${seconds.toFixed(1)} s, resident ${earlyMb.toFixed(0)} MB early, ${lateMb.toFixed(0)} MB late`,
    );
    gates.below(`${name}: growth from early to late, MB`, lateMb - earlyMb, ALLOWED_GROWTH_MB);
  }
} finally {
  await client.close();
  await nginx.stop();
  await rm(folder, { recursive: true });
}
gates.close();
