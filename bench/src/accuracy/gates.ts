import { cpus } from 'node:os';

/** What is held against the truth, and how far from it the measured value may be. */
export interface Gate {
  readonly name: string;
  readonly measured: number;
  readonly truth: number;
  /** Printed as it is: `within 5%`, `< 0.3 ms`. */
  readonly gate: string;
  readonly passes: boolean;
}

/** Prints a row for each claim as it is settled, and makes the process end with 1 if one was not met. */
export class Gates {
  #passed = 0;
  #missed = 0;

  constructor(title: string) {
    const day = new Date().toISOString().slice(0, 10);
    process.stdout.write(
      `${title}\n${cpus().length} x ${cpus()[0]!.model}, node ${process.versions.node}, ${day}\n\n` +
        `${row('claim', 'measured', 'truth', 'gate', '')}\n`,
    );
  }

  check({ name, measured, truth, gate, passes }: Gate): void {
    if (passes) this.#passed += 1;
    else this.#missed += 1;
    const verdict = passes ? 'PASS' : 'FAIL';
    process.stdout.write(`${row(name, figure(measured), figure(truth), gate, verdict)}\n`);
  }

  /** The measured value is at most `share` of the truth away from it. */
  within(name: string, measured: number, truth: number, share: number): void {
    const passes = Math.abs(measured - truth) <= share * truth;
    this.check({
      name,
      measured,
      truth,
      gate: `within ${Number((share * 100).toPrecision(3))}%`,
      passes,
    });
  }

  /** The measured value is at most `limit` away from the truth. */
  near(name: string, measured: number, truth: number, limit: number): void {
    const passes = Math.abs(measured - truth) <= limit;
    this.check({ name, measured, truth, gate: `+-${figure(limit)}`, passes });
  }

  below(name: string, measured: number, limit: number): void {
    this.check({
      name,
      measured,
      truth: Number.NaN,
      gate: `< ${figure(limit)}`,
      passes: measured < limit,
    });
  }

  equal(name: string, measured: number, truth: number): void {
    this.check({ name, measured, truth, gate: 'equal', passes: measured === truth });
  }

  note(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  /** Last line; sets the exit code. */
  close(): void {
    process.stdout.write(`\n${this.#passed} passed, ${this.#missed} failed\n`);
    if (this.#missed > 0) process.exitCode = 1;
  }
}

function row(name: string, measured: string, truth: string, gate: string, verdict: string): string {
  const cells = [name.padEnd(52), measured.padStart(12), truth.padStart(12), gate.padStart(14)];
  return `${cells.join(' ')}  ${verdict}`.trimEnd();
}

function figure(value: number): string {
  if (Number.isNaN(value)) return '';
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
