/*
 * RangeError
 * ├─ ArgumentError            ERR_STATS_ARGUMENT      a number outside what the call can take
 * └─ HistogramMismatchError   ERR_HISTOGRAM_MISMATCH  two histograms that cannot be added or subtracted
 * Error
 * └─ HdrDecodeError           ERR_HDR_DECODE          text that is not an HdrHistogram
 */

/** A number outside the range a call accepts; `argument` names it and `actual` is what was given. */
export class ArgumentError extends RangeError {
  override readonly name: string = 'ArgumentError';
  readonly code = 'ERR_STATS_ARGUMENT' as const;
  readonly argument: string;
  readonly expected: string;
  readonly actual: unknown;

  constructor(where: string, argument: string, expected: string, actual: unknown) {
    super(
      `Argument out of range: ${argument} is ${String(actual)} (in ${where}). Give ${expected}.`,
    );
    this.argument = argument;
    this.expected = expected;
    this.actual = actual;
  }
}

/** Two histograms that cannot be combined: different digits, or an interval that was never recorded. */
export class HistogramMismatchError extends RangeError {
  override readonly name: string = 'HistogramMismatchError';
  readonly code = 'ERR_HISTOGRAM_MISMATCH' as const;

  constructor(where: string, cause: string, remedy: string) {
    super(`Histograms do not match: ${cause} (in ${where}). ${remedy}`);
  }
}

/** Text that is not an HdrHistogram in compressed base64; `cause` is the failure underneath, where there is one. */
export class HdrDecodeError extends Error {
  override readonly name: string = 'HdrDecodeError';
  readonly code = 'ERR_HDR_DECODE' as const;

  constructor(reason: string, options?: ErrorOptions) {
    super(
      `Histogram cannot be decoded: ${reason} (in decodeHdr). Give the base64 text of an HdrHistogram V2 compressed encoding, unbroken and without a tag.`,
      options,
    );
  }
}
