/*
 * Decodes mutated WebSocket frames, by default a million:
 *   npx tsx --conditions=@needletail/source scripts/fuzz-websocket.ts [count] [seed]
 * Exits 1 with the input and the seed when a decoder breaks a promise, 2 on bad arguments.
 */
import { Worker } from 'node:worker_threads';
import { fuzzFrames } from '@needletail/testkit/websocket-fuzz';

const PROGRESS_CASES = 100_000;

/** Watches the case number from another thread: a decoder that loops for ever cannot report itself. */
const WATCHDOG = `
  const { workerData } = require('node:worker_threads');
  const { writeSync } = require('node:fs');
  const current = new Int32Array(workerData.shared);
  let last = -1;
  setInterval(() => {
    const index = Atomics.load(current, 0);
    if (index === last) {
      writeSync(2, 'hang: seed ' + workerData.seed + ', case ' + index + ' took 30 s\\n');
      process.kill(process.pid, 'SIGKILL');
    }
    last = index;
  }, 30000);
`;

function main(): number {
  const count = readNumber(process.argv[2], 1_000_000);
  const seed = readNumber(process.argv[3], Date.now() % 1_000_000);
  const current = new Int32Array(new SharedArrayBuffer(4));
  const watchdog = new Worker(WATCHDOG, {
    eval: true,
    workerData: { shared: current.buffer, seed },
  });
  watchdog.unref();
  const startedAt = performance.now();
  for (let index = 0; index < count; index += 1) {
    Atomics.store(current, 0, index);
    const finding = fuzzFrames(seed, index);
    if (finding !== null) {
      process.stdout.write(
        `finding: seed ${seed}, case ${index}, ${finding.role}\n` +
          `input ${JSON.stringify(finding.input.toString('latin1'))}\n${finding.problem}\n`,
      );
      return 1;
    }
    if ((index + 1) % PROGRESS_CASES === 0) process.stdout.write(`${index + 1} cases\n`);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  process.stdout.write(`${count} cases, seed ${seed}, no finding, ${seconds.toFixed(1)} s\n`);
  return 0;
}

function readNumber(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  process.stderr.write(
    `Bad argument: ${text} is not a whole number. Usage: fuzz-websocket.ts [count] [seed]\n`,
  );
  process.exit(2);
}

process.exit(main());
