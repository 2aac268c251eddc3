import { PlanError, quoted, type PlanErrorCode } from './errors.ts';

const MULTIPLIER = { k: 1e3, m: 1e6, b: 1e9 } as const;

const AMOUNT = /^(\d[\d_]*|\d{1,3}(?:,\d{3})+)(\.\d+)?\s*([kmb])?$/i;

/**
 * A whole number from `250`, `10k`, `1.5m`, `1_000` or `1,000` (k thousand, m million, b billion, in either case).
 * `where` names the flag or key in the message of the PlanError.
 */
export function parseCount(value: string | number, where = 'count'): number {
  const amount = parseAmount(value, where, 'PLAN_COUNT', 'Not a count');
  if (Number.isInteger(amount)) return amount;
  throw notAnAmount(String(value), where, 'PLAN_COUNT', 'Not a count', 'is not a whole number');
}

/** Requests per second from `2000`, `2k`, `0.5`, `100/s`, `600/m` or `36k/h`. */
export function parseRate(value: string | number, where = 'rate'): number {
  const text = String(value).trim();
  const per = /^(.*)\/\s*([smh])$/i.exec(text);
  const seconds = { s: 1, m: 60, h: 3600 }[(per?.[2] ?? 's').toLowerCase()] ?? 1;
  return parseAmount(per?.[1] ?? text, where, 'PLAN_RATE', 'Not a rate') / seconds;
}

/** A number as people read it: `2,000`, `0.5`, at most three decimals. */
export function formatCount(count: number): string {
  // By hand: the tables of a language take `toLocaleString` 25 ms of processor to load.
  const [whole, fraction] = String(Number(count.toFixed(3))).split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function parseAmount(
  value: string | number,
  where: string,
  code: PlanErrorCode,
  problem: string,
): number {
  const text = String(value).trim();
  const match = AMOUNT.exec(text);
  if (match === null) {
    const cause =
      text === '' ? 'is empty' : text.startsWith('-') ? 'is negative' : 'is not a number';
    throw notAnAmount(text, where, code, problem, cause);
  }
  const unit = match[3]?.toLowerCase() as keyof typeof MULTIPLIER | undefined;
  const plain = Number(match[1].replaceAll(/[_,]/g, '') + (match[2] ?? ''));
  // Fifteen digits undo what binary makes of 1.1 times a thousand.
  const amount = Number((plain * (unit === undefined ? 1 : MULTIPLIER[unit])).toPrecision(15));
  if (amount <= Number.MAX_SAFE_INTEGER) return amount;
  throw notAnAmount(text, where, code, problem, 'is larger than any run can count');
}

function notAnAmount(
  text: string,
  where: string,
  code: PlanErrorCode,
  problem: string,
  cause: string,
): PlanError {
  const remedy =
    code === 'PLAN_RATE'
      ? 'Write it like 2000, 2k, 0.5 or 600/m.'
      : 'Write it like 250, 10k, 1.5m or 1_000.';
  return new PlanError({ code, problem, cause: `${quoted(text)} ${cause}`, where, remedy });
}
