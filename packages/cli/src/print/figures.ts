import { formatCount as formatNumber } from '@needletail/load/plan';

/** `1,234,567`. */
export function formatCount(count: number): string {
  return formatNumber(Math.round(count));
}

/** Per second: whole from 100 up, three significant digits below. */
export function formatRate(perSecond: number): string {
  return perSecond >= 99.95 ? formatCount(perSecond) : significant(perSecond);
}

/** Milliseconds in the unit that reads best: `412 µs` (the resolution), `12.3 ms`, `1.24 s`, `1m 12s`. */
export function formatMs(ms: number): string {
  if (ms === 0) return '0 ms';
  if (ms < 0.0005) return '<1 µs';
  if (ms < 0.9995) return `${Math.round(ms * 1000)} µs`;
  if (ms < 999.5) return `${significant(ms)} ms`;
  if (ms < 59_950) return `${significant(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
  const minutes = Math.round(seconds / 60);
  return `${formatCount(Math.floor(minutes / 60))}h ${minutes % 60}m`;
}

/** A length somebody chose, without the zeros a measurement would show: `10 s`, `1.5 s`, `250 ms`. */
export function formatSetting(ms: number): string {
  return formatMs(ms).replace(/\.0+(?= )|(\.\d*[1-9])0+(?= )/, '$1');
}

/** Decimal units (1 kB = 1,000 B), three significant digits. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${significant(value)} ${units[unit]}`;
}

/** A share of a whole that never rounds something to nothing or nearly all to all: `<0.01%`, `>99.99%`. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '–';
  const percent = (part / whole) * 100;
  if (part > 0 && percent < 0.01) return '<0.01%';
  if (part < whole && percent > 99.99) return '>99.99%';
  return formatPercent(percent);
}

/** Percent given as 0 to 100, at most two decimals. */
export function formatPercent(percent: number): string {
  const decimals = percent === 0 || percent === 100 ? 0 : percent >= 10 ? 1 : 2;
  const text = percent.toFixed(percent > 99 && percent < 100 ? 2 : decimals);
  return `${text}%`;
}

/** Three significant digits without an exponent; 1,000 and more keep all their whole digits. */
export function significant(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) >= 999.5) return formatCount(value);
  const magnitude = Math.floor(Math.log10(Math.abs(Number(value.toPrecision(3)))));
  return value.toFixed(Math.max(0, Math.min(6, 2 - magnitude)));
}
