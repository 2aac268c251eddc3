// What middleware adds to a small JSON route, in processor time of one process without sockets: fresh process for each
// measurement, order alternating, ratios to the same route without any. `npm run build && npx tsx bench/src/server-middleware.ts`.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { App } from '@needletail/server';
import {
  accessLog,
  cacheReplies,
  compression,
  cors,
  etag,
  metrics,
  rateLimit,
  requestId,
  securityHeaders,
} from '@needletail/server/middleware';
import { median } from './compare/median.ts';

const REQUESTS = 40_000;
const ROUNDS = 3;
const nowhere = { write: () => true, once: () => undefined };

const ARRANGEMENTS: Readonly<Record<string, () => App>> = {
  plain: () => new App(),
  'currentContext: true': () => new App({ currentContext: true }),
  'one block of fields by hand': () =>
    new App().use((c, next) => {
      c.set('X-Content-Type-Options', 'nosniff');
      return next();
    }),
  requestId: () => new App().use(requestId()),
  securityHeaders: () => new App().use(securityHeaders()),
  accessLog: () => new App().use(accessLog({ destination: nowhere })),
  metrics: () => new App().use(metrics()),
  cors: () => new App().use(cors({ origins: ['https://shop.example'] })),
  rateLimit: () => new App().use(rateLimit({ limit: 1e9 })),
  etag: () => new App().use(etag()),
  'compression (too short)': () => new App().use(compression()),
  cacheReplies: () => new App().use(cacheReplies({ ttlMs: 60_000 })),
  'securityHeaders, requestId, accessLog': () =>
    new App().use(requestId(), accessLog({ destination: nowhere }), securityHeaders()),
};

/** Microseconds of processor time for each request. */
async function measure(name: string): Promise<number> {
  const app = ARRANGEMENTS[name]!();
  app.get('/users/:id', (c) => ({ id: c.params.id, name: 'Ada', active: true }));
  const run = async (count: number): Promise<void> => {
    for (let sent = 0; sent < count; sent += 1) {
      const got = await app.inject({
        url: '/users/7',
        headers: { Origin: 'https://shop.example' },
      });
      if (got.status !== 200 || got.bytes.length !== 37)
        throw new Error(`${name}: ${got.status} ${got.text()}`);
    }
  };
  await run(REQUESTS / 4);
  const before = process.cpuUsage();
  await run(REQUESTS);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / REQUESTS;
}

function inProcess(name: string): number {
  const own = fileURLToPath(import.meta.url);
  // As built: what tsx makes of sources costs more than what users run.
  const argv = ['--import', 'tsx', own, name];
  const ran = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return Number(ran.stdout);
}

async function main(): Promise<void> {
  const one = process.argv[2];
  if (one !== undefined) return void process.stdout.write(String(await measure(one)));
  const names = Object.keys(ARRANGEMENTS);
  const figures = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed())
      figures.get(name)!.push(inProcess(name));
  }
  const plain = figures.get('plain')!;
  for (const [name, micros] of figures) {
    const added = median(micros.map((each, round) => each - plain[round]!));
    console.log(`${name.padEnd(40)} ${median(micros).toFixed(2)} µs   +${added.toFixed(2)} µs`);
  }
}

await main();
