import { spawn } from 'node:child_process';

export interface PacedServer {
  readonly url: string;
  stop(): void;
}

/** Runs in the child: answers leave one after the other, so many a second, in the order requests came. */
const PROGRAM = `
const perSecond = Number(process.argv[1]);
let nextAt = 0;
const server = require('node:http').createServer((request, response) => {
  const now = performance.now();
  nextAt = Math.max(now, nextAt) + 1000 / perSecond;
  setTimeout(() => response.end('ok'), nextAt - now);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

/** Starts a server with a hard cap of its rate in a process of its own. */
export async function startPacedServer(perSecond: number): Promise<PacedServer> {
  const child = spawn(process.execPath, ['-e', PROGRAM, `${perSecond}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (text: Buffer) => resolve(text.toString().trim()));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}.`)));
  });
  return { url: `http://127.0.0.1:${port}/`, stop: () => void child.kill() };
}
