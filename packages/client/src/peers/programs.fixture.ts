import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, untilListening } from '@needletail/testkit/listening';

/** Each program serves these: a text, and a file whose bytes count up. */
export const HELLO = 'hello, file\n'.repeat(100);
export const LARGE: Buffer = Buffer.from(
  Uint8Array.from({ length: 3_000_000 }, (_, index) => index % 251),
);

export interface ProgramServer {
  readonly url: string;
  close(): Promise<void>;
}

const BUN_SERVE = `
const [folder] = process.argv.slice(-1);
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (request.method === 'POST') return new Response(await request.arrayBuffer());
    if (pathname === '/hello.txt' && request.headers.get('accept-encoding')?.includes('gzip')) {
      const text = await Bun.file(folder + pathname).bytes();
      return new Response(Bun.gzipSync(text), { headers: { 'content-encoding': 'gzip' } });
    }
    const file = Bun.file(folder + pathname);
    return (await file.exists()) ? new Response(file) : new Response('none', { status: 404 });
  },
});
console.log(server.port);`;

function nginxConfiguration(folder: string, port: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n');
  return `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events {}
http {
  access_log off; ${temporary}
  gzip on; gzip_min_length 1; gzip_types text/plain; types { text/plain txt; }
  server { listen 127.0.0.1:${port}; root ${folder}; client_max_body_size 0; keepalive_requests 40; }
}`;
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'needletail-peer-'));
  writeFileSync(join(folder, 'hello.txt'), HELLO);
  writeFileSync(join(folder, 'large.bin'), LARGE);
  return folder;
}

function serverOf(child: ChildProcess, port: number, folder: string): ProgramServer {
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
}

async function listening(
  program: string,
  argv: (folder: string, port: number) => string[],
): Promise<ProgramServer> {
  const folder = makeFolder();
  const port = await freePort();
  const child = spawn(program, argv(folder, port), { stdio: 'ignore' });
  await untilListening(port, child);
  return serverOf(child, port, folder);
}

export function startNginx(program: string): Promise<ProgramServer> {
  return listening(program, (folder, port) => {
    writeFileSync(join(folder, 'nginx.conf'), nginxConfiguration(folder, port));
    return ['-p', folder, '-c', join(folder, 'nginx.conf')];
  });
}

/** HTTP/1.0: each answer ends with its connection. */
export function startPython(program: string): Promise<ProgramServer> {
  return listening(program, (folder, port) => {
    const options = ['--bind', '127.0.0.1', '--directory', folder];
    return ['-m', 'http.server', ...options, `${port}`];
  });
}

export async function startBun(program: string): Promise<ProgramServer> {
  const folder = makeFolder();
  writeFileSync(join(folder, 'serve.js'), BUN_SERVE);
  const child = spawn(program, [join(folder, 'serve.js'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  return serverOf(child, Number(text.toString()), folder);
}
