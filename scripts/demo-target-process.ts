import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../packages/cli/bin/needletail.js', import.meta.url));

/** The built command's own demo target on a free port, in a process of its own. */
export async function startDemoTarget(): Promise<{ url: string; stop: () => void }> {
  const server = spawn(process.execPath, [COMMAND, 'serve', 'demo', '--port', '0']);
  let printed = '';
  const url = await new Promise<string>((resolve, reject) => {
    const read = (bytes: Buffer): void => {
      printed += bytes.toString();
      const found = /http:\/\/[^\s/]+/.exec(printed);
      if (found !== null) resolve(found[0]);
    };
    server.stdout.on('data', read);
    server.stderr.on('data', read);
    server.on('exit', (code) =>
      reject(new Error(`the demo target ended with ${code}: ${printed}`)),
    );
  });
  return { url, stop: () => server.kill('SIGTERM') };
}
