// What it costs to read three fields of a response with twenty, from its raw head on: the client's lazy map, against the
// shapes in which other libraries hand fields over. All must read the same values.
//
//   npm run build && npx tsx bench/src/client-headers.ts [--rounds 7]
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { FieldMap } from '@needletail/wire';
import { median } from './compare/median.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });
const CALLS = 200_000;
const WANTED = ['content-type', 'etag', 'x-field-15'] as const;

const LINES = [
  'Server: nginx',
  'Date: Sat, 21 Nov 2026 12:00:00 GMT',
  'Content-Type: application/json; charset=utf-8',
  'Content-Length: 17',
  'ETag: "5f8-1234"',
  ...Array.from({ length: 15 }, (_, index) => `X-Field-${index + 1}: value number ${index + 1}`),
];
const HEAD = ['HTTP/1.1 200 OK', ...LINES].join('\r\n');

type Read = () => string;

function pairs(): [string, string][] {
  return HEAD.split('\r\n')
    .slice(1)
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 2)];
    });
}

const SHAPES: Readonly<Record<string, Read>> = {
  'needletail: FieldMap, read from the text': () => {
    const fields = FieldMap.ofHead(HEAD);
    return WANTED.map((name) => fields.get(name)).join();
  },
  'object of lower-case names, made at once': () => {
    const fields: Record<string, string> = {};
    for (const [name, value] of pairs()) fields[name.toLowerCase()] = value;
    return WANTED.map((name) => fields[name]).join();
  },
  'web Headers': () => {
    const fields = new Headers(pairs());
    return WANTED.map((name) => fields.get(name)).join();
  },
};

const answers = new Set(Object.values(SHAPES).map((read) => read()));
if (answers.size !== 1) throw new Error(`The shapes disagree: ${[...answers].join(' | ')}.`);

const nanos = new Map(Object.keys(SHAPES).map((name) => [name, [] as number[]]));
let length = 0;
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const [name, read] of Object.entries(SHAPES)) {
    const startedAt = process.hrtime.bigint();
    for (let call = 0; call < CALLS; call += 1) length += read().length;
    nanos.get(name)!.push(Number(process.hrtime.bigint() - startedAt) / CALLS);
  }
}
process.stdout.write(
  `Three fields of twenty, ns a response (median of ${values.rounds} rounds; ${length} characters read)\n` +
    `${cpus().length} x ${cpus()[0]!.model}, node ${process.versions.node}\n\n`,
);
for (const [name, own] of nanos) {
  process.stdout.write(`${name.padEnd(44)} ${median(own).toFixed(0).padStart(7)}\n`);
}
