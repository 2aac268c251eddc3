import { fork } from 'node:child_process';
import { once } from 'node:events';
import { TargetCommandError } from '../errors.ts';

const startTimeoutMs = 10_000;

/** The demo target in a process of its own. */
export interface DemoProcess {
  readonly url: string;
  close(): Promise<void>;
}

/** Forks the demo target on a free port of the loopback; throws `TargetCommandError` when it does not come up. */
export async function startDemoProcess(): Promise<DemoProcess> {
  const entry = new URL('../bundle/demo-target-process.js', import.meta.url);
  const child = fork(entry, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = once(child, 'exit');
  try {
    const url = await Promise.race([
      once(child, 'message', { signal: AbortSignal.timeout(startTimeoutMs) }).then(([message]) => {
        return (message as { readonly url: string }).url;
      }),
      exited.then(([code]) => {
        throw new Error(`it exited with code ${code}`);
      }),
    ]);
    return {
      url,
      async close() {
        if (child.connected) child.disconnect();
        await exited;
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw new TargetCommandError(
      'DEMO_NOT_STARTED',
      `Cannot start the demo target: ${(error as Error).message} (${entry.pathname}). Run needletail serve demo to see why.`,
      '',
      { cause: error },
    );
  }
}
