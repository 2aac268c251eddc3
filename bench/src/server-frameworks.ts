// Processor time per request of an application under wrk, against node:http, Fastify, Hono and Bun.serve: fresh process for
// each measurement, order alternating, start-up and warm-up not counted. Judges gates, ends with 1 when one is missed.
//
//   npm run build && npx tsx bench/src/server-frameworks.ts [--rounds 5] [--seconds 3]
//                                                           [--part routes,bodies,pipelines,context,fields,bun]
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Gates } from './accuracy/gates.ts';
import { median } from './compare/median.ts';
import { requireCommand } from './compare/nginx.ts';
import { needletailOnBun } from './compare/tools.ts';
import { ORDER_JSON } from './server/order.ts';
import { runWrk, type WrkScript } from './server/run-wrk.ts';
import { startServer } from './server/server-process.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '50' },
    part: { type: 'string', default: 'routes,bodies,pipelines,context,fields,bun' },
  },
});

const PIPELINE_DEPTH = 16;
const folder = mkdtempSync(join(tmpdir(), 'needletail-bench-'));
const orderFile = join(folder, 'order.json');
writeFileSync(orderFile, ORDER_JSON);
process.on('exit', () => rmSync(folder, { recursive: true }));

const ORDER: WrkScript = { script: 'post', arguments: [orderFile] };
const PIPELINE: WrkScript = { script: 'pipeline', arguments: [String(PIPELINE_DEPTH)] };

interface Part {
  readonly title: string;
  readonly path: string;
  readonly sent?: WrkScript;
  readonly kinds: readonly string[];
  readonly isBun?: boolean;
  /** What one kind may cost of another. */
  readonly gates: readonly (readonly [kind: string, of: string, most: number])[];
}

const parts: Readonly<Record<string, Part>> = {
  routes: {
    title: 'GET of a route with one parameter, JSON of 49 bytes',
    path: 'users/4711',
    kinds: ['app', 'app-1000', 'node:http', 'fastify', 'hono'],
    gates: [
      ['app', 'node:http', 0.5],
      ['app', 'fastify', 0.33],
      ['app', 'hono', 0.36],
      ['app-1000', 'app', 1.05],
    ],
  },
  bodies: {
    title: `POST of ${ORDER_JSON.length} bytes of JSON, validated (node:http and hono: parsed only)`,
    path: 'orders',
    sent: ORDER,
    kinds: ['app', 'app-zod', 'node:http', 'fastify', 'hono'],
    gates: [['app', 'fastify', 0.5]],
  },
  pipelines: {
    title: `GET of the same route, ${PIPELINE_DEPTH} requests in one write`,
    path: 'users/4711',
    sent: PIPELINE,
    kinds: ['app', 'node:http', 'fastify'],
    gates: [],
  },
  context: {
    title:
      'GET of the same route: currentContext() for a handler that answers at once, and for one that waits',
    path: 'users/4711',
    kinds: ['app', 'app-context', 'app-async', 'app-async-context'],
    gates: [],
  },
  fields: {
    title: 'GET of the same route behind a request id, security fields and CORS',
    path: 'users/4711',
    kinds: ['app', 'app-fields', 'hono-fields'],
    gates: [],
  },
  bun: {
    title: 'GET of the same route, on Bun',
    path: 'users/4711',
    isBun: true,
    kinds: ['app', 'app-bun', 'bun.serve'],
    gates: [
      ['app', 'bun.serve', 1.1],
      // Not the default: a fetch handler that gives one ready Response costs 1.14 itself.
      ['app-bun', 'bun.serve', 1.2],
    ],
  },
};

const bun = needletailOnBun.program;
const connections = Number(values.connections);
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

async function withServer<Result>(
  part: Part,
  kind: string,
  use: (url: string, cpuMicros: () => Promise<number>) => Promise<Result>,
): Promise<Result> {
  const server = await startServer(`framework ${kind}`, [], part.isBun === true ? bun : null);
  try {
    return await use(server.url + part.path, async () => (await server.usage()).cpuMicros);
  } finally {
    await server.stop();
  }
}

/** All must answer alike before they are timed. */
async function checkAgreement(part: Part): Promise<void> {
  const answers = new Set<string>();
  for (const kind of part.kinds) {
    await withServer(part, kind, async (url) => {
      const isPost = part.sent === ORDER;
      const response = await fetch(
        url,
        isPost
          ? { method: 'POST', body: ORDER_JSON, headers: { 'content-type': 'application/json' } }
          : {},
      );
      const [type] = response.headers.get('content-type')!.split(';', 1);
      answers.add(`${response.status} ${type} ${await response.text()}`);
    });
  }
  if (answers.size !== 1) throw new Error(`They disagree: ${[...answers].join(' | ')}.`);
}

function measure(part: Part, kind: string): Promise<number> {
  return withServer(part, kind, async (url, cpuMicros) => {
    runWrk(url, connections, 1, part.sent);
    const before = await cpuMicros();
    const requests = runWrk(url, connections, seconds, part.sent);
    return ((await cpuMicros()) - before) / requests;
  });
}

async function measureAll(part: Part): Promise<ReadonlyMap<string, readonly number[]>> {
  const micros = new Map<string, number[]>(part.kinds.map((kind) => [kind, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of round % 2 === 0 ? part.kinds : part.kinds.toReversed()) {
      const cost = await measure(part, kind);
      micros.get(kind)!.push(cost);
      process.stderr.write(`round ${round + 1}/${rounds}  ${kind}  ${cost.toFixed(2)} us\n`);
    }
  }
  return micros;
}

requireCommand('wrk');
process.stdout.write(
  `Server CPU per request, ${connections} connections, ${rounds} rounds of ${seconds} s, one process\n` +
    `${cpus().length} x ${cpus()[0]!.model}, node ${process.versions.node}\n`,
);
const judged: (readonly [name: string, ratio: number, most: number])[] = [];
for (const name of values.part.split(',')) {
  const part = parts[name];
  if (part === undefined) throw new Error(`Give parts of ${Object.keys(parts).join(', ')}.`);
  if (part.isBun === true && bun === null) {
    process.stdout.write(`\n${part.title}: left out, Bun is not here (bench/install-peers.sh)\n`);
    continue;
  }
  await checkAgreement(part);
  const micros = await measureAll(part);
  const ratio = (kind: string, of: string): number =>
    median(micros.get(kind)!.map((cost, round) => cost / micros.get(of)![round]!));
  process.stdout.write(
    `\n${part.title}\n${'server'.padEnd(18)} ${'us/request'.padStart(10)}  ${'range'.padStart(15)}  ${'app to it'.padStart(9)}\n`,
  );
  for (const [kind, own] of micros) {
    const range = `${Math.min(...own).toFixed(2)}-${Math.max(...own).toFixed(2)}`;
    process.stdout.write(
      `${kind.padEnd(18)} ${median(own).toFixed(2).padStart(10)}  ${range.padStart(15)}  ${ratio('app', kind).toFixed(2).padStart(9)}\n`,
    );
  }
  for (const [kind, of, most] of part.gates) {
    judged.push([`${name}: ${kind}, of ${of}`, ratio(kind, of), most]);
  }
}
process.stdout.write('\n');
const gates = new Gates('What an application may cost');
for (const [claim, share, most] of judged) gates.below(claim, share, most);
gates.close();
