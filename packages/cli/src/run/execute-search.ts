import type { SearchOptions } from '@needletail/load/search';
import { exitCodes } from '../process/exit-code.ts';
import { watchInterrupts } from '../process/interrupts.ts';
import { reportError } from '../process/report-error.ts';
import { sayTrouble } from '../process/say-trouble.ts';
import { layoutFor, type Shell } from '../process/shell.ts';
import { startTargetCommand } from '../process/target-command.ts';
import type { RunSettings } from './execute-run.ts';
import {
  prepareOutputs,
  writeOutput,
  type OutputFile,
  type OutputRequest,
} from './output-files.ts';

/** What the results of searches have in common. */
interface Judged {
  readonly verdict: {
    readonly status: 'pass' | 'fail' | 'invalid';
    readonly reasons: readonly string[];
  };
}

/** A search from its settings to its report. */
export interface SearchJob<Summary extends Judged> {
  readonly outputs: readonly OutputRequest<Summary>[];
  readonly settings: Pick<RunSettings, 'quiet' | 'targetCommand'>;
  /** Writes progress with `say`, unless quiet. */
  readonly search: (options: SearchOptions, say: (line: string) => void) => Promise<Summary>;
  readonly format: (
    summary: Summary,
    layout: { readonly width: number; readonly color: boolean },
  ) => string;
}

const statusCodes = {
  pass: exitCodes.passed,
  fail: exitCodes.failed,
  invalid: exitCodes.invalid,
} as const;

/** Runs a search from the check of its outputs to the last line printed; gives the exit code. */
export async function executeSearch<Summary extends Judged>(
  job: SearchJob<Summary>,
  shell: Shell,
): Promise<number> {
  const files = await prepareOutputs(job.outputs, shell.cwd);
  const interrupts = watchInterrupts(shell.exit);
  try {
    const summary = await measure(job, shell, interrupts.signal);
    if (summary === null) return interrupts.exitCode ?? exitCodes.usage;
    print(summary, job, files, shell);
    const written = await writeAll(summary, files, shell);
    return interrupts.exitCode ?? (written ? statusCodes[summary.verdict.status] : exitCodes.usage);
  } finally {
    interrupts.dispose();
  }
}

/** Null when it was interrupted before it began. A target command that dies ends the search as Ctrl-C does. */
async function measure<Summary extends Judged>(
  { settings, search }: SearchJob<Summary>,
  shell: Shell,
  signal: AbortSignal,
): Promise<Summary | null> {
  const { targetCommand, quiet } = settings;
  const say = (line: string): void => {
    if (!quiet) shell.stderr.write(`${line}\n`);
  };
  if (targetCommand === null) return search({ signal }, say);
  const target = await startTargetCommand({ ...targetCommand, cwd: shell.cwd, signal }).catch(
    (error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    },
  );
  if (target === null) return null;
  const end = new AbortController();
  let death: Error | null = null;
  void target.died.then((error) => {
    death = error;
    end.abort(error);
  });
  try {
    const summary = await search({ signal: AbortSignal.any([signal, end.signal]) }, say);
    if (death === null) return summary;
    reportError(death, shell);
    const verdict = { ...summary.verdict, status: 'invalid' as const };
    return { ...summary, verdict };
  } finally {
    await target.stop();
  }
}

function print<Summary extends Judged>(
  summary: Summary,
  { settings, format }: SearchJob<Summary>,
  files: readonly OutputFile<Summary>[],
  shell: Shell,
): void {
  const { status, reasons } = summary.verdict;
  if (!settings.quiet) {
    const stream = files.some(({ path }) => path === null) ? shell.stderr : shell.stdout;
    stream.write(format(summary, layoutFor(stream, shell)));
  }
  if (status !== 'pass' || settings.quiet)
    sayTrouble(shell.stderr, [`${status}:`, ...reasons].join(' '));
}

/** Tries every file even when one fails; false when any did. */
async function writeAll<Summary>(
  summary: Summary,
  files: readonly OutputFile<Summary>[],
  shell: Shell,
): Promise<boolean> {
  let written = true;
  for (const file of files) {
    try {
      await writeOutput(file, summary, (text) => shell.stdout.write(text));
    } catch (error) {
      written = false;
      reportError(error, shell);
    }
  }
  return written;
}
