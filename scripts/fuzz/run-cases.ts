import { basename } from 'node:path';
import { Worker } from 'node:worker_threads';

const PROGRESS_CASES = 100_000;
const USUAL_CASES = 1_000_000;

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

/** A case in which a decoder broke a promise. */
export interface Finding {
  readonly input: Buffer;
  readonly problem: string;
}

/**
 * Runs the cases that the command line asks for, `[count] [seed]`, by default a million of a seed of the moment. Returns
 * what the process should exit with: 1 after the first finding, which is printed with its seed. Ends it with 2 on bad
 * arguments.
 */
export function runCases<Found extends Finding>(
  fuzzCase: (seed: number, index: number) => Found | null,
  placeOf: (finding: Found) => string,
): number {
  const count = readNumber(process.argv[2], USUAL_CASES);
  const seed = readNumber(process.argv[3], Date.now() % 1_000_000);
  const current = new Int32Array(new SharedArrayBuffer(4));
  const workerData = { shared: current.buffer, seed };
  new Worker(WATCHDOG, { eval: true, workerData }).unref();
  const startedAt = performance.now();
  for (let index = 0; index < count; index += 1) {
    Atomics.store(current, 0, index);
    const finding = fuzzCase(seed, index);
    if (finding !== null) {
      process.stdout.write(
        `finding: seed ${seed}, case ${index}, ${placeOf(finding)}\n` +
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
  const script = basename(process.argv[1] ?? '');
  process.stderr.write(
    `Bad argument: ${text} is not a whole number. Usage: ${script} [count] [seed]\n`,
  );
  process.exit(2);
}
