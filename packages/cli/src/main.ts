import { reportError } from './process/report-error.ts';
import type { Shell, Stream } from './process/shell.ts';
import { runCommand } from './program.ts';

const shell: Shell = {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  exit: (code) => process.exit(code),
};

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader went away (`needletail … | head -1`): the run and its exit code are still good.
    if (error.code !== 'EPIPE') throw error;
  });
}
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => process.exit(reportError(error, shell)));
}

const exitCode = await runCommand(process.argv.slice(2), shell);
await Promise.all([flushed(shell.stdout), flushed(shell.stderr)]);
process.exit(exitCode);

/** Settles when everything written so far has left the process, or can no longer leave it. */
function flushed(stream: Stream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}
