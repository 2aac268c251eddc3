import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import * as zlib from 'node:zlib';
import { backends as serverBackends, type BackendChoice } from '@needletail/server';
import { padLabel, table } from '../print/layout.ts';
import { createStyle } from '../print/style.ts';
import { runtimeName } from '../process/runtime-name.ts';
import { layoutFor, type Shell } from '../process/shell.ts';

/** One thing the machine or the runtime may or may not offer. */
export interface Capability {
  readonly name: string;
  readonly state: 'yes' | 'no' | 'unused' | 'not yet';
  /** What it is used for; when it is missing, how to get it. */
  readonly note: string;
}

const isBun = process.versions['bun'] !== undefined;

/** `needletail backends`: what this machine and runtime offer the generator, what to do about what is missing, and which ways a server takes. */
export function backends(shell: Shell): number {
  const style = createStyle(layoutFor(shell.stdout, shell).color);
  const rows = findCapabilities().map(({ name, state, note }) => [
    name,
    (state === 'yes' ? style.good : style.doubtful)(state),
    note,
  ]);
  const ways = Object.entries(serverBackends() as unknown as Record<string, BackendChoice>).map(
    ([name, { active, reason, force }]) => [name, style.good(active), `${reason}; ${force}`],
  );
  const machine = `${process.platform} ${process.arch}, ${availableParallelism()} processors`;
  const lines = [
    padLabel(style.heading('Runtime')) + `${runtimeName()} on ${machine}`,
    '',
    ...table(rows, ['left', 'left', 'left']),
    '',
    style.heading('Server: what is used, why, and what decides'),
    '',
    ...table(ways, ['left', 'left', 'left']),
    '',
    style.faint('What is there is used without being asked for; there is no native code to build.'),
  ];
  shell.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

/** Looks at the runtime and the machine, never at the network; takes a millisecond or so. */
export function findCapabilities(): Capability[] {
  const resolutionMicros = clockResolutionMicros();
  return [
    capability('worker threads', true, 'generators of -w, each with its own event loop', ''),
    capability(
      'shared memory',
      typeof SharedArrayBuffer === 'function' && typeof Atomics === 'object',
      'counts of the workers are read in place, once a second',
      'needed to run; leave out runtime flags that disable SharedArrayBuffer',
    ),
    capability(
      'precise timers',
      resolutionMicros <= 100,
      `clock steps of ${resolutionMicros < 1 ? 'under 1' : Math.ceil(resolutionMicros)} µs; waits end within some tens of µs`,
      'the clock is too coarse for even pacing; use another machine',
    ),
    capability(
      'run-queue statistics',
      canRead('/proc/thread-self/schedstat'),
      'tells when the generator waited for a processor',
      'only Linux tells; lateness alone judges the generator here',
    ),
    capability(
      'event-loop figures',
      !isBun,
      'shown in the generator line',
      'Bun reports none; run on Node to see them',
    ),
    unused('zlib', 'gunzipSync' in zlib, 'answers are counted as they come, never inflated'),
    unused('zstd', 'zstdDecompressSync' in zlib, 'the same; in Node from 22.15'),
    { name: 'HTTP/2', state: 'not yet', note: 'every request is HTTP/1.1' },
  ];
}

function capability(name: string, present: boolean, use: string, remedy: string): Capability {
  return { name, state: present ? 'yes' : 'no', note: present ? use : remedy };
}

function unused(name: string, present: boolean, note: string): Capability {
  return { name, state: present ? 'unused' : 'no', note };
}

function canRead(path: string): boolean {
  try {
    return readFileSync(path, 'latin1').length > 0;
  } catch {
    return false;
  }
}

/** The smallest step seen among readings taken one after another. */
function clockResolutionMicros(): number {
  let smallest = Infinity;
  let before = performance.now();
  for (let reading = 0; reading < 2000; reading += 1) {
    const now = performance.now();
    if (now > before) smallest = Math.min(smallest, now - before);
    before = now;
  }
  return smallest * 1000;
}
