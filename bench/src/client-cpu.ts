// Processor time per request of the client and of the libraries people use, against nginx on the same machine: each is
// driven by the same loop, in a fresh process, in an order that changes every round; start-up and warm-up do not count.
//
//   npm run build && npx tsx bench/src/client-cpu.ts [--rounds 5] [--seconds 4] [--connections 50] [--bytes 1000000]
//                                                    [--only needletail,undici.request]
//
// --connections 1 asks one after the other; --bytes serves a file of that size in place of 17 bytes of JSON.
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { contenders } from './client/contenders.ts';
import { median } from './compare/median.ts';
import { startNginx } from './compare/nginx.ts';

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
const PROGRAM = fileURLToPath(new URL('client/measure-program.ts', import.meta.url));

const rounds = Number(values.rounds);
const wanted = values.only.split(',').filter((name) => name !== '');
const names = [...contenders.keys()].filter(
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

const fileBytes = values.bytes === undefined ? undefined : Number(values.bytes);
const nginx = await startNginx(fileBytes === undefined ? {} : { fileBytes });
const url = fileBytes === undefined ? nginx.url : `${nginx.url}file`;
const micros = new Map<string, number[]>(names.map((name) => [name, []]));
try {
  const sizes = new Map(names.map((name) => [name, measure(name, url, '0.2').bodyBytes]));
  if (new Set(sizes.values()).size > 1) {
    throw new Error(`The clients disagree on the answer: ${JSON.stringify([...sizes])}.`);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const { cpuMicros, requests } = measure(name, url, values.seconds);
      const cost = cpuMicros / requests;
      micros.get(name)!.push(cost);
      process.stderr.write(`round ${round + 1}/${rounds}  ${name}  ${cost.toFixed(2)} us\n`);
    }
  }
} finally {
  await nginx.stop();
}

const base = micros.get(BASE)!;
const day = new Date().toISOString().slice(0, 10);
process.stdout.write(
  `CPU per request, GET of ${fileBytes ?? 17} bytes from nginx, ${values.connections} connections, ${rounds} rounds\n` +
    `${cpus().length} x ${cpus()[0]!.model}, node ${process.versions.node}, ${day}\n\n` +
    `${'client'.padEnd(22)} ${'us/request'.padStart(10)}  ${'range'.padStart(17)}  ratio to ${BASE} (median of rounds)\n`,
);
for (const name of names) {
  const own = micros.get(name)!;
  const ratio = median(own.map((cost, round) => cost / base[round]!));
  const range = `${Math.min(...own).toFixed(2)}-${Math.max(...own).toFixed(2)}`;
  process.stdout.write(
    `${name.padEnd(22)} ${median(own).toFixed(2).padStart(10)}  ${range.padStart(17)}  ${ratio.toFixed(2)}\n`,
  );
}
