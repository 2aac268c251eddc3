// Error
// └── ReportError   a run that cannot be written down truthfully

/** A run holds something a document must not contain; `code` is stable, `path` says where in the summary. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
  readonly code: 'NOT_FINITE';
  readonly path: string;

  constructor(code: 'NOT_FINITE', path: string, message: string) {
    super(message);
    this.code = code;
    this.path = path;
  }
}
