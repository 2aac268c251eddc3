import { constants } from 'node:fs';
import { access, open, realpath, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { ExportedRun, Exporter } from '@needletail/report';
import { OutputFileError, UsageError } from '../errors.ts';
import { describeFileTrouble } from '../process/file-trouble.ts';

/** One report asked for: where, and in which format; `-` is standard output. */
export interface OutputRequest<Result = ExportedRun> {
  readonly path: string;
  readonly exporter: Exporter<Result>;
}

/** A place that was writable before the run, so that nothing is lost after it. */
export interface OutputFile<Result = ExportedRun> {
  readonly exporter: Exporter<Result>;
  /** Absolute, symbolic links followed; null is standard output. */
  readonly path: string | null;
  /** False for devices and pipes, which are written in place. */
  readonly isRegular: boolean;
}

/** Checks every output before anything is sent; throws `OutputFileError` or `UsageError`, having written nothing. */
export async function prepareOutputs<Result = ExportedRun>(
  requests: readonly OutputRequest<Result>[],
  cwd: string,
): Promise<OutputFile<Result>[]> {
  const files: OutputFile<Result>[] = [];
  for (const { path, exporter } of requests) {
    const file =
      path === '-' ? { path: null, isRegular: false } : await checkPath(resolve(cwd, path));
    const twin = files.find((other) => other.path === file.path);
    if (twin !== undefined && (file.isRegular || file.path === null)) {
      throw new UsageError(
        'OUTPUT_TWICE',
        `Two reports in one place: --${twin.exporter.name} and --${exporter.name} (${path}). Give each a file of its own.`,
      );
    }
    files.push({ ...file, exporter });
  }
  return files;
}

/** Writes one report: through a temporary file and a rename, so that a reader never sees half of one. */
export async function writeOutput<Result = ExportedRun>(
  file: OutputFile<Result>,
  run: Result,
  writeStdout: (text: string) => void,
): Promise<void> {
  const text = file.exporter.serialize(run);
  if (file.path === null) return writeStdout(text);
  const { path } = file;
  try {
    if (!file.isRegular) return await writeFile(path, text);
    const temporary = temporaryBeside(path);
    try {
      await writeFile(temporary, text, { flag: 'wx' });
      await rename(temporary, path);
    } catch (error) {
      await unlink(temporary).catch(ignoreMissing);
      throw error;
    }
  } catch (error) {
    throw notWritable(path, error);
  }
}

async function checkPath(path: string): Promise<{ path: string; isRegular: boolean }> {
  try {
    const existing = await stat(path).catch(ignoreMissing);
    if (existing === undefined) {
      await tryTemporary(path);
      return { path, isRegular: true };
    }
    if (existing.isDirectory()) throw new DirectoryInTheWay();
    await access(path, constants.W_OK);
    const real = await realpath(path);
    if (existing.isFile()) await tryTemporary(real);
    return { path: real, isRegular: existing.isFile() };
  } catch (error) {
    throw notWritable(path, error);
  }
}

/** The only sure test of a directory (quotas, read-only mounts, access lists) is to make a file in it. */
async function tryTemporary(path: string): Promise<void> {
  const temporary = temporaryBeside(path);
  const handle = await open(temporary, 'wx');
  await handle.close();
  await unlink(temporary);
}

function temporaryBeside(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
}

class DirectoryInTheWay extends Error {
  readonly code = 'EISDIR';
}

function notWritable(path: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined || code === 'NOT_FINITE') return error as Error;
  const reason =
    code === 'ENOENT'
      ? 'its directory does not exist'
      : describeFileTrouble(error as NodeJS.ErrnoException);
  return new OutputFileError(
    'OUTPUT_NOT_WRITABLE',
    path,
    `Cannot write the report: ${reason} (${path}). Choose another file.`,
    { cause: error },
  );
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
