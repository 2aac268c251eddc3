// Processor time per request of this load generator and of every peer that is installed, against nginx on the same
// machine: 50 keep-alive connections, one GET of a small body. The figure is marginal, a long run less a short one, so
// that start-up does not count; tools take turns, in fresh processes, in an order that changes every round.
//
//   npm run build && npx tsx bench/src/cpu-per-request.ts [--rounds 5] [--long 8] [--short 2] [--tls] [--only wrk,node,bun]
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { startNginx } from './compare/nginx.ts';
import { marginalMicros } from './compare/marginal.ts';
import { median } from './compare/median.ts';
import { needletailOnBun, needletailOnNode, peers, wrk } from './compare/tools.ts';
import type { Tool } from './compare/tools.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    long: { type: 'string', default: '8' },
    short: { type: 'string', default: '2' },
    connections: { type: 'string', default: '50' },
    tls: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
});

const rounds = Number(values.rounds);
const connections = Number(values.connections);
const wanted = values.only.split(',').filter((name) => name !== '');
const tools = [wrk, needletailOnNode, needletailOnBun, ...peers].filter((tool) => {
  if (tool.program === null) process.stderr.write(`${tool.name}: not installed, left out\n`);
  const isWanted = wanted.length === 0 || wanted.some((name) => tool.name.includes(name));
  return tool.program !== null && (isWanted || tool === wrk);
});
if (!tools.includes(wrk)) throw new Error('wrk is the measure of this comparison. Install it.');

const lengths = { shortSeconds: Number(values.short), longSeconds: Number(values.long) };
const nginx = await startNginx({ tls: values.tls });
const micros = new Map<Tool, number[]>(tools.map((tool) => [tool, []]));
try {
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? tools : tools.toReversed();
    for (const tool of order) {
      const cost = marginalMicros(tool, nginx.url, connections, lengths);
      micros.get(tool)!.push(cost);
      process.stderr.write(`round ${round + 1}/${rounds}  ${tool.name}  ${cost.toFixed(2)} us\n`);
    }
  }
} finally {
  await nginx.stop();
}

const base = micros.get(wrk)!;
const day = new Date().toISOString().slice(0, 10);
process.stdout.write(
  `CPU per request, GET of 17 bytes from nginx${values.tls ? ' over TLS 1.3' : ''}, ${connections} connections, ` +
    `${rounds} rounds\n${cpus().length} x ${cpus()[0]!.model}, node ${process.versions.node}, ${day}\n\n`,
);
process.stdout.write(
  `${'tool'.padEnd(20)} ${'us/request'.padStart(10)}  ${'range'.padStart(15)}  ratio to wrk (median of rounds)\n`,
);
for (const tool of tools) {
  const own = micros.get(tool)!;
  const ratio = median(own.map((cost, round) => cost / base[round]!));
  const range = `${Math.min(...own).toFixed(2)}-${Math.max(...own).toFixed(2)}`;
  process.stdout.write(
    `${tool.name.padEnd(20)} ${median(own).toFixed(2).padStart(10)}  ${range.padStart(15)}  ${ratio.toFixed(2)}\n`,
  );
}
