// Error
// └── CliError                what the command refuses or could not do; `exitCode` says how the process ends
//     ├── UsageError          a flag, an argument or a command that cannot be
//     ├── OutputFileError     a report that cannot be written where it was asked for
//     └── TargetCommandError  the command after `--` did not start, or did not answer on its port

/** Any failure of the command itself; `message` is a sentence for people, `code` is stable. */
export abstract class CliError extends Error {
  readonly code: string;
  readonly exitCode: number = 2;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export class UsageError extends CliError {
  override readonly name = 'UsageError';
}

export class OutputFileError extends CliError {
  override readonly name = 'OutputFileError';
  readonly path: string;

  constructor(code: string, path: string, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.path = path;
  }
}

export class TargetCommandError extends CliError {
  override readonly name = 'TargetCommandError';
  /** The last the command wrote before it died, for showing below the message. */
  readonly output: string;

  constructor(code: string, message: string, output: string, options?: ErrorOptions) {
    super(code, message, options);
    this.output = output;
  }
}
