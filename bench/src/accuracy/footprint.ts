import { spawn, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../compare/median.ts';
import { COMMAND, exitOf, textOf } from './command.ts';
import { childrenOf, mainThreadCpuMs, memoryOf } from './process-figures.ts';

const SAMPLE_EVERY_MS = 100;

/** Memory of one run of the command, in megabytes. */
export interface MemoryRun {
  readonly samples: readonly { readonly atMs: number; readonly rssMb: number }[];
  readonly peakMb: number;
}

/** Runs the command to its end and watches its memory. */
export async function watchMemory(
  args: readonly string[],
  everyMs: number = SAMPLE_EVERY_MS,
): Promise<MemoryRun> {
  const argv = [COMMAND, ...args, '--threshold', 'none', '--quiet'];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = Promise.all([exitOf(child), textOf(child.stderr)]);
  const samples: { atMs: number; rssMb: number }[] = [];
  let peakMb = 0;
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const memory = memoryOf(child.pid!);
    if (memory === null) return;
    samples.push({ atMs: performance.now() - startedAt, rssMb: memory.rssMb });
    peakMb = memory.peakMb;
  }, everyMs);
  const [exitCode, complaints] = await ended;
  clearInterval(timer);
  if (exitCode !== 0) throw new Error(`The command ended with ${exitCode}:\n${complaints}`);
  return { samples, peakMb };
}

/** Processor milliseconds of starting the command only to print its help, median of `times`. */
export function helpCpuMs(times: number): number {
  const once = (): number => {
    const ran = spawnSync(
      'bash',
      [
        '-c',
        'TIMEFORMAT="%3U %3S"; time "$@" >/dev/null',
        'bash',
        process.execPath,
        COMMAND,
        '--help',
      ],
      {
        encoding: 'utf8',
      },
    );
    const [user, system] = ran.stderr.trim().split('\n').at(-1)!.split(' ').map(Number);
    return (user! + system!) * 1000;
  };
  return median(Array.from({ length: times }, once));
}

/** Share of a core that the main thread takes once a run is under way, drawing the live panel on a terminal or quiet. */
export async function mainThreadShare(url: string, view: 'panel' | 'quiet'): Promise<number> {
  const seconds = 12;
  const args = [url, '-R', '1000', '-d', `${seconds}s`, '--threshold', 'none'];
  const quiet = view === 'quiet' ? ['--quiet'] : [];
  const line = ['stty rows 40 cols 120; exec', process.execPath, COMMAND, ...args, ...quiet].join(
    ' ',
  );
  // script gives the command a terminal of its own, of which nothing is kept.
  const terminal = spawn('script', ['-qec', line, '/dev/null'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = exitOf(terminal);
  await sleep(2000);
  const [pid] = childrenOf(terminal.pid!);
  const from = { atMs: performance.now(), cpuMs: mainThreadCpuMs(pid!)! };
  await sleep((seconds - 4) * 1000);
  const cpuMs = mainThreadCpuMs(pid!)! - from.cpuMs;
  const share = cpuMs / (performance.now() - from.atMs);
  await exited;
  return share;
}
