/** First and last byte, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** More than this is refused by sending the whole: it would cost more than it saves (RFC 9110 §14.2). */
const MOST_RANGES = 16;
const SPEC = /^[ \t]*(\d{0,40})-(\d{0,40})[ \t]*$/;

/**
 * What a Range field asks of `sizeBytes`: the ranges in their order; `whole` where the field is to be ignored, being
 * malformed, of another unit, too many or overlapping; `none` where no byte of it is there (416).
 */
export function parseRanges(
  field: string,
  sizeBytes: number,
): readonly ByteRange[] | 'whole' | 'none' {
  const equals = field.indexOf('=');
  if (field.slice(0, equals).trim().toLowerCase() !== 'bytes') return 'whole';
  const specs = field.slice(equals + 1).split(',', MOST_RANGES + 1);
  if (specs.length > MOST_RANGES) return 'whole';
  const ranges: ByteRange[] = [];
  for (const spec of specs) {
    const [, from = '', to = ''] = SPEC.exec(spec) ?? [];
    if (from === '' && to === '') return 'whole';
    if (from !== '' && to !== '' && Number(to) < Number(from)) return 'whole';
    const first = from === '' ? Math.max(0, sizeBytes - Number(to)) : Number(from);
    const last = from === '' || to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
    if (first <= last) ranges.push({ first, last });
  }
  if (ranges.length === 0) return 'none';
  return doOverlap(ranges) ? 'whole' : ranges;
}

function doOverlap(ranges: readonly ByteRange[]): boolean {
  const ordered = ranges.toSorted((a, b) => a.first - b.first);
  return ordered.some(({ first }, at) => at > 0 && first <= ordered[at - 1]!.last);
}
