import { CliError, TargetCommandError } from '../errors.ts';
import { exitCodes } from './exit-code.ts';
import { sayTrouble } from './say-trouble.ts';
import type { Shell } from './shell.ts';

/** Prints a failure as one readable line (the stack only with `NEEDLETAIL_DEBUG=1`) and returns the exit code for it. */
export function reportError(
  error: unknown,
  { stderr, env }: Pick<Shell, 'stderr' | 'env'>,
): number {
  sayTrouble(stderr, describeError(error));
  if (error instanceof TargetCommandError && error.output !== '') {
    stderr.write(`${indent(error.output)}\n`);
  }
  if (env['NEEDLETAIL_DEBUG'] === '1' && error instanceof Error) {
    stderr.write(`${error.stack}\n`);
    if (error.cause instanceof Error) stderr.write(`caused by ${error.cause.stack}\n`);
  }
  return error instanceof CliError ? error.exitCode : exitCodes.usage;
}

/** Errors with a `code` of ours are sentences already; anything else is a defect and is called one. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `Unexpected failure: ${String(error)}. ${aDefect}`;
  const code = (error as { readonly code?: unknown }).code;
  const isNodeError = 'syscall' in error || String(code).startsWith('ERR_');
  if (typeof code === 'string' && !isNodeError) return error.message;
  const cause = error.message || error.name;
  if (isOfScenario(error)) {
    return `Scenario failed while it was loaded: ${cause.replace(/\.$/, '')} (an error that nothing awaits). Await what can fail at the top level, or catch it.`;
  }
  return `Unexpected failure: ${cause}. ${aDefect}`;
}

/** What is thrown outside of every call and promise that is awaited has only its stack to say where it comes from. */
function isOfScenario({ stack = '' }: Error): boolean {
  return /[/\\]needletail-script-[^/\\]+[/\\]/.test(stack.split('\n    at ')[1] ?? '');
}

const aDefect =
  'This is a defect of needletail; NEEDLETAIL_DEBUG=1 shows where it happened, please report it.';

function indent(text: string): string {
  return text.replace(/^/gm, '  | ');
}
