// Processor time per echoed message of the WebSocket server and of `ws` (without its native addons): fresh process for each
// measurement, servers in turn, the order reversed each round, the same client (this toolkit's) for both, start-up and warm-up
// not counted. Judges three gates, and one for a message to thousands of subscribers; ends with 1 when one is missed.
//
//   npm run build && npx tsx bench/src/server-websocket.ts [--rounds 5] [--only 16x1] [--subscribers 5000]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Gates } from './accuracy/gates.ts';
import { median } from './compare/median.ts';
import { startServer } from './server/server-process.ts';

interface Load {
  readonly name: string;
  readonly kind: 'text' | 'binary';
  readonly sizeBytes: number;
  readonly window: number;
  readonly windows: number;
  /** The ratio to `ws` that the server is held to. */
  readonly most: number;
}

const LOADS: readonly Load[] = [
  { name: '16x1', kind: 'text', sizeBytes: 16, window: 1, windows: 40_000, most: 0.95 },
  { name: '16x16', kind: 'text', sizeBytes: 16, window: 16, windows: 12_000, most: 0.25 },
  { name: '64Kx1', kind: 'binary', sizeBytes: 65_536, window: 1, windows: 5_000, most: 0.7 },
];
const SERVERS = ['websocket', 'ws'] as const;
const MOST_BROADCAST_MS = 1_000;
/** What the server may have grown by after twenty more messages to everybody. */
const MOST_GROWTH_MIB = 8;
const MIB = 1024 * 1024;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    subscribers: { type: 'string', default: '5000' },
  },
});
const rounds = Number(values.rounds);
const folder = fileURLToPath(new URL('.', import.meta.url));
const gates = new Gates(
  `What the WebSocket server may cost: CPU per echoed message, ${rounds} rounds; a message to all`,
);
process.env['WS_NO_BUFFER_UTIL'] = '1';
process.env['WS_NO_UTF_8_VALIDATE'] = '1';

async function run(program: string, argv: readonly (string | number)[]): Promise<string> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', `${folder}${program}`, ...argv.map(String)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`${program} ${argv.join(' ')} ended with ${code}`);
  return printed;
}

async function microsPerMessage(kind: string, load: Load): Promise<number> {
  const server = await startServer(kind);
  const echo = (windows: number): Promise<string> =>
    run('websocket-echo-client.ts', [
      'needletail',
      server.port,
      load.kind,
      load.sizeBytes,
      load.window,
      windows,
    ]);
  try {
    await echo(load.windows / 5);
    const before = await server.usage();
    await echo(load.windows);
    const after = await server.usage();
    return (after.cpuMicros - before.cpuMicros) / (load.windows * load.window);
  } finally {
    await server.stop();
  }
}

async function compareEchoes(load: Load): Promise<void> {
  const micros: Record<string, number[]> = { websocket: [], ws: [] };
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? SERVERS : SERVERS.toReversed();
    for (const kind of order) micros[kind]!.push(await microsPerMessage(kind, load));
  }
  const ratios = micros['websocket']!.map((own, round) => own / micros['ws']![round]!);
  const ratio = median(ratios);
  const range = `${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}`;
  gates.note(
    `${load.name.padEnd(6)} needletail ${median(micros['websocket']!).toFixed(2)} us  ` +
      `ws ${median(micros['ws']!).toFixed(2)} us  ratio ${ratio.toFixed(2)} (${range})`,
  );
  gates.below(`${load.name}, of ws`, ratio, load.most);
}

interface Broadcasts {
  readonly medianMs: number;
  readonly worstMs: number;
}

/** Sends to all subscribers, a few times to warm up and then twenty times, and looks at the memory in between. */
async function broadcast(kind: string, subscribers: number): Promise<void> {
  const server = await startServer(kind, ['--expose-gc']);
  try {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', `${folder}websocket-subscribers.ts`, `${server.port}`, `${subscribers}`],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const answer = async (): Promise<Broadcasts> => {
      const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
      return JSON.parse(chunk.toString()) as Broadcasts;
    };
    await answer();
    child.stdin.write('5\n');
    await answer();
    const before = await server.usage();
    child.stdin.write('20\n');
    const { medianMs, worstMs } = await answer();
    const after = await server.usage();
    child.stdin.end();
    const cpuMicros = (after.cpuMicros - before.cpuMicros) / 20 / subscribers;
    const grownBytes = after.rss - before.rss;
    gates.note(
      `${kind.padEnd(9)} to ${subscribers}: ${medianMs.toFixed(0)} ms, at worst ${worstMs.toFixed(0)} ms; ` +
        `${cpuMicros.toFixed(2)} us for each; ${(before.rss / MIB).toFixed(0)} MiB before twenty messages`,
    );
    if (kind !== 'websocket') return;
    gates.below(`a message to ${subscribers}, ms at worst`, worstMs, MOST_BROADCAST_MS);
    gates.below('growth by twenty messages, MiB', grownBytes / MIB, MOST_GROWTH_MIB);
  } finally {
    await server.stop();
  }
}

for (const load of LOADS) {
  if (values.only === '' || values.only === load.name) await compareEchoes(load);
}
if (values.only === '' || values.only === 'broadcast') {
  for (const kind of SERVERS) await broadcast(kind, Number(values.subscribers));
}
gates.close();
