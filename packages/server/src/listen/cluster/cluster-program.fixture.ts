import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { EntryPlan } from './cluster-entry.fixture.ts';

const ENTRY = fileURLToPath(new URL('cluster-entry.fixture.ts', import.meta.url));

/** The entry in one file, which starts ten times as fast; made once for a test file. */
export async function bundleEntry(): Promise<string> {
  const path = join(mkdtempSync(join(tmpdir(), 'needletail-')), 'entry.mjs');
  await build({
    entryPoints: [ENTRY],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@needletail/source'],
  });
  return path;
}

/** A program with workers, and its one client. */
export class ClusterProgram {
  readonly child: ChildProcess;
  errors = '';
  port = 0;
  readonly #exited: Promise<[code: number | null, signal: string | null]>;

  constructor(entry: string, plan: EntryPlan, runtime: string = process.execPath) {
    this.child = spawn(runtime, [entry, JSON.stringify(plan)]);
    this.child.stderr!.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
    this.#exited = once(this.child, 'exit') as Promise<[number | null, string | null]>;
  }

  /** Waits until the first process says that all listen. */
  async listening(): Promise<void> {
    const [line] = (await Promise.race([
      once(this.child.stdout!, 'data'),
      this.#exited.then(() => {
        throw new Error(`Ended before it listened: ${this.errors}`);
      }),
    ])) as [Buffer];
    this.port = (JSON.parse(line.toString()) as { port: number }).port;
  }

  /** The answer to one request; rejects when there is none. */
  ask(path: string, agent?: Agent): Promise<string> {
    return new Promise((resolve, reject) => {
      const asked = request(
        { port: this.port, host: '127.0.0.1', path, agent: agent ?? false },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('error', reject);
          response.on('end', () => resolve(text));
        },
      );
      asked.on('error', reject);
      asked.end();
    });
  }

  /** Asks until `count` processes have answered that are not among `without`. */
  async pids(count: number, without: ReadonlySet<string> = new Set()): Promise<Set<string>> {
    const seen = new Set<string>();
    while (seen.size < count) {
      const pid = await this.ask('/').catch(() => '');
      if (pid !== '' && !without.has(pid)) seen.add(pid);
    }
    return seen;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  exited(): Promise<[code: number | null, signal: string | null]> {
    return this.#exited;
  }
}
