/** RFC 9110 §10.2.3 has seconds without a fraction; a date is in one of the three forms of §5.6.7. */
const SECONDS = /^\d{1,10}$/;
const HTTP_DATE =
  /^(?:[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT|[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4})$/;

/** Milliseconds from `nowMs` (of the epoch) that Retry-After asks for; null when it is neither seconds nor a date. */
export function retryAfterMs(value: string, nowMs: number): number | null {
  if (SECONDS.test(value)) return Number(value) * 1000;
  if (!HTTP_DATE.test(value)) return null;
  // The oldest form names no zone, and means GMT like the others.
  const dateMs = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`);
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs);
}
