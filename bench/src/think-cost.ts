// Whether users who think cost anything beyond their requests: the same rate by a thousand users who pause for a second and
// by fifty who pause for 50 ms. Processor time per request of the generator, marginal (a long run less a short one), in
// fresh processes that take turns. The pauses are drawn, so that users do not come in step. Beside them the least that a client on
// node:net can do at that rate over 50 and over 1,000 connections, none of which thinks: what more connections cost the kernel
// and the caches is not the thinking's doing.
//
//   npm run build && npx tsx bench/src/think-cost.ts [--rounds 5] [--long 12] [--short 4]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bareClient } from './compare/bare-tool.ts';
import { marginalMicros } from './compare/marginal.ts';
import { median } from './compare/median.ts';
import { startNginx } from './compare/nginx.ts';
import { needletailOnNode, type Tool } from './compare/tools.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    long: { type: 'string', default: '12' },
    short: { type: 'string', default: '4' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'needletail-think-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Each user asks, then pauses for `pauseMs` on average. */
function thinkers(users: number, pauseMs: number): Tool {
  return {
    ...needletailOnNode,
    name: `${users} users, ${pauseMs} ms`,
    arguments: (url, seconds) => {
      const file = join(folder, `think-${users}.js`);
      writeFileSync(
        file,
        `import { defineLoad } from 'needletail';
export default defineLoad({
  target: ${JSON.stringify(url)},
  async user({ http, think }) {
    await http.get('/');
    await think(${pauseMs / 2}, ${pauseMs * 1.5});
  },
});
`,
      );
      const [command] = needletailOnNode.arguments(url, seconds, users);
      const load = ['-u', String(users), '-d', `${seconds}s`];
      const quiet = ['--no-typecheck', '--quiet', '--threshold', 'none', '--json', '-'];
      return [command!, 'run', file, ...load, ...quiet];
    },
  };
}

const few = { tool: thinkers(50, 50), connections: 50 };
const many = { tool: thinkers(1000, 1000), connections: 1000 };
const bareFew = { tool: bareClient('node:net, 50 connections', 1000), connections: 50 };
const bareMany = { tool: bareClient('node:net, 1000 connections', 1000), connections: 1000 };
const contenders = [few, many, bareFew, bareMany];
const rounds = Number(values.rounds);
const lengths = { shortSeconds: Number(values.short), longSeconds: Number(values.long) };
const micros = new Map<Tool, number[]>(contenders.map(({ tool }) => [tool, []]));
const nginx = await startNginx({ tls: false });
try {
  for (let round = 0; round < rounds; round += 1) {
    const inTurn = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const { tool, connections } of inTurn) {
      const cost = marginalMicros(tool, nginx.url, connections, lengths);
      micros.get(tool)!.push(cost);
      process.stderr.write(`round ${round + 1}/${rounds}  ${tool.name}  ${cost.toFixed(1)} us\n`);
    }
  }
} finally {
  await nginx.stop();
}

/** What the many cost of what the few do, round by round. */
function growth(of: typeof few, over: typeof few): string {
  const base = micros.get(over.tool)!;
  const ratios = micros.get(of.tool)!.map((cost, round) => cost / base[round]!);
  const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  const costs = [over, of].map(
    ({ tool }) => `${tool.name}: ${median(micros.get(tool)!).toFixed(1)} us`,
  );
  return `${costs.join('; ')}; ratio ${median(ratios).toFixed(2)} (${range})\n`;
}

process.stdout.write(
  `CPU per request at about 1,000/s, GET of 17 bytes from nginx, ${rounds} rounds\n` +
    `${cpus().length} x ${cpus()[0]!.model}, node ${process.versions.node}\n\n` +
    growth(many, few) +
    growth(bareMany, bareFew),
);
