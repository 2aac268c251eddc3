// Processor time per echoed message of this WebSocket client and of `ws` (without its native addons), both against the
// same server in a process of its own: one on `ws`, which answers each message with a write, or one that answers all
// messages of a read with one. Queued messages show the clients apart only with the second: reading sixteen writes costs
// sixteen reads whoever reads them. Fresh process per measurement, clients in turn, the order reversed each round; the
// figure is marginal, a long run less a short one. Each client checks the length of what comes back.
//
//   npm run build && npx tsx bench/src/websocket.ts [--rounds 5] [--only 16x1] [--server ws|batching]
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from './compare/median.ts';

interface Load {
  readonly name: string;
  readonly kind: 'text' | 'binary';
  readonly sizeBytes: number;
  readonly window: number;
  /** Windows of the long run; the short one has a fifth. */
  readonly windows: number;
  /** The ratio to `ws` that this client is held to with each server; null where the server decides. */
  readonly gates: { readonly ws: number | null; readonly batching: number };
}

const LOADS: readonly Load[] = [
  {
    name: '16x1',
    kind: 'text',
    sizeBytes: 16,
    window: 1,
    windows: 60_000,
    gates: { ws: 0.95, batching: 0.95 },
  },
  {
    name: '16x16',
    kind: 'text',
    sizeBytes: 16,
    window: 16,
    windows: 20_000,
    gates: { ws: null, batching: 0.25 },
  },
  {
    name: '64Kx1',
    kind: 'binary',
    sizeBytes: 65_536,
    window: 1,
    windows: 6_000,
    gates: { ws: 0.7, batching: 0.7 },
  },
];
const LIBRARIES = ['needletail', 'ws'] as const;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    server: { type: 'string', default: 'ws' },
  },
});
const rounds = Number(values.rounds);
const folder = fileURLToPath(new URL('.', import.meta.url));
const environment = { ...process.env, WS_NO_BUFFER_UTIL: '1', WS_NO_UTF_8_VALIDATE: '1' };

function cpuMicros(library: string, port: string, load: Load, windows: number): number {
  const { kind, sizeBytes, window } = load;
  const argv = [library, port, kind, sizeBytes, window, windows].map(String);
  const ran = spawnSync(
    process.execPath,
    ['--import', 'tsx', `${folder}websocket-echo-client.ts`, ...argv],
    {
      env: environment,
      encoding: 'utf8',
    },
  );
  if (ran.status !== 0) throw new Error(`echo client ${argv.join(' ')} failed:\n${ran.stderr}`);
  return Number(ran.stdout);
}

function marginalMicros(library: string, port: string, load: Load): number {
  const short = cpuMicros(library, port, load, load.windows / 5);
  const long = cpuMicros(library, port, load, load.windows);
  return (long - short) / (load.windows * 0.8 * load.window);
}

function verdict(load: Load, ratio: number): string {
  const gate = load.gates[values.server === 'ws' ? 'ws' : 'batching'];
  if (gate === null) return 'not judged with this server';
  return `held to ${gate}: ${ratio <= gate ? 'met' : 'missed'}`;
}

const server = spawn(
  process.execPath,
  ['--import', 'tsx', `${folder}websocket-echo-server.ts`, values.server],
  {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
const [chunk] = (await once(server.stdout, 'data')) as [Buffer];
const port = chunk.toString().trim();
const day = new Date().toISOString().slice(0, 10);
process.stdout.write(
  `CPU per echoed message, ${values.server} server, ${rounds} rounds\n${cpus().length} x ${cpus()[0]!.model}, node ${process.versions.node}, ${day}\n\n`,
);
try {
  for (const load of LOADS) {
    if (values.only !== '' && values.only !== load.name) continue;
    const micros: Record<string, number[]> = { needletail: [], ws: [] };
    for (let round = 0; round < rounds; round += 1) {
      const order = round % 2 === 0 ? LIBRARIES : LIBRARIES.toReversed();
      for (const library of order) micros[library]!.push(marginalMicros(library, port, load));
    }
    const ratios = micros['needletail']!.map((own, round) => own / micros['ws']![round]!);
    const ratio = median(ratios);
    const range = `${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}`;
    process.stdout.write(
      `${load.name.padEnd(6)} needletail ${median(micros['needletail']!).toFixed(2)} us  ws ${median(micros['ws']!).toFixed(2)} us  ` +
        `ratio ${ratio.toFixed(2)} (${range}), ${verdict(load, ratio)}\n`,
    );
  }
} finally {
  server.kill();
}
