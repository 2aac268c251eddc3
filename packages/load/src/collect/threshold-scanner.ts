import { PlanError, quoted } from '../plan/errors.ts';

const EXAMPLES =
  "Write it like 'p99 < 50ms', 'error rate < 1%', 'rps > 1000', '[GET /cart] p95 < 80ms' or 'p95 < 200ms for 10s, abort'.";

/** Reads a threshold expression from left to right; its faults point at a character. */
export class ThresholdScanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get isAtEnd(): boolean {
    return this.at === this.text.length;
  }

  peek(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text);
  }

  take(pattern: RegExp): RegExpExecArray | null {
    const match = this.peek(pattern);
    if (match !== null) this.at += match[0].length;
    return match;
  }

  unexpected(expected: string, from: number = this.at): PlanError {
    const at = from + /^ */.exec(this.text.slice(from))![0].length;
    const found = at >= this.text.length ? 'the end' : quoted(this.text.slice(at));
    return this.fault(`expected ${expected}, found ${found}`, at);
  }

  fault(cause: string, at: number = this.at): PlanError {
    return new PlanError({
      code: 'PLAN_THRESHOLD',
      problem: 'Not a threshold',
      cause,
      where: `threshold ${quoted(this.text)}, character ${at + 1}`,
      remedy: EXAMPLES,
    });
  }
}
