// Processor time per request of the server under wrk, against node:http and a bare socket that parses nothing: fresh process
// for each measurement, order alternating, start-up and warm-up not counted. With more connections the kernel's part grows as
// well: what they add to a request is held against what they add to one of the bare socket. Judges gates, ends with 1 when one is
// missed.
//
//   npm run build && npx tsx bench/src/server-cpu.ts [--rounds 5] [--seconds 3] [--connections 50] [--crowds 10,1000,10000]
//                                                   [--only needletail,node:http]
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { Gates } from './accuracy/gates.ts';
import { median } from './compare/median.ts';
import { requireCommand } from './compare/nginx.ts';
import { runWrk } from './server/run-wrk.ts';
import { startServer } from './server/server-process.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '50' },
    crowds: { type: 'string', default: '10,1000,10000' },
    only: { type: 'string', default: '' },
  },
});

const BASE = 'node:http';
const OURS = 'needletail';
const BARE = 'bare';
const MOST_OF_BASE = 0.5;
const MOST_GROWTH = 1.15;
/** Of a bare socket server with as many connections, from so many on. */
const MOST_OF_BARE = 1.1;
const MANY = 10_000;

interface Row {
  readonly name: string;
  readonly kind: string;
  readonly connections: number;
}

const connections = Number(values.connections);
const crowds = values.crowds
  .split(',')
  .filter((text) => text !== '')
  .map(Number);
const wanted = values.only.split(',').filter((name) => name !== '');
const crowdOf = (kind: string, count: number): string => `${kind}, ${count}`;
const rows: readonly Row[] = [
  { name: OURS, kind: OURS, connections },
  { name: BASE, kind: BASE, connections },
  { name: BARE, kind: BARE, connections },
  ...crowds.flatMap((count) =>
    [OURS, BARE].map((kind) => ({ name: crowdOf(kind, count), kind, connections: count })),
  ),
].filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.startsWith(part)));

/** A long run less a short one: what it costs to accept connections is in both. */
async function measure(row: Row): Promise<number> {
  const server = await startServer(row.kind);
  const run = async (seconds: number): Promise<{ micros: number; requests: number }> => {
    const before = await server.usage();
    const requests = runWrk(server.url, row.connections, seconds);
    return { micros: (await server.usage()).cpuMicros - before.cpuMicros, requests };
  };
  try {
    runWrk(server.url, row.connections, 1);
    const short = await run(1);
    const long = await run(1 + Number(values.seconds));
    return (long.micros - short.micros) / (long.requests - short.requests);
  } finally {
    await server.stop();
  }
}

/** All must answer with the same body and type before they are timed. */
async function checkAgreement(): Promise<void> {
  const answers = new Set<string>();
  for (const kind of new Set(rows.map((row) => row.kind))) {
    const server = await startServer(kind);
    const response = await fetch(server.url);
    answers.add(
      `${response.status} ${response.headers.get('content-type')} ${await response.text()}`,
    );
    await server.stop();
  }
  if (answers.size !== 1) throw new Error(`The servers disagree: ${[...answers].join(' | ')}.`);
}

requireCommand('wrk');
await checkAgreement();
const rounds = Number(values.rounds);
const micros = new Map<string, number[]>(rows.map(({ name }) => [name, []]));
for (let round = 0; round < rounds; round += 1) {
  for (const row of round % 2 === 0 ? rows : rows.toReversed()) {
    const cost = await measure(row);
    micros.get(row.name)!.push(cost);
    process.stderr.write(`round ${round + 1}/${rounds}  ${row.name}  ${cost.toFixed(2)} us\n`);
  }
}

/** The median over the rounds, in each of which both ran under the same conditions. */
function ratio(name: string, to: string): number {
  const base = micros.get(to)!;
  return median(micros.get(name)!.map((cost, round) => cost / base[round]!));
}

process.stdout.write(
  `Server CPU per request, 26 bytes of JSON, ${connections} connections, ${rounds} rounds\n` +
    `${cpus().length} x ${cpus()[0]!.model}, node ${process.versions.node}\n\n` +
    `${'server'.padEnd(18)} ${'us/request'.padStart(10)}  ${'range'.padStart(14)}\n`,
);
for (const [name, own] of micros) {
  const range = `${Math.min(...own).toFixed(2)}-${Math.max(...own).toFixed(2)}`;
  process.stdout.write(
    `${name.padEnd(18)} ${median(own).toFixed(2).padStart(10)}  ${range.padStart(14)}\n`,
  );
}
const gates = new Gates('What the server may cost');
if (micros.has(OURS) && micros.has(BASE)) {
  gates.below(`${OURS}, of ${BASE}`, ratio(OURS, BASE), MOST_OF_BASE);
}
const [fewest] = crowds;
for (const count of crowds.slice(1)) {
  const [ours, bare] = [crowdOf(OURS, count), crowdOf(BARE, count)];
  if (!micros.has(ours) || !micros.has(bare)) continue;
  const [few, bareFew] = [crowdOf(OURS, fewest!), crowdOf(BARE, fewest!)];
  if (count >= MANY) gates.below(`${count} connections, of bare`, ratio(ours, bare), MOST_OF_BARE);
  else {
    const growths = [ratio(ours, few), ratio(bare, bareFew)].map((growth) => growth.toFixed(2));
    gates.note(`${fewest} to ${count} connections: ${growths[0]}, bare ${growths[1]}`);
    const added = (many: string, less: string): number =>
      median(micros.get(many)!) - median(micros.get(less)!);
    gates.below(
      `what ${count} connections add, of bare's`,
      added(ours, few) / added(bare, bareFew),
      MOST_GROWTH,
    );
    gates.below(`${count} connections, of bare`, ratio(ours, bare), MOST_OF_BARE);
  }
}
gates.close();
