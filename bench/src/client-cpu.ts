// Processor time per request of the client and of the libraries people use, against nginx on the same machine: each is
// driven by the same loop, in a fresh process, in an order that changes every round; start-up and warm-up do not count.
//
//   npm run build && npx tsx bench/src/client-cpu.ts [--rounds 5] [--seconds 4] [--connections 50] [--bytes 1000000]
//                                                    [--only needletail,undici.request]
//
// --connections 1 asks one after the other; --bytes serves a file of that size in place of 17 bytes of JSON. Without these two
// the row of the load engine (the command itself, less its start-up) is printed too, and the gates are judged: ends with 1
// when one is missed.
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Gates } from './accuracy/gates.ts';
import { contenders } from './client/contenders.ts';
import { marginalMicros } from './compare/marginal.ts';
import { median } from './compare/median.ts';
import { startNginx } from './compare/nginx.ts';
import { needletailOnNode } from './compare/tools.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    connections: { type: 'string', default: '50' },
    bytes: { type: 'string' },
    only: { type: 'string', default: '' },
  },
});

const BASE = 'undici.request';
const ENGINE = 'load engine';
/** What must cost at most so much of what. */
const GATES = [
  ['needletail', BASE, 0.55],
  ['needletail', 'fetch', 0.1],
  ['needletail raw', ENGINE, 1.3],
] as const;
const PROGRAM = fileURLToPath(new URL('client/measure-program.ts', import.meta.url));

const rounds = Number(values.rounds);
const wanted = values.only.split(',').filter((name) => name !== '');
const isJudged = values.bytes === undefined && values.connections === '50';
const names = [...(isJudged ? [ENGINE] : []), ...contenders.keys()].filter(
  (name) => wanted.length === 0 || wanted.includes(name) || name === BASE,
);

interface Measured {
  readonly cpuMicros: number;
  readonly requests: number;
  readonly bodyBytes: number;
}

function measure(name: string, url: string, seconds: string): Measured {
  const given = [PROGRAM, name, url, values.connections, seconds];
  const output = execFileSync(process.execPath, ['--import', 'tsx', ...given], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output) as Measured;
}

function costOf(name: string, url: string): number {
  if (name === ENGINE) {
    const longSeconds = 1 + Number(values.seconds);
    const lengths = { shortSeconds: 1, longSeconds };
    return marginalMicros(needletailOnNode, url, Number(values.connections), lengths);
  }
  const { cpuMicros, requests } = measure(name, url, values.seconds);
  return cpuMicros / requests;
}

const fileBytes = values.bytes === undefined ? undefined : Number(values.bytes);
const nginx = await startNginx(fileBytes === undefined ? {} : { fileBytes });
const url = fileBytes === undefined ? nginx.url : `${nginx.url}file`;
const micros = new Map<string, number[]>(names.map((name) => [name, []]));
try {
  const rivals = names.filter((name) => name !== ENGINE);
  const sizes = new Map(rivals.map((name) => [name, measure(name, url, '0.2').bodyBytes]));
  if (new Set(sizes.values()).size > 1) {
    throw new Error(`The clients disagree on the answer: ${JSON.stringify([...sizes])}.`);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const cost = costOf(name, url);
      micros.get(name)!.push(cost);
      process.stderr.write(`round ${round + 1}/${rounds}  ${name}  ${cost.toFixed(2)} us\n`);
    }
  }
} finally {
  await nginx.stop();
}

/** The median over the rounds, in each of which both ran under the same conditions. */
function ratio(name: string, to: string): number {
  const base = micros.get(to)!;
  return median(micros.get(name)!.map((cost, round) => cost / base[round]!));
}

const day = new Date().toISOString().slice(0, 10);
process.stdout.write(
  `CPU per request, GET of ${fileBytes ?? 17} bytes from nginx, ${values.connections} connections, ${rounds} rounds\n` +
    `${cpus().length} x ${cpus()[0]!.model}, node ${process.versions.node}, ${day}\n\n` +
    `${'client'.padEnd(22)} ${'us/request'.padStart(10)}  ${'range'.padStart(17)}  ratio to ${BASE} (median of rounds)\n`,
);
for (const name of names) {
  const own = micros.get(name)!;
  const range = `${Math.min(...own).toFixed(2)}-${Math.max(...own).toFixed(2)}`;
  process.stdout.write(
    `${name.padEnd(22)} ${median(own).toFixed(2).padStart(10)}  ${range.padStart(17)}  ${ratio(name, BASE).toFixed(2)}\n`,
  );
}
if (isJudged) {
  process.stdout.write('\n');
  const gates = new Gates('What the client may cost');
  for (const [name, to, most] of GATES) {
    if (names.includes(name) && names.includes(to)) {
      gates.below(`${name}, of ${to}`, ratio(name, to), most);
    }
  }
  gates.close();
}
