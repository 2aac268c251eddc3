import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { selfSignedCertificate } from '@needletail/testkit/certificate';
import { findProgram } from '@needletail/testkit/programs';
import { describe, expect, it } from 'vitest';
import type { BackendName } from './backend.ts';
import type { ProcessOptions } from './cluster/cluster-options.ts';
import {
  describeBackendContract,
  type BackendContract,
  type BackendUnderTest,
} from './contract/backend-contract.fixture.ts';
import type { ListenOptions } from './exchange.ts';

const bun = findProgram('bun');
const PROGRAM = fileURLToPath(new URL('contract/contract-program.fixture.ts', import.meta.url));
const certificate = selfSignedCertificate();

/** Has another process serve; ends with it, and with an error when it printed any. */
async function serve(
  server: BackendName,
  options: ListenOptions & ProcessOptions,
): Promise<BackendUnderTest> {
  const plan = JSON.stringify({ server, options });
  const argv = ['--conditions=@needletail/source', PROGRAM, plan];
  const child: ChildProcess = spawn(bun!, argv, { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  let errors = '';
  child.stderr!.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true) throw new Error(`The server did not start: ${errors}`);
  const { socketPath } = options;
  return {
    place: {
      port: Number(first.value),
      ...(socketPath === undefined ? {} : { socketPath }),
      ...(options.tls === undefined ? {} : { ca: certificate.cert }),
    },
    async close(graceMs) {
      child.stdin!.write(`${graceMs}\n`);
      const [code] = await exited;
      if (code !== 0) throw new Error(`The server ended with ${code}: ${errors}`);
    },
  };
}

async function serveOnSocket(server: BackendName): Promise<BackendUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'needletail-'));
  const started = await serve(server, { socketPath: join(folder, 'socket') });
  return {
    place: started.place,
    async close(graceMs) {
      await started.close(graceMs);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const WIRE: BackendContract['can'] = {
  interim: true,
  reset: true,
  halfClose: true,
  upgrade: true,
  raw: true,
  exactLengths: true,
  expect: true,
  keepAlive10: true,
  exactRefusals: true,
};
const BUN: BackendContract['can'] = {
  interim: false,
  reset: true,
  halfClose: false,
  upgrade: false,
  raw: false,
  exactLengths: false,
  expect: false,
  keepAlive10: false,
  exactRefusals: false,
};

describe.skipIf(bun === null)('listenOn on Bun', () => {
  it('refuses at the start what Bun.serve cannot do, and says what can', async () => {
    const remedy = 'Use the wire backend, which runs on Bun';
    await expect(serve('bun', { workers: 2 })).rejects.toThrow(remedy);
    const tls = { ...certificate, minVersion: 'TLSv1.3' } as const;
    await expect(serve('bun', { tls })).rejects.toThrow(remedy);
    await expect(serve('node', {})).rejects.toThrow('Bun stands on Bun.serve');
  });

  for (const [name, can] of [
    ['wire', WIRE],
    ['bun', BUN],
  ] as const) {
    const contract = { protocol: 'http1', can } as const;
    describeBackendContract(name, { ...contract, start: () => serve(name, {}) });
    describeBackendContract(`${name}, TLS`, {
      ...contract,
      start: () => serve(name, { tls: certificate }),
    });
    describeBackendContract(`${name}, unix socket`, {
      ...contract,
      can: { ...can, reset: false },
      start: () => serveOnSocket(name),
    });
  }
});
