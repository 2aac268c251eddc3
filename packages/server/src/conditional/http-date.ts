/** IMF-fixdate, and the two forms of old that recipients have to take (RFC 9110 §5.6.7). */
const FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const RFC_850 = /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/** Milliseconds since 1970, or NaN for what is no HTTP-date. */
export function parseHttpDate(text: string): number {
  if (FIXDATE.test(text) || RFC_850.test(text)) return Date.parse(text);
  return ASCTIME.test(text) ? Date.parse(`${text} GMT`) : Number.NaN;
}

/** `epochMs` without its milliseconds, as a field has it. */
export function httpDate(epochMs: number): string {
  return new Date(epochMs).toUTCString();
}
