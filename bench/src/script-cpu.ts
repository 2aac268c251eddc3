// Processor time per request of a scripted run: each of 50 users gets a small JSON body, parses it and checks it. Beside it
// the fixed requests of wrk, of this tool and of autocannon, which do none of that, and the scripts of k6 and Artillery.
// A bare loop on node:net that decodes nothing is the floor of what the runtime can do. The figure is marginal, a long run
// less a short one; tools take turns, in fresh processes, in an order that changes.
//
//   npm run build && npx tsx bench/src/script-cpu.ts [--rounds 5] [--long 8] [--short 2] [--only wrk,needletail]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bareClient } from './compare/bare-tool.ts';
import { marginalMicros } from './compare/marginal.ts';
import { median } from './compare/median.ts';
import { startNginx } from './compare/nginx.ts';
import { needletailOnBun, needletailOnNode, peers, wrk, type Tool } from './compare/tools.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    long: { type: 'string', default: '8' },
    short: { type: 'string', default: '2' },
    connections: { type: 'string', default: '50' },
    only: { type: 'string', default: '' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'needletail-script-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** This tool with a scenario in place of a URL; types are not checked, which is no part of the run. */
function scripted(tool: Tool): Tool {
  return {
    ...tool,
    name: `${tool.name}, script`,
    arguments: (url, seconds, users) => {
      const file = join(folder, 'load.js');
      writeFileSync(
        file,
        `import { defineLoad } from 'needletail';
export default defineLoad({
  target: ${JSON.stringify(url)},
  async user({ http, check }) {
    const response = await http.get('/');
    check(response, { hello: (r) => r.json().hello === 'world' });
  },
});
`,
      );
      const [command] = tool.arguments(url, seconds, users);
      const load = ['-u', String(users), '-d', `${seconds}s`];
      const quiet = ['--no-typecheck', '--quiet', '--threshold', 'none', '--json', '-'];
      return [command!, 'run', file, ...load, ...quiet];
    },
  };
}

const k6Script: Tool = {
  ...peers.find(({ name }) => name === 'k6')!,
  name: 'k6, script',
  arguments: (url, seconds, users) => {
    const file = join(folder, 'k6.js');
    writeFileSync(
      file,
      `import http from 'k6/http';
import { check } from 'k6';
export default function () {
  const response = http.get('${url}');
  check(response, { hello: (r) => r.json().hello === 'world' });
}
`,
    );
    const load = ['-u', String(users), '-d', `${seconds}s`];
    return ['run', '--quiet', '--no-usage-report', ...load, file];
  },
};

const named = (name: string): Tool => peers.find((tool) => tool.name === name)!;
const wanted = values.only.split(',').filter((name) => name !== '');
const tools = [
  wrk,
  bareClient('node:net, bare'),
  needletailOnNode,
  scripted(needletailOnNode),
  scripted(needletailOnBun),
  named('autocannon'),
  k6Script,
  named('artillery'),
].filter((tool) => {
  if (tool.program === null) process.stderr.write(`${tool.name}: not installed, left out\n`);
  const isWanted = wanted.length === 0 || wanted.some((name) => tool.name.includes(name));
  return tool.program !== null && (isWanted || tool === wrk);
});
if (!tools.includes(wrk)) throw new Error('wrk is the measure of this comparison. Install it.');

const rounds = Number(values.rounds);
const lengths = { shortSeconds: Number(values.short), longSeconds: Number(values.long) };
const nginx = await startNginx({ tls: false });
const micros = new Map<Tool, number[]>(tools.map((tool) => [tool, []]));
try {
  for (let round = 0; round < rounds; round += 1) {
    for (const tool of round % 2 === 0 ? tools : tools.toReversed()) {
      const cost = marginalMicros(tool, nginx.url, Number(values.connections), lengths);
      micros.get(tool)!.push(cost);
      process.stderr.write(`round ${round + 1}/${rounds}  ${tool.name}  ${cost.toFixed(2)} us\n`);
    }
  }
} finally {
  await nginx.stop();
}

/** What a scripted request may cost of wrk's; `node:net, bare` is the least that the runtime allows. */
const GATE = 1.7;

const base = micros.get(wrk)!;
process.stdout.write(
  `CPU per request, GET of 17 bytes of JSON from nginx, ${values.connections} users, ${rounds} rounds\n` +
    `${cpus().length} x ${cpus()[0]!.model}, node ${process.versions.node}\n\n` +
    `${'tool'.padEnd(28)} ${'us/request'.padStart(10)}  ${'range'.padStart(15)}  ratio to wrk (median of rounds; gate for the script on node ${GATE})\n`,
);
for (const tool of tools) {
  const own = micros.get(tool)!;
  const ratio = median(own.map((cost, round) => cost / base[round]!));
  const range = `${Math.min(...own).toFixed(2)}-${Math.max(...own).toFixed(2)}`;
  process.stdout.write(
    `${tool.name.padEnd(28)} ${median(own).toFixed(2).padStart(10)}  ${range.padStart(15)}  ${ratio.toFixed(2)}\n`,
  );
}
