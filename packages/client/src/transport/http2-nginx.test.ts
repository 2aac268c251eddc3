import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, untilListening } from '@needletail/testkit/listening';
import { findProgram } from '@needletail/testkit/programs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRequest } from '../model/client-request.fixture.ts';
import { certificate } from './network-setup.fixture.ts';
import { createNetworkTransport } from './network-transport.ts';
import { wholeBody } from './wire-setup.fixture.ts';

const nginx = findProgram('nginx');
const FILE_BYTES = 1_048_576;

function configuration(folder: string, port: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n');
  return `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events {}
http {
  access_log off; ${temporary}
  server {
    listen 127.0.0.1:${port} ssl http2;
    ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;
    root ${folder}; client_max_body_size 8m; keepalive_requests 40;
    location = /upload { return 204; }
  }
}`;
}

describe.skipIf(nginx === null)('HTTP/2 with nginx', () => {
  let folder: string;
  let server: ChildProcess;
  let url: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'needletail-nginx-'));
    const port = await freePort();
    writeFileSync(join(folder, 'cert.pem'), certificate.cert);
    writeFileSync(join(folder, 'key.pem'), certificate.key);
    writeFileSync(join(folder, 'file'), Buffer.alloc(FILE_BYTES, 'x'));
    writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port));
    server = spawn(nginx!, ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
    await untilListening(port, server);
    url = `https://127.0.0.1:${port}`;
  });

  afterAll(async () => {
    server.kill();
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    rmSync(folder, { recursive: true });
  });

  it('is chosen, carries many files at a time, and survives the GOAWAY after each 40 requests', async () => {
    const transport = createNetworkTransport({
      http2: true,
      env: {},
      tls: { ca: certificate.cert },
    });
    for (let round = 0; round < 3; round += 1) {
      const sending = Array.from({ length: 30 }, () => transport.send(makeRequest(`${url}/file`)));
      for (const response of await Promise.all(sending)) {
        expect(response).toMatchObject({ status: 200, httpVersion: '2' });
        expect(response.body).toHaveLength(FILE_BYTES);
      }
    }
    expect(transport.pool?.opened).toBeGreaterThan(1);
    expect(transport.pool?.opened).toBeLessThanOrEqual(6);
    await transport.close();
  });

  it('takes an answer that comes before the upload has ended', async () => {
    const transport = createNetworkTransport({
      http2: true,
      env: {},
      tls: { ca: certificate.cert },
    });
    const body = wholeBody(Buffer.alloc(4 * FILE_BYTES));
    const response = await transport.send(makeRequest(`${url}/upload`, { method: 'POST', body }));
    expect(response.status).toBe(204);
    await transport.close();
  });
});
