import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, untilListening } from '@needletail/testkit/listening';

/** An nginx of our own on a free port, one worker, answering a small JSON body; stopped with `stop`. */
export interface Nginx {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

export interface NginxOptions {
  /** Presents a fresh self-signed ECDSA certificate made by the openssl command. */
  readonly tls?: boolean;
  /** The only core it may use; any unless given (taskset, Linux). */
  readonly core?: number;
  /** Serves `/file` of this size too. */
  readonly fileBytes?: number;
}

export async function startNginx(options: NginxOptions = {}): Promise<Nginx> {
  requireCommand('nginx', '-v');
  const folder = mkdtempSync(join(tmpdir(), 'needletail-nginx-'));
  const port = await freePort();
  const tls = options.tls === true;
  if (tls) makeCertificate(folder);
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port, tls));
  if (options.fileBytes !== undefined) {
    writeFileSync(join(folder, 'file'), Buffer.alloc(options.fileBytes, 'x'));
  }
  const command = ['nginx', '-p', folder, '-c', 'nginx.conf', '-e', join(folder, 'error.log')];
  const pinned =
    options.core === undefined ? command : ['taskset', '-c', String(options.core), ...command];
  const server = spawn(pinned[0]!, pinned.slice(1), { stdio: 'inherit' });
  const exited = new Promise<void>((resolve) => server.on('exit', () => resolve()));
  await untilListening(port, server);
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}/`,
    port,
    stop: async () => {
      server.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configuration(folder: string, port: number, tls: boolean): string {
  const certificate = tls
    ? `ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem; ssl_protocols TLSv1.3;`
    : '';
  return `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log crit;
worker_rlimit_nofile 65536;
events { worker_connections 20000; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s;
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  server {
    listen 127.0.0.1:${port} ${tls ? 'ssl ' : ''}backlog=4096; ${certificate}
    location = /file { root ${folder}; }
    location / { default_type application/json; return 200 '{"hello":"world"}'; }
  }
}
`;
}

function makeCertificate(folder: string): void {
  const made = spawnSync('openssl', [
    ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'.split(' '),
    '-subj',
    '/CN=localhost',
    '-keyout',
    `${folder}/key.pem`,
    '-out',
    `${folder}/cert.pem`,
  ]);
  if (made.status !== 0)
    throw new Error(`openssl could not make a certificate: ${made.stderr.toString()}`);
}

/** Fails with a readable line when a program that the comparison cannot do without is missing. */
export function requireCommand(name: string, versionFlag = '--version'): void {
  if (spawnSync(name, [versionFlag]).error !== undefined) {
    throw new Error(
      `${name} is not installed: this comparison needs it. Install it and try again.`,
    );
  }
}
