import {
  formatExchange,
  RunControl,
  type LiveSnapshot,
  type Plan,
  type TracedExchange,
  type TracedMessage,
  type WatchTarget,
} from '@needletail/load';
import type { ExportedRun } from '@needletail/report';
import type { ControlServer } from '../control/control-server.ts';
import { TargetCommandError, UsageError } from '../errors.ts';
import { formatMessage } from '../print/format-message.ts';
import { formatSummary } from '../print/summary.ts';
import { formatVerdictLine } from '../print/sections/verdict.ts';
import { exitCodeOf, exitCodes } from '../process/exit-code.ts';
import { watchInterrupts, type Interrupts } from '../process/interrupts.ts';
import { reportError } from '../process/report-error.ts';
import { sayTrouble } from '../process/say-trouble.ts';
import { layoutFor, type Shell } from '../process/shell.ts';
import { startTargetCommand, type TargetCommand } from '../process/target-command.ts';
import type { RunView } from '../print/run-view.ts';
import { openRunView } from './open-run-view.ts';
import {
  prepareOutputs,
  writeOutput,
  type OutputFile,
  type OutputRequest,
} from './output-files.ts';

/** The load engine's door: `runLoad` of `@needletail/load`, or a fake. */
export type RunLoad = (
  plan: Plan,
  options?: {
    readonly signal?: AbortSignal;
    readonly onSnapshot?: (snapshot: LiveSnapshot) => void;
    readonly onWarning?: (message: string) => void;
    readonly control?: RunControl;
    readonly watch?: readonly WatchTarget[];
    readonly onExchange?: (exchange: TracedExchange) => void;
    readonly onMessage?: (message: TracedMessage) => void;
  },
) => Promise<ExportedRun>;

/** How a run is shown, where it is written, and what is started for it. */
export interface RunSettings {
  readonly outputs: readonly OutputRequest[];
  readonly quiet: boolean;
  readonly live: boolean;
  readonly targetCommand: { readonly command: readonly string[]; readonly port: number } | null;
  /** A local HTTP API to the run; port 0 picks a free one, a token that is null is made up. */
  readonly control?: { readonly port: number; readonly token: string | null } | null;
  /** Figures of the target to read beside those of the run; the command under test is always watched. */
  readonly watch?: readonly WatchTarget[];
  /** Prints every exchange of a scenario, on standard error. */
  readonly trace?: boolean;
  /** Sends each request once, in place of a run. */
  readonly smoke?: boolean;
}

/** Runs a plan from the check of its outputs to the last line printed; gives the exit code. */
export async function executeRun(
  plan: Plan,
  settings: RunSettings,
  shell: Shell,
  runLoad: RunLoad,
): Promise<number> {
  const traced = tracedPlan(plan, settings);
  const files = await prepareOutputs(settings.outputs, shell.cwd);
  const interrupts = watchInterrupts(shell.exit);
  try {
    const measured = await measure(traced, settings, shell, runLoad, interrupts);
    if (measured === null) return interrupts.exitCode ?? exitCodes.usage;
    printSummary(measured.run, settings, files, shell);
    const written = await writeOutputs(measured.run, files, shell);
    printVerdict(measured.run, settings, shell);
    const code = concludedCode(measured, shell);
    return interrupts.exitCode ?? (written ? code : exitCodes.usage);
  } finally {
    interrupts.dispose();
  }
}

interface Measured {
  readonly run: ExportedRun;
  /** The command under test ended while it was being loaded. */
  readonly death: TargetCommandError | null;
}

/** Null when the run was interrupted before it began. */
async function measure(
  plan: Plan,
  settings: RunSettings,
  shell: Shell,
  runLoad: RunLoad,
  interrupts: Interrupts,
): Promise<Measured | null> {
  const target = await startTargetFor(settings, shell, interrupts.signal);
  if (interrupts.signal.aborted) {
    await target?.stop();
    return null;
  }
  const end = new AbortController();
  interrupts.signal.addEventListener('abort', () => end.abort(interrupts.signal.reason));
  let death: TargetCommandError | null = null;
  void target?.died.then((error) => {
    death = error;
    end.abort(error);
  });
  const control = new RunControl();
  const view = await openRunView(plan, settings, shell, control);
  let latest: LiveSnapshot | null = null;
  end.signal.addEventListener('abort', () => view.ending());
  let server: ControlServer | null = null;
  try {
    server = await openControlServer(settings, control, () => latest, view);
    const run = await runLoad(plan, {
      signal: end.signal,
      control,
      watch: watchedOf(settings, target),
      onExchange: (exchange) => view.say(formatExchange(exchange).trimEnd()),
      onMessage: (message) =>
        view.say(formatMessage(message, layoutFor(shell.stderr, shell).width)),
      onSnapshot: (snapshot) => {
        latest = snapshot;
        view.update(snapshot);
        if (control.status().state === 'stopping') view.ending();
      },
      onWarning: (message) => view.say(`needletail: ${message}`),
    });
    return { run, death };
  } finally {
    await server?.close();
    view.stop();
    await target?.stop();
  }
}

async function openControlServer(
  { control: asked = null }: RunSettings,
  control: RunControl,
  snapshot: () => LiveSnapshot | null,
  view: RunView,
): Promise<ControlServer | null> {
  if (asked === null) return null;
  // Loaded when it is asked for: it brings the server of the runtime with it.
  const { startControlServer } = await import('../control/control-server.ts');
  const server = await startControlServer({ ...asked, control, snapshot });
  const token = asked.token === null ? `, token ${server.token}` : '';
  view.say(`needletail: control at ${server.url}${token}`);
  return server;
}

function tracedPlan(plan: Plan, { trace = false }: RunSettings): Plan {
  if (!trace) return plan;
  if (plan.script !== null) return { ...plan, script: { ...plan.script, trace } };
  throw new UsageError(
    'TRACE_WITHOUT_SCRIPT',
    'Nothing to trace: only exchanges of scenarios are (--trace). For a plan or an address add --smoke, which sends each request once.',
  );
}

/** What was asked for, and the command that was started for the run. */
function watchedOf(
  { watch = [] }: RunSettings,
  target: TargetCommand | null,
): readonly WatchTarget[] {
  return target === null ? watch : [{ kind: 'pid', pid: target.pid }, ...watch];
}

/** Starts the command under test, if there is one; null also when it was interrupted. */
export async function startTargetFor(
  { targetCommand }: RunSettings,
  { cwd }: Shell,
  signal: AbortSignal,
): Promise<TargetCommand | null> {
  if (targetCommand === null) return null;
  try {
    return await startTargetCommand({ ...targetCommand, cwd, signal });
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

function printSummary(
  { summary }: ExportedRun,
  { quiet }: RunSettings,
  files: readonly OutputFile[],
  shell: Shell,
): void {
  if (quiet) return;
  const stdoutIsTaken = files.some((file) => file.path === null);
  const stream = stdoutIsTaken ? shell.stderr : shell.stdout;
  stream.write(formatSummary(summary, layoutFor(stream, shell)));
}

/** A run that did not pass says so on standard error too, where a script that keeps the output apart sees it. */
function printVerdict({ summary }: ExportedRun, { quiet }: RunSettings, shell: Shell): void {
  if (!quiet && summary.verdict.status === 'pass') return;
  sayTrouble(shell.stderr, formatVerdictLine(summary));
}

/** Tries every file even when one fails; false when any did. */
async function writeOutputs(
  run: ExportedRun,
  files: readonly OutputFile[],
  shell: Shell,
): Promise<boolean> {
  let written = true;
  for (const file of files) {
    try {
      await writeOutput(file, run, (text) => shell.stdout.write(text));
    } catch (error) {
      written = false;
      reportError(error, shell);
    }
  }
  return written;
}

function concludedCode({ run, death }: Measured, shell: Shell): number {
  const code = exitCodeOf(run.summary);
  if (death === null) return code;
  reportError(death, shell);
  return Math.max(code, exitCodes.failed);
}
