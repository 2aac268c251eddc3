import { ReportError } from '../errors.ts';
import type { Exporter } from '../exporter.ts';

/**
 * The run summary exactly as `schema/needletail.run-1.schema.json` describes it, two spaces of indent.
 * Throws `ReportError` for NaN and infinities, which `JSON.stringify` alone would turn into `null` unseen.
 */
export const jsonExporter: Exporter = {
  name: 'json',
  extension: 'json',
  serialize({ summary }) {
    refuseNonFinite(summary, '');
    return `${JSON.stringify(summary, null, 2)}\n`;
  },
};

/** Throws `ReportError` with the path of the first number that JSON cannot hold. */
export function refuseNonFinite(value: unknown, path: string): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new ReportError(
      'NOT_FINITE',
      path,
      `Report not written: ${value} is not a number JSON can hold (at ${path}). Report this as a bug.`,
    );
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    refuseNonFinite(
      child,
      Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key,
    );
  }
}
