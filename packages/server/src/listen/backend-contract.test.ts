import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSignedCertificate } from '@needletail/testkit/certificate';
import { ContractApp } from './contract/contract-app.fixture.ts';
import {
  describeBackendContract,
  type BackendContract,
  type BackendUnderTest,
} from './contract/backend-contract.fixture.ts';
import type { Backend } from './backend.ts';
import { nodeBackend } from './node/node-backend.ts';
import type { ServerOptions } from './server-options.ts';
import { wireBackend } from './wire-backend.ts';

const certificate = selfSignedCertificate();
const EVERYTHING: BackendContract['can'] = {
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

async function serve(backend: Backend, options: ServerOptions): Promise<BackendUnderTest> {
  const { dispatch, onError, onUpgrade } = new ContractApp();
  const listening = await backend.listen(dispatch, { onError, onUpgrade, ...options });
  const { socketPath, tls } = options;
  const place = {
    port: listening.port,
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(tls === undefined ? {} : { ca: certificate.cert }),
  };
  return { place, close: (graceMs) => listening.close({ graceMs }) };
}

async function serveOnSocket(backend: Backend): Promise<BackendUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'needletail-'));
  const server = await serve(backend, { socketPath: join(folder, 'socket') });
  return {
    place: server.place,
    async close(graceMs) {
      await server.close(graceMs);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

for (const backend of [wireBackend, nodeBackend]) {
  const { name } = backend;
  const http1 = { protocol: 'http1', can: EVERYTHING } as const;
  describeBackendContract(name, { ...http1, start: () => serve(backend, {}) });
  describeBackendContract(`${name}, TLS`, {
    ...http1,
    // node:http2, which has the port, ends what a client of HTTP/1.1 has ended.
    can: { ...EVERYTHING, halfClose: backend === wireBackend },
    start: () => serve(backend, { tls: certificate }),
  });
  describeBackendContract(`${name}, unix socket`, {
    ...http1,
    can: { ...EVERYTHING, reset: false },
    start: () => serveOnSocket(backend),
  });
}

describeBackendContract('node, HTTP/2', {
  protocol: 'http2',
  can: { ...EVERYTHING, upgrade: false, expect: false },
  start: () => serve(nodeBackend, { tls: certificate }),
});
