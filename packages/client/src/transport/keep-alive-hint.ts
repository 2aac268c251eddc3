import type { FieldMap } from '@needletail/wire';

/** A server closes at its time-out, so the last use has to begin before. */
const MARGIN_MS = 1000;

/** Milliseconds a server promises to keep an idle connection, less a second; Infinity where it promises nothing. */
export function keepAliveHintMs(headers: FieldMap): number {
  const value = headers.get('keep-alive');
  if (value === null) return Infinity;
  const seconds = /(?:^|[,; \t])timeout=(\d{1,9})(?:$|[,; \t])/i.exec(value)?.[1];
  return seconds === undefined ? Infinity : Math.max(0, Number(seconds) * 1000 - MARGIN_MS);
}
