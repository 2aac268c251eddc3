import { UsageError } from '../errors.ts';
import { exitCodes } from '../process/exit-code.ts';
import { watchInterrupts } from '../process/interrupts.ts';
import type { Shell } from '../process/shell.ts';

/** What the demo target is to the command: it listens, says where, and closes. */
export type StartDemoTarget = (options: {
  readonly port: number;
  readonly host: string;
}) => Promise<{ readonly url: string; readonly port: number; close(): Promise<void> }>;

const offered: readonly (readonly [path: string, what: string])[] = [
  ['/', 'a small JSON answer; /json and /text likewise'],
  ['/users/42', 'one of as many resources as you like'],
  ['/delay/50', 'answers after 50 ms'],
  ['/size/100000', 'a body of that many bytes'],
  ['/status/503', 'that status'],
  ['/flaky/10', 'fails for ten requests in a hundred'],
  ['/slow', 'a body that drips'],
  ['/broken/reset', 'a broken answer: reset, truncate, garbage or hang'],
  ['/chunked', 'a body in chunks'],
  ['/echo', 'POST: the body back'],
  ['/help', 'all of it'],
];

/** `needletail serve [demo]`: the demo target until Ctrl-C, which is its ordinary end and exits 0. */
export async function serve(
  options: { readonly port: string; readonly host: string },
  shell: Shell,
  startDemoTarget: StartDemoTarget,
): Promise<number> {
  const target = await startDemoTarget({ port: parsePort(options.port), host: options.host });
  const interrupts = watchInterrupts(shell.exit);
  try {
    shell.stdout.write(describeOffer(target.url));
    shell.stderr.write('Ctrl-C stops it.\n');
    await aborted(interrupts.signal);
    await target.close();
  } finally {
    interrupts.dispose();
  }
  return exitCodes.passed;
}

function describeOffer(url: string): string {
  const base = url.replace(/\/$/, '');
  const widest = Math.max(...offered.map(([path]) => path.length));
  const lines = offered.map(([path, what]) => `  ${base}${path.padEnd(widest)}  ${what}`);
  return `needletail demo target on ${base}\n\n${lines.join('\n')}\n\nTry: needletail ${base}/\n`;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new UsageError(
      'BAD_PORT',
      `Bad value for --port: not a port (${text}). Give a number up to 65535; 0 picks a free one.`,
    );
  }
  return port;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
