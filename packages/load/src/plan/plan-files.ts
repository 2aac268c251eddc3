import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { PlanError } from './errors.ts';

/** What `resolvePlan` needs of the world around it. */
export interface PlanContext {
  /** Directory that relative paths of flags, and of the plan file itself, start from. */
  readonly cwd: string;
  /** `readFile` of node:fs/promises, or a fake. */
  readonly readFile: (path: string) => Promise<Uint8Array>;
}

/** The working directory and files of this process. */
export function processContext(): PlanContext {
  return { cwd: process.cwd(), readFile };
}

/** Every worker keeps a copy of the bodies. */
const LARGEST_FILE_BYTES = 64 * 2 ** 20;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
};

/** Reads the files that a plan and its flags name. */
export class PlanFiles {
  readonly #context: PlanContext;
  readonly #directory: string;

  /** `planFile` is null when there is none. */
  constructor(context: PlanContext, planFile: string | null) {
    this.#context = context;
    this.#directory = planFile === null ? context.cwd : dirname(resolve(context.cwd, planFile));
  }

  /** A file named in the plan, relative to it. */
  read(path: string, where: string): Promise<Uint8Array> {
    return this.#read(resolve(this.#directory, path), path, where);
  }

  /** A file named by a flag, relative to the working directory. */
  readFromCwd(path: string, where: string): Promise<Uint8Array> {
    return this.#read(resolve(this.#context.cwd, path), path, where);
  }

  async #read(absolute: string, shown: string, where: string): Promise<Uint8Array> {
    if (shown === '') throw fileFault('there is no file name', where, 'Give one.', undefined);
    const content = await this.#context.readFile(absolute).catch((error: unknown) => {
      const { code = '', message } = error as NodeJS.ErrnoException;
      const cause = REASONS[code] ?? String(message);
      throw fileFault(
        `${shown}: ${cause}`,
        where,
        `Looked for ${absolute}; check the path.`,
        error,
      );
    });
    if (content.byteLength <= LARGEST_FILE_BYTES) return content;
    throw fileFault(`${shown} is larger than 64 MiB`, where, 'Use a smaller one.', undefined);
  }
}

function fileFault(cause: string, where: string, remedy: string, error: unknown): PlanError {
  const fault = { code: 'PLAN_FILE', problem: 'File not usable', cause, where, remedy } as const;
  return new PlanError(fault, null, { cause: error });
}
