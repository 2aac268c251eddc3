import { once } from 'node:events';
import {
  createSecureServer,
  createServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { selfSignedCertificate } from '@needletail/testkit/certificate';
import { afterEach, describe, expect, it } from 'vitest';
import { expectRefusal, needletail } from './process/needletail.fixture.ts';
import { expectBalance, ScenarioFolder, type ScenarioRun } from './scenario-runs.fixture.ts';

// Whole runs of the built command against the HTTP/2 server of Node, which says what it was asked over what.
const certificate = selfSignedCertificate({ names: ['127.0.0.1'] });

/** Notes the version, and the connection, of each request. */
class Http2Target {
  readonly versions: string[] = [];
  readonly sockets = new Set<Socket>();
  readonly scheme: string;
  readonly #server: Server;

  constructor(scheme: 'http' | 'https', declines: boolean) {
    this.scheme = scheme;
    const server: Server =
      scheme === 'http'
        ? createServer()
        : declines
          ? createHttpsServer(certificate)
          : createSecureServer({ ...certificate, allowHTTP1: true });
    server.on(scheme === 'http' ? 'connection' : 'secureConnection', (socket: Socket) =>
      this.sockets.add(socket),
    );
    server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
      this.versions.push(request.httpVersion);
      response.setHeader('Content-Type', 'application/json');
      response.end('{"ok":true}');
    });
    this.#server = server;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get url(): string {
    return `${this.scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
  }
}

let target: Http2Target;
let folder: ScenarioFolder;
afterEach(async () => {
  target.close();
  await folder.remove();
});

async function run(
  scheme: 'http' | 'https',
  settings: string,
  flags: readonly string[] = [],
  declines = false,
): Promise<ScenarioRun> {
  target = new Http2Target(scheme, declines);
  await target.listen();
  folder = await ScenarioFolder.create(target.url);
  await folder.write('ca.pem', certificate.cert);
  return folder.run(
    `import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  ${scheme === 'https' ? "ca: 'ca.pem'," : ''}
  load: { users: 3, iterations: 30 },
  ${settings}
  async user({ http, check }) {
    const answer = await http.get('/json');
    check(answer, { 'is read': (r) => r.json<{ ok: boolean }>().ok });
    await Promise.all([http.get('/a'), http.post('/b', { body: 'text' })]);
  },
});`,
    flags,
  );
}

/** 30 iterations of 3 requests each, all of them ok, and each user on one connection. */
function expectAll({ summary }: ScenarioRun, version: string): void {
  expectBalance(summary);
  expect(summary.ledger).toMatchObject({ scheduled: 90, ok: 90 });
  expect(summary.checks).toEqual([{ name: 'is read', passed: 30, failed: 0 }]);
  expect(target.versions).toEqual(Array<string>(90).fill(version));
}

const counted = ({ summary }: ScenarioRun): object =>
  Object.fromEntries(summary.counters.map(({ name, total }) => [name, total]));

describe('needletail run <scenario>, HTTP/2', () => {
  it('speaks it without TLS where http2 is prior knowledge, one connection a user', async () => {
    const ran = await run('http', "http2: 'prior-knowledge',");
    expectAll(ran, '2.0');
    expect(target.sockets.size).toBe(3);
    expect(counted(ran)).toEqual({ 'answers over HTTP/2': 90 });
    expect(ran.summary.verdict.reasons.join()).not.toContain('HTTP/2');
  });

  it('offers it over TLS, and takes it where the server agrees', async () => {
    const ran = await run('https', 'http2: true,');
    expectAll(ran, '2.0');
    expect(target.sockets.size).toBe(3);
    expect(counted(ran)).toEqual({ 'answers over HTTP/2': 90 });
  });

  it.each(['http', 'https'] as const)('speaks it over %s by flag', async (scheme) => {
    expectAll(await run(scheme, '', ['--http2']), '2.0');
  });

  it('shares sessions where connections are shared', async () => {
    const ran = await run('http', "http2: 'prior-knowledge', connections: { shared: 1 },");
    expectAll(ran, '2.0');
    expect(target.sockets.size).toBe(1);
  });

  it('says so when the target answered over HTTP/1.1 all the same', async () => {
    const ran = await run('https', 'http2: true,', [], true);
    expectAll(ran, '1.1');
    expect(counted(ran)).toEqual({ 'answers over HTTP/1.1': 90 });
    expect(ran.summary.verdict.reasons.join()).toMatch(
      /HTTP\/2 was asked for, but every answer came over HTTP\/1\.1/,
    );
  });
});

describe('needletail <url> --http2', () => {
  it('says that only scenarios speak it', async () => {
    const ended = await needletail(['http://127.0.0.1:9/', '--http2']);
    expectRefusal(ended, /HTTP\/2 without a scenario: .*HTTP\/1\.1 \(--http2\)\. Write a scenario/);
  });
});
