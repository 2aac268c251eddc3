import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A server in a process of its own that a run looks into. */
export interface InspectedServer {
  readonly pid: number;
  /** Without a slash at the end. */
  readonly url: string;
  /** Host and port of its inspector. */
  readonly inspector: string;
  /** Sends the signal and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

/** Starts a program that says `port 1234` once it listens on 127.0.0.1. */
export async function startInspectedServer(file: string): Promise<InspectedServer> {
  const child = spawn(process.execPath, ['--inspect=127.0.0.1:0', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    pid: child.pid!,
    url: `http://127.0.0.1:${/port (\d+)/.exec(line.toString())![1]}`,
    inspector: /ws:\/\/([^/]+)\//.exec(stderr)![1]!,
    stop: async (signal) => {
      child.kill(signal);
      await once(child, 'exit');
    },
  };
}
