import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RunSummary } from '@needletail/load/summary';
import { selfSignedCertificate } from '@needletail/testkit/certificate';
import { startFaultyServer } from '@needletail/testkit/faulty-server';
import { freePort, untilListening } from '@needletail/testkit/listening';
import { findProgram } from '@needletail/testkit/programs';
import { afterEach, describe, expect, it } from 'vitest';
import { startDemoTarget } from './demo-target/demo-target.ts';

// Our command against servers that others wrote, on both runtimes, and others' clients against our server.
const bin = fileURLToPath(new URL('../bin/needletail.js', import.meta.url));
const run = promisify(execFile);
const bun = findProgram('bun');
const nginx = findProgram('nginx');
const python = findProgram('python3');
const wrk = findProgram('wrk');
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'needletail-test-'));
  cleanUps.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function summaryOf(runtime: string, ...argv: string[]): Promise<RunSummary> {
  // On a busy machine a run may be declared invalid (exit 3): what it counted must be right all the same.
  const { stdout } = await run(runtime, [bin, ...argv, '--json', '-', '--no-live']).catch(
    (error: unknown) => {
      const failed = error as { code: number; stdout: string };
      if (failed.code !== 3) throw error;
      return failed;
    },
  );
  return JSON.parse(stdout) as RunSummary;
}

function expectBalanced({ ledger }: RunSummary): void {
  const { scheduled, ok, failed, timedOut, dropped, inFlight } = ledger;
  expect(ok + failed + timedOut + dropped + inFlight).toBe(scheduled);
}

/** Starts a server of another make and stops it after the test. */
async function serve(port: number, program: string, ...argv: string[]): Promise<void> {
  const server = spawn(program, argv, { stdio: 'ignore' });
  cleanUps.push(async () => {
    if (server.exitCode !== null) return;
    server.kill('SIGTERM');
    await once(server, 'exit');
  });
  await untilListening(port, server);
}

describe.skipIf(nginx === null)('needletail against nginx', () => {
  it('sends exactly the requests of its ledger, as the access log has them', async () => {
    const at = folder();
    const port = await freePort();
    writeFileSync(
      join(at, 'nginx.conf'),
      `daemon off; worker_processes 1; pid ${at}/pid; error_log ${at}/error.log;
events { worker_connections 256; }
http {
  access_log ${at}/access.log; client_body_temp_path ${at}; proxy_temp_path ${at};
  fastcgi_temp_path ${at}; uwsgi_temp_path ${at}; scgi_temp_path ${at};
  server { listen 127.0.0.1:${port}; location / { return 200 'ok'; } location /no { return 503; } }
}`,
    );
    await serve(port, nginx!, '-p', at, '-c', 'nginx.conf', '-e', join(at, 'error.log'));
    const url = `http://127.0.0.1:${port}`;
    const closed = await summaryOf(process.execPath, `${url}/`, '-n', '2000', '-c', '20');
    expectBalanced(closed);
    expect(closed.ledger).toMatchObject({ scheduled: 2000, ok: 2000 });
    const open = await summaryOf(process.execPath, `${url}/`, '-R', '300', '-d', '1s');
    expect(open.ledger).toMatchObject({ scheduled: 300, ok: 300 });
    const failing = await run(process.execPath, [
      bin,
      `${url}/no`,
      '-n',
      '50',
      '-c',
      '5',
      '--quiet',
    ]).catch((error: unknown) => error as { code: number });
    expect(failing).toMatchObject({ code: 1 });
    const lines = readFileSync(join(at, 'access.log'), 'utf8').trim().split('\n');
    expect(lines.filter((line) => line.includes('" 200 '))).toHaveLength(2300);
    expect(lines.filter((line) => line.includes('" 503 '))).toHaveLength(50);
  });
});

describe('needletail against node:http', () => {
  it('counts the bodies that it sends and receives', async () => {
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        bodies.push(`${request.method} ${request.url} ${body}`);
        response.end('x'.repeat(10_000));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanUps.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/cart`;
    const summary = await summaryOf(
      process.execPath,
      url,
      '-b',
      '{"sku":"é"}',
      '-n',
      '200',
      '-c',
      '4',
    );
    expect(summary.ledger).toMatchObject({ scheduled: 200, ok: 200 });
    expect(bodies).toHaveLength(200);
    expect(new Set(bodies)).toEqual(new Set(['POST /cart {"sku":"é"}']));
    const received = (summary.throughput.receivedBytesPerSecond * summary.durationMs) / 1000;
    expect(received).toBeGreaterThan(200 * 10_000);
  });
});

describe.skipIf(python === null)('needletail against a Python http.server', () => {
  it('copes with HTTP/1.0 and a connection closed after each answer', async () => {
    const at = folder();
    writeFileSync(join(at, 'hello.txt'), 'hello');
    const port = await freePort();
    await serve(port, python!, '-m', 'http.server', String(port), '-b', '127.0.0.1', '-d', at);
    const url = `http://127.0.0.1:${port}/hello.txt`;
    const summary = await summaryOf(process.execPath, url, '-n', '60', '-c', '3');
    expect(summary.ledger).toMatchObject({ scheduled: 60, ok: 60 });
    expect(summary.phasesMs.connect.count).toBeGreaterThanOrEqual(60);
  });
});

describe.skipIf(bun === null)('needletail on Bun', () => {
  it.each([
    ['closed loop', ['-n', '500', '-c', '10'], { scheduled: 500, ok: 500 }],
    ['open loop', ['-R', '200', '-d', '1s'], { scheduled: 200, ok: 200 }],
    ['several workers', ['-n', '300', '-c', '6', '-w', '3'], { scheduled: 300, ok: 300 }],
    ['without keep-alive', ['-n', '50', '-c', '5', '--no-keepalive'], { scheduled: 50, ok: 50 }],
  ])('runs a %s', async (_name, flags, ledger) => {
    const server = await startFaultyServer();
    cleanUps.push(() => server.close());
    const summary = await summaryOf(bun!, `${server.url}/ok`, ...flags);
    expect(summary.tool.runtime).toMatch(/^bun /);
    expect(summary.ledger).toMatchObject(ledger);
    expect(server.arrivals).toHaveLength(ledger.scheduled);
    expect(summary.generator.eventLoopUtilization).toBeNull();
  });

  it('verifies certificates, and does not when told so', async () => {
    const { key, cert } = selfSignedCertificate();
    const { createServer: createTlsServer } = await import('node:https');
    const server = createTlsServer({ key, cert }, (_request, response) => response.end('ok'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanUps.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const insecure = await summaryOf(bun!, url, '-k', '-n', '40', '-c', '4');
    expect(insecure.ledger).toMatchObject({ scheduled: 40, ok: 40 });
    const refused = await run(bun!, [bin, url, '-n', '4', '-c', '1']).catch(
      (error: unknown) => error as { code: number; stderr: string },
    );
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('--insecure') });
  });
});

describe.skipIf(wrk === null)('wrk against the demo target', () => {
  it('meets no error', async () => {
    const target = await startDemoTarget({ port: 0 });
    cleanUps.push(() => target.close());
    const { stdout } = await run(wrk!, ['-t1', '-c10', '-d1s', `${target.url}/json`]);
    expect(stdout).toMatch(/\d+ requests in/);
    expect(stdout).not.toMatch(/Socket errors|Non-2xx/);
  });
});
