import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('server-program.ts', import.meta.url));

interface Usage {
  /** User and system time of the process since its start. */
  readonly cpuMicros: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
}

export interface ServerProcess {
  readonly url: string;
  readonly port: number;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

/** Starts `server-program.ts` with a server of this kind: on node with `flags`, or on the runtime at `bun`. */
export async function startServer(
  kind: string,
  flags: readonly string[] = [],
  bun: string | null = null,
): Promise<ServerProcess> {
  const child = spawn(
    bun ?? process.execPath,
    bun === null ? [...flags, '--import', 'tsx', PROGRAM, kind] : [PROGRAM, kind],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`The server ${kind} ended. See what it printed.`);
    return value;
  };
  const port = Number(await nextLine());
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    async usage() {
      child.stdin.write('\n');
      return JSON.parse(await nextLine()) as Usage;
    },
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}
