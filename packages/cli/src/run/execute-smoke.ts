import {
  bodyExcerpt,
  formatExchange,
  oneOfEach,
  smokePlan,
  type Plan,
  type TracedExchange,
  type TracedMessage,
} from '@needletail/load';
import type { RunSummary } from '@needletail/load/summary';
import { formatBytes, formatCount, formatMs } from '../print/figures.ts';
import { formatMessage } from '../print/format-message.ts';
import { createStyle, wantsColor, type Style } from '../print/style.ts';
import { displayWidth, padEnd, printable } from '../print/text-width.ts';
import { exitCodes } from '../process/exit-code.ts';
import { watchInterrupts } from '../process/interrupts.ts';
import { layoutFor, type Shell } from '../process/shell.ts';
import { startTargetFor, type RunLoad, type RunSettings } from './execute-run.ts';

const mostExcerptCharacters = 200;

/** `--smoke`: each request of a plan, or one iteration of each scenario, once; a line for each; 1 when any failed. */
export async function executeSmoke(
  plan: Plan,
  settings: RunSettings,
  shell: Shell,
  runLoad: RunLoad,
): Promise<number> {
  const interrupts = watchInterrupts(shell.exit);
  try {
    const target = await startTargetFor(settings, shell, interrupts.signal);
    try {
      if (interrupts.signal.aborted) return interrupts.exitCode ?? exitCodes.usage;
      const report = new SmokeReport(plan, settings, shell);
      const passed =
        plan.script === null
          ? await smokeRequests(plan, report, interrupts.signal)
          : await smokeScenarios(plan, report, interrupts.signal, runLoad);
      return interrupts.exitCode ?? (passed ? exitCodes.passed : exitCodes.failed);
    } finally {
      await target?.stop();
    }
  } finally {
    interrupts.dispose();
  }
}

async function smokeRequests(
  plan: Plan,
  report: SmokeReport,
  signal: AbortSignal,
): Promise<boolean> {
  const results = await smokePlan(plan, {
    signal,
    onResult: ({ exchange, ok }) => report.exchange(exchange, ok),
  });
  const failed = results.filter(({ ok }) => !ok).length;
  report.end(results.length, failed, 'request');
  return failed === 0 && results.length === plan.requests.length;
}

async function smokeScenarios(
  plan: Plan,
  report: SmokeReport,
  signal: AbortSignal,
  runLoad: RunLoad,
): Promise<boolean> {
  const { summary } = await runLoad(oneOfEach(plan), {
    signal,
    onExchange: (exchange) => report.exchange(exchange, isAccepted(exchange, plan)),
    onMessage: (message) => report.message(message),
  });
  report.scenarios(summary);
  const { ledger, iterations } = summary;
  const failedIterations = iterations === null ? 0 : iterations.failed + iterations.dropped;
  const failedRequests = ledger.failed + ledger.timedOut + ledger.dropped;
  const failedChecks = summary.checks.reduce((sum, { failed }) => sum + failed, 0);
  report.end(iterations?.scheduled ?? 0, failedIterations, 'iteration');
  return (
    failedIterations + failedRequests + failedChecks + summary.scriptErrors.length === 0 &&
    summary.ended === 'complete'
  );
}

function isAccepted({ response }: TracedExchange, { success }: Plan): boolean {
  if (response === null) return false;
  return success.some(({ from, to }) => response.status >= from && response.status <= to);
}

/** Prints as it goes. Exchanges in full, with `--trace`, go to standard error. */
class SmokeReport {
  readonly #shell: Shell;
  readonly #style: Style;
  readonly #quiet: boolean;
  readonly #trace: boolean;
  readonly #nameWidth: number;

  constructor({ requests }: Plan, { quiet, trace = false }: RunSettings, shell: Shell) {
    this.#shell = shell;
    this.#style = createStyle(wantsColor(shell.stdout, shell.env));
    this.#quiet = quiet;
    this.#trace = trace;
    this.#nameWidth = Math.min(60, Math.max(0, ...requests.map(({ name }) => displayWidth(name))));
  }

  exchange(exchange: TracedExchange, ok: boolean): void {
    if (this.#trace) this.#shell.stderr.write(formatExchange(exchange));
    const { name, response, error, timesMs } = exchange;
    const status = response === null ? 'failed' : `${response.status}`;
    const sizeBytes = response?.body.sizeBytes ?? null;
    const { good, bad } = this.#style;
    this.#line(
      [
        `${ok ? good('✓') : bad('✗')} ${padEnd(status, 6)}`,
        padEnd(printable(name), this.#nameWidth),
        formatMs(timesMs.total).padStart(9),
        sizeBytes === null ? '' : formatBytes(sizeBytes).padStart(9),
      ].join('  '),
    );
    if (ok) return;
    const why = error ?? bodyExcerpt(response!.body, mostExcerptCharacters);
    if (why !== '') this.#line(bad(`    ${printable(why)}`));
  }

  message(message: TracedMessage): void {
    if (!this.#trace) return;
    const { stderr } = this.#shell;
    stderr.write(`${formatMessage(message, layoutFor(stderr, this.#shell).width)}\n`);
  }

  scenarios({ checks, scriptErrors }: RunSummary): void {
    const { good, bad } = this.#style;
    for (const { name, failed } of checks) {
      this.#line(`${failed === 0 ? good('✓') : bad('✗')} check   ${printable(name)}`);
    }
    for (const { scenario, message, stack } of scriptErrors) {
      this.#line(`${bad('✗')} script  ${printable(`${scenario}: ${message}`)}`);
      for (const frame of stack) this.#line(`    ${printable(frame)}`);
    }
  }

  end(count: number, failed: number, what: string): void {
    const { good, bad } = this.#style;
    const all = `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;
    const verdict = failed === 0 ? good(`${all}, none failed`) : bad(`${all}, ${failed} failed`);
    this.#line(`\n${verdict}`);
    if (this.#quiet && failed > 0) {
      this.#shell.stderr.write(`needletail: smoke: ${all}, ${failed} failed\n`);
    }
  }

  #line(text: string): void {
    if (!this.#quiet) this.#shell.stdout.write(`${text.trimEnd()}\n`);
  }
}
