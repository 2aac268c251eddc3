// The oracle as a program: a bare TCP server that answers every request after a delay it draws itself, and keeps when
// each arrived and when its answer was written, on the clock of the machine. It shares no code with what it measures.
//
//   argv[2]   OracleOptions as JSON
//   messages  from it {port} once it listens; to it 'log', answered with an OracleLog, or 'clear', answered when done
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createDelaySampler, seededRandom } from '@needletail/testkit/delay-distribution';
import { machineNowMs } from '@needletail/testkit/precise-timer';
import type { DelayMixture, OracleLog, OracleOptions } from './oracle.ts';
import { SleepingTimer } from './sleeping-timer.ts';
import { SpinningTimer } from './spinning-timer.ts';

const ANSWER = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 'latin1');
const REQUEST_END = [13, 10, 13, 10];

const options = JSON.parse(process.argv[2]!) as OracleOptions;
let drawMs = createSampler();
// The clock of the machine, the same in every process, read as a float so that a read allocates nothing.
const clockOffsetMs = measureClockOffsetMs();
const nowMs = (): number => performance.now() + clockOffsetMs;
// A queue is held against theory, which knows of no tenth of a millisecond to wake up in; all else against the log.
const timer = options.isQueue ? new SpinningTimer(nowMs) : new SleepingTimer(nowMs);

const arrivedMs = new Float64Array(options.capacity);
const answeredMs = new Float64Array(options.capacity);
const drawnMs = new Float64Array(options.capacity);
let count = 0;
let queueFreeAtMs = 0;

/** The tightest of many readings: the first calls of a process take half a millisecond. */
function measureClockOffsetMs(): number {
  let tightest = { widthMs: Infinity, offsetMs: 0 };
  for (let attempt = 0; attempt < 10_000; attempt += 1) {
    const before = performance.now();
    const machineMs = machineNowMs();
    const widthMs = performance.now() - before;
    const offsetMs = machineMs - before - widthMs / 2;
    if (widthMs < tightest.widthMs) tightest = { widthMs, offsetMs };
  }
  return tightest.offsetMs;
}

function createSampler(): (() => number) | null {
  const { delay, seed } = options;
  if (delay === null) return null;
  return delay.kind === 'mixture' ? mixtureOf(delay, seed) : createDelaySampler(delay, seed);
}

function mixtureOf({ usual, rare, rareShare }: DelayMixture, seed: number): () => number {
  const choose = seededRandom(seed);
  const drawUsual = createDelaySampler(usual, seed + 1);
  const drawRare = createDelaySampler(rare, seed + 2);
  return () => (choose() < rareShare ? drawRare() : drawUsual());
}

function serve(socket: Socket, atMs: number): void {
  const index = count;
  if (index === options.capacity) throw new Error(`Log full: ${count} requests. Raise capacity.`);
  count += 1;
  arrivedMs[index] = atMs;
  if (drawMs === null) {
    answer(socket, index);
    return;
  }
  const drawn = drawMs();
  drawnMs[index] = drawn;
  // First come, first served, without drift: a service starts when the one before it was due to end.
  const startMs = options.isQueue ? Math.max(atMs, queueFreeAtMs) : atMs;
  const dueMs = startMs + drawn;
  queueFreeAtMs = dueMs;
  timer.at(dueMs, () => answer(socket, index));
}

function answer(socket: Socket, index: number): void {
  answeredMs[index] = nowMs();
  if (!socket.destroyed) socket.write(ANSWER);
}

const server = createServer({ noDelay: true }, (socket) => {
  let matched = 0;
  socket.on('data', (chunk: Buffer) => {
    const atMs = nowMs();
    for (const byte of chunk) {
      matched = byte === REQUEST_END[matched] ? matched + 1 : byte === REQUEST_END[0] ? 1 : 0;
      if (matched < REQUEST_END.length) continue;
      matched = 0;
      serve(socket, atMs);
    }
  });
  // The client resets what it gives up on; that is its account to give.
  socket.on('error', () => socket.destroy());
});

process.on('message', (message: 'log' | 'clear') => {
  if (message === 'log') {
    const log: OracleLog = {
      arrivedMs: arrivedMs.slice(0, count),
      answeredMs: answeredMs.slice(0, count),
      drawnMs: drawnMs.slice(0, count),
    };
    process.send!(log);
  } else {
    answeredMs.fill(0, 0, count);
    count = 0;
    queueFreeAtMs = 0;
    drawMs = createSampler();
    process.send!('cleared');
  }
});
process.on('disconnect', () => process.exit());
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  process.send!({ port: (server.address() as AddressInfo).port });
});
