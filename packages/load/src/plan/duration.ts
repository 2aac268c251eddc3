import { PlanError, quoted } from './errors.ts';

const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

type Unit = keyof typeof UNIT_MS;

/** Timers of the runtimes wrap at 2^31 ms, a little under 25 days. */
const LONGEST_MS = 24 * UNIT_MS.d;

const WHOLE = /^(?:\d+(?:\.\d+)?(?:d|h|ms|m|s))+$/;
const PIECE = /(\d+(?:\.\d+)?)(d|h|ms|m|s)/g;
const NUMBER = /^\d+(?:\.\d+)?$/;

/**
 * Milliseconds from `500ms`, `10s`, `1m30s`, `1.5h` or a bare number of seconds; units go from large to small, each
 * once. `where` names the flag or key in the message of the PlanError.
 */
export function parseDuration(value: string | number, where = 'duration'): number {
  const text = String(value).trim();
  const fail = (cause: string): PlanError =>
    new PlanError({
      code: 'PLAN_DURATION',
      problem: 'Not a duration',
      cause: `${quoted(text)} ${cause}`,
      where,
      remedy: 'Write it like 500ms, 10s, 1m30s or 2h; a bare number is seconds.',
    });
  if (text === '') throw fail('is empty');
  if (text.startsWith('-')) throw fail('is negative');
  const isNumber = NUMBER.test(text);
  if (!isNumber && !WHOLE.test(text)) throw fail('is not made of numbers and units d, h, m, s, ms');
  const durationMs = isNumber ? Number(text) * 1000 : sumOfPieces(text, fail);
  if (durationMs > LONGEST_MS) throw fail('is longer than 24 days');
  return durationMs;
}

/** The shortest way to write a duration that `parseDuration` reads back: `1m30s`, `1.5s`, `500ms`. */
export function formatDuration(durationMs: number): string {
  if (durationMs === Infinity) return 'for ever';
  if (durationMs < 1000) return `${rounded(durationMs)}ms`;
  const wholeMinutes = Math.floor(durationMs / UNIT_MS.m);
  const seconds = rounded((durationMs - wholeMinutes * UNIT_MS.m) / 1000);
  const wholeHours = Math.floor(wholeMinutes / 60);
  const days = Math.floor(wholeHours / 24);
  const hours = wholeHours % 24;
  const minutes = wholeMinutes % 60;
  return `${days > 0 ? `${days}d` : ''}${hours > 0 ? `${hours}h` : ''}${minutes > 0 ? `${minutes}m` : ''}${seconds > 0 ? `${seconds}s` : ''}`;
}

function sumOfPieces(text: string, fail: (cause: string) => PlanError): number {
  let sumMs = 0;
  let smallestMs = Infinity;
  for (const [, amount, unit] of text.matchAll(PIECE)) {
    const unitMs = UNIT_MS[unit as Unit];
    if (unitMs >= smallestMs) throw fail('has its units out of order');
    smallestMs = unitMs;
    sumMs += Number(amount) * unitMs;
  }
  return sumMs;
}

function rounded(amount: number): number {
  return Number(amount.toFixed(3));
}
