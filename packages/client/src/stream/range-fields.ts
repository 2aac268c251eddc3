/** `Content-Range: bytes 0-9/100` in numbers (RFC 9110 §14.4). */
export interface ContentRange {
  /** Null in an answer of 416, which says only how long the whole is. */
  readonly startBytes: number | null;
  readonly totalBytes: number | null;
}

interface Fields {
  get(name: string): string | null;
}

const CONTENT_RANGE = /^bytes (?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15}|\*)$/i;
const LENGTH = /^\d{1,15}$/;
/** RFC 9110 §8.8.2.2: a date that old, on a clock of the same server, is a strong validator. */
const STRONG_AFTER_MS = 1000;

/** Null when there is none, or none that makes sense. */
export function contentRange(fields: Fields): ContentRange | null {
  const [, first, last, total] = CONTENT_RANGE.exec(fields.get('content-range') ?? '') ?? [];
  if (total === undefined) return null;
  const totalBytes = total === '*' ? null : Number(total);
  if (first === undefined) return { startBytes: null, totalBytes };
  const startBytes = Number(first);
  const endBytes = Number(last) + 1;
  if (endBytes <= startBytes || (totalBytes !== null && endBytes > totalBytes)) return null;
  return { startBytes, totalBytes };
}

/** What If-Range may ask for (RFC 9110 §13.1.5): a strong ETag, else a strong date, else nothing. */
export function strongValidator(fields: Fields): string | null {
  const etag = fields.get('etag');
  if (etag !== null) return etag.startsWith('"') ? etag : null;
  const modified = fields.get('last-modified');
  const ageMs = Date.parse(fields.get('date') ?? '') - Date.parse(modified ?? '');
  return ageMs >= STRONG_AFTER_MS ? modified : null;
}

/** Content-Length of a body that is not encoded; null where that does not tell the size of the file. */
export function plainLength(fields: Fields): number | null {
  const length = fields.get('content-length') ?? '';
  return LENGTH.test(length) && !isEncoded(fields) ? Number(length) : null;
}

export function isEncoded(fields: Fields): boolean {
  const coding = fields.get('content-encoding')?.trim().toLowerCase() ?? '';
  return coding !== '' && coding !== 'identity';
}
