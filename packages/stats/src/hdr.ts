import {
  JsHistogram,
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
} from 'hdr-histogram-js';
import { TOP_MICROS } from './bin-layout.ts';
import type { Digits } from './bin-layout.ts';
import { ArgumentError, HdrDecodeError } from './errors.ts';
import { checkEncoding } from './hdr/check-encoding.ts';
import { Histogram } from './histogram.ts';

export { HdrDecodeError };

/**
 * The largest value an encoding declares. Not the hour itself: hdr-histogram-js reads 64-bit fields as two signed
 * halves, and 3.6e9 would come out negative in every reader built on it.
 */
const DECLARED_TOP = 2 ** 32;

/**
 * Text of HdrHistogram's V2 compressed encoding, values in microseconds, which any HdrHistogram tool reads. Counts and
 * bins are kept; the exact `min` and `max` and what was out of range are not part of the format.
 */
export function encodeHdr(histogram: Histogram): string {
  return encodeIntoCompressedBase64(toLibrary(histogram));
}

/**
 * Reads an HdrHistogram V2 compressed encoding, ours or another tool's, as microseconds. Each bin's records stand at the
 * largest value of that bin, so quantiles agree and `min` and `max` are within the digits; what lies above an hour counts
 * as overflow. `digits` is the source's own unless given, at most 3.
 * @throws HdrDecodeError for text that is damaged, of another version, or larger than a histogram can be.
 */
export function decodeHdr(base64: string, digits?: Digits): Histogram {
  const header = checkEncoding(base64);
  const source = decodeFromCompressedBase64(base64, 64, false, header.highestValue);
  if (!(source instanceof JsHistogram)) throw new HdrDecodeError('the library gave no histogram');
  const histogram = new Histogram({ digits: digits ?? (header.digits <= 2 ? 2 : 3) });
  const bins = source.recordedValuesIterator;
  bins.reset();
  while (bins.hasNext()) {
    const bin = bins.next();
    const highest = bin.valueIteratedTo;
    // The bin that holds the hour reaches past it.
    const reachesTop = source.lowestEquivalentValue(highest) <= TOP_MICROS;
    histogram.recordMany(
      reachesTop ? Math.min(highest, TOP_MICROS) : highest,
      bin.countAtValueIteratedTo,
    );
  }
  return histogram;
}

/**
 * HdrHistogram's percentile distribution text (`.hgrm`), which its plotters read: value, percentile, records up to it,
 * 1/(1-percentile). Values are microseconds divided by `unitScale`: milliseconds unless given.
 */
export function toHgrm(
  histogram: Histogram,
  options: { readonly unitScale?: number } = {},
): string {
  const { unitScale = 1000 } = options;
  if (!(unitScale > 0 && unitScale < Infinity)) {
    throw new ArgumentError('toHgrm', 'unitScale', 'a finite divisor above 0', unitScale);
  }
  return toLibrary(histogram).outputPercentileDistribution(5, unitScale);
}

function toLibrary(histogram: Histogram): JsHistogram {
  const target = build({
    bitBucketSize: 64,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: DECLARED_TOP,
    numberOfSignificantValueDigits: histogram.digits,
  }) as JsHistogram;
  const { max } = histogram;
  histogram.forEachBin((fromMicros, toMicros, count) => {
    // The last bin at the exact maximum, which the text prints.
    target.recordValueWithCount(toMicros > max ? max : fromMicros, count);
  });
  return target;
}
