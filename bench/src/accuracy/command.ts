import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RunSummary } from '@needletail/load/summary';

export const COMMAND: string = fileURLToPath(
  new URL('../../../packages/cli/bin/needletail.js', import.meta.url),
);

/** What the command said and how it ended. */
export interface CommandRun {
  readonly exitCode: number | null;
  readonly summary: RunSummary;
}

/** Runs the built command as a user would, on one core only if told so, and reads the summary it prints. */
export async function runCommand(
  args: readonly string[],
  options: { readonly core?: number } = {},
): Promise<CommandRun> {
  const argv = [process.execPath, COMMAND, ...args, '--json', '-', '--quiet'];
  const pinned =
    options.core === undefined ? argv : ['taskset', '-c', String(options.core), ...argv];
  const child = spawn(pinned[0]!, pinned.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, complaints, exitCode] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    exitOf(child),
  ]);
  try {
    return { exitCode, summary: JSON.parse(output) as RunSummary };
  } catch (cause) {
    throw new Error(`The command ended with ${exitCode} and no summary:\n${complaints}`, { cause });
  }
}

/** A process that never rests, on one core, until it is stopped. */
export function startBusyLoop(core: number): { stop(): Promise<void> } {
  const child = spawn('taskset', ['-c', String(core), process.execPath, '-e', 'for (;;);'], {
    stdio: 'ignore',
  });
  return {
    stop: async () => {
      const exited = exitOf(child);
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** All that a stream gives. */
export async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  stream.setEncoding('utf8');
  for await (const piece of stream) text += String(piece);
  return text;
}

/** The exit code, once the process and its streams have ended; null after a signal. */
export function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
}
