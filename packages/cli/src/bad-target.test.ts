import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { selfSignedCertificate, type CertificateOptions } from '@needletail/testkit/certificate';
import { FaultyServer, startFaultyServer } from '@needletail/testkit/faulty-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needletail, Scratch, shell, summaryOf } from './process/needletail.fixture.ts';

const scratch = new Scratch();
const cleanUps: (() => unknown)[] = [() => scratch.remove()];
afterAll(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
  });
  cleanUps.push(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Runs with `--json -` and expects that nothing was reached, for the reason and with the remedy given. */
async function expectUnreachable(argv: readonly string[], reason: RegExp): Promise<void> {
  const ended = await needletail([...argv, '-c', '2', '--json', '-', '--no-live']);
  const { ledger, verdict, ...summary } = summaryOf(ended);
  expect(summary.ended).toBe('unreachable');
  expect(verdict).toMatchObject({ status: 'invalid', reasons: [expect.stringMatching(reason)] });
  expect(ledger.ok).toBe(0);
  expect(ended.stderr).toMatch(/^needletail: invalid: Nothing could be reached: .+\.$/m);
  expect(ended.stderr).toMatch(/(given up after .*|not begun): the target could not be reached/);
  expect(ended.status).toBe(3);
}

describe.concurrent('needletail with a target that cannot be reached', () => {
  it('says that nothing listens there', async () => {
    const server = createServer();
    const port = await listening(server);
    server.close();
    await once(server, 'close');
    await expectUnreachable(
      [`http://127.0.0.1:${port}/`, '-d', '1s'],
      /nothing listens there \(127\.0\.0\.1:\d+\)\. Start the target, or correct its host and port\./,
    );
  });

  it('says that there is no such name', async () => {
    await expectUnreachable(
      ['http://nothing.invalid/', '-d', '1s'],
      /Cannot find the host: .* \(nothing\.invalid\)\. Check the spelling/,
    );
  });

  it('gives up on a TLS handshake that is never completed', async () => {
    const port = await listening(createServer(() => {}));
    const url = `https://127.0.0.1:${port}/`;
    await expectUnreachable(
      [url, '-d', '2s', '--timeout', '300ms'],
      /Cannot agree on TLS: no answer within 300 ms .* Check the address and the firewall/,
    );
    await expectUnreachable([url, '-d', '400ms'], /no connection was opened while the run lasted/);
  });

  it.runIf(process.platform === 'linux')('gives up on packets that vanish', async () => {
    const { port, stop } = await listenWithFullBacklog();
    await expectUnreachable(
      [`http://127.0.0.1:${port}/`, '-d', '2s', '--timeout', '300ms'],
      /Cannot connect: no answer within 300 ms .* Check the address and the firewall/,
    ).finally(stop);
  });

  it('says that the port does not speak TLS', async () => {
    const port = await listening(createServer((socket) => socket.end('HTTP/1.1 400 No\r\n\r\n')));
    await expectUnreachable(
      [`https://127.0.0.1:${port}/`, '-d', '1s'],
      /Cannot agree on TLS: (wrong version number|packet length too long) \(127.* Check that the port speaks TLS/,
    );
  });
});

/** A listener that is stopped, its queue of connections full: what else arrives is dropped by the system. */
async function listenWithFullBacklog(): Promise<{ port: number; stop: () => void }> {
  const script = `const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port))`;
  const child: ChildProcess = spawn(process.execPath, ['-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [chunk] = (await once(child.stdout!, 'data')) as [Buffer];
  const port = Number(chunk.toString());
  child.kill('SIGSTOP');
  const fillers = [1, 2].map(() => connect(port, '127.0.0.1').on('error', () => undefined));
  await Promise.all(fillers.map((socket) => once(socket, 'connect')));
  const stop = (): void => {
    for (const socket of fillers) socket.destroy();
    child.kill('SIGKILL');
  };
  return { port, stop };
}

describe.concurrent('needletail with a certificate that is not good', () => {
  async function serve(name: string, options: CertificateOptions) {
    const { cert, key } = selfSignedCertificate(options);
    const ca = scratch.write(`${name}.pem`, cert);
    const port = await listening(createTlsServer({ cert, key }, (_, reply) => reply.end('ok')));
    return { url: `https://127.0.0.1:${port}/`, ca };
  }
  const remedy = 'trust its issuer \\(--ca\\), or pass --insecure';

  it('refuses one that nobody vouches for, unless told to trust it or not to look', async () => {
    const { url, ca } = await serve('self-signed', {});
    await expectUnreachable(
      [url, '-d', '1s'],
      new RegExp(`certificate was not accepted, self-signed certificate\\b.*${remedy}`),
    );
    const trusted = await needletail([url, '-n', '20', '-c', '2', '--ca', ca, '--json', '-']);
    expect([trusted.status, summaryOf(trusted).ledger.ok]).toEqual([0, 20]);
    const unseen = await needletail([url, '-n', '20', '-c', '2', '-k', '--json', '-']);
    expect([unseen.status, summaryOf(unseen).ledger.ok]).toEqual([0, 20]);
    expect(summaryOf(unseen).verdict.reasons.join()).toContain('Certificates were not verified');
  });

  it('refuses one that has expired', async () => {
    const { url, ca } = await serve('expired', { startedDaysAgo: 9, expiresInDays: -1 });
    await expectUnreachable([url, '-d', '1s', '--ca', ca], /certificate has expired/);
  });

  it('refuses one for another name, unless that name is asked for', async () => {
    const { url, ca } = await serve('other', { names: ['other.test'] });
    await expectUnreachable(
      [url, '-d', '1s', '--ca', ca],
      /127\.0\.0\.1 is not in the cert's list/,
    );
    const argv = [url, '-n', '20', '-c', '2', '--ca', ca, '--servername', 'other.test'];
    const named = await needletail([...argv, '--json', '-']);
    expect([named.status, summaryOf(named).ledger.ok]).toEqual([0, 20]);
  });
});

/** What the faulty server does, the kind of failure it is, and what is said about it and about what to do. */
const faults: readonly (readonly [path: string, kind: string, message: RegExp])[] = [
  ['close', 'reset', /closed before an answer came\. See what the target, or a proxy/],
  ['rst', 'reset', /the peer reset it .* Check what the peer logged/],
  ['hang', 'timeout', /no complete answer within 200 ms\. .*raise --timeout/],
  ['slow-loris', 'timeout', /no complete answer within 200 ms/],
  ['garbage', 'protocol', /Not an HTTP\/1 response: .* Check that the port speaks plain HTTP\/1\./],
  ['endless-headers', 'protocol', /Message too large: .* at most \d+ accepted/],
  ['lie-short', 'timeout', /no complete answer within 200 ms/],
  ['truncate', 'truncated', /closed in the middle of an answer\. See what the target/],
  ['truncate-chunked', 'truncated', /closed in the middle of an answer/],
  ['duplicate-cl', 'protocol', /Repeated Content-Length/],
  ['te-and-cl', 'protocol', /Both Content-Length and Transfer-Encoding/],
  ['bad-chunk', 'protocol', /Chunk data not followed by CRLF/],
  ['status/500', 'status', /HTTP 500\. See what the target logged; a plan can count another/],
];

describe('needletail with a target that misbehaves', () => {
  let server: FaultyServer;
  beforeAll(async () => {
    server = await startFaultyServer();
  });
  afterAll(() => server.close());

  const six = ['-c', '2', '-n', '6', '--timeout', '200ms', '--json', '-', '--no-live'];
  const run = (path: string, ...more: readonly string[]) =>
    needletail([`${server.url}/${path}`, ...six, ...more]);

  describe.concurrent('that never answers well', () => {
    it.for(faults)('counts %s as %s, and fails', async ([path, kind, message]) => {
      const ended = await run(path);
      const { ledger, failures, verdict } = summaryOf(ended);
      expect(ledger).toMatchObject({ scheduled: 6, ok: 0, dropped: 0, inFlight: 0 });
      expect(failures).toEqual([expect.objectContaining({ kind, count: 6 })]);
      expect(server.arrivals.filter((arrival) => arrival.path === `/${path}`)).toHaveLength(6);
      expect(verdict.status).toBe('fail');
      expect(ended.stderr).toMatch(/6 scheduled = 0 ok/);
      const [, said] = /^needletail: fail: (.*)$/m.exec(ended.stderr) ?? [];
      expect(said).toMatch(
        /^Threshold "error rate < 1%" was not met: 100%\. Most frequent failure, /,
      );
      expect(said).toMatch(message);
      expect(ended.status).toBe(1);
    });

    it.for(['lie-long', 'early-close', 'until-close', 'split', '100-continue'])(
      'is not put off by %s, which is allowed',
      async (path) => {
        const ended = await run(path, '--threshold', 'errors <= 0');
        expect(summaryOf(ended).ledger).toMatchObject({ scheduled: 6, ok: 6 });
        expect(ended.status).toBe(0);
      },
    );
  });

  it.runIf(process.platform === 'linux')('says that too many files are open', async () => {
    const url = `${server.url}/ok`;
    const ended = await shell(`ulimit -n 128; $needletail ${url} -c 500 -d 1s --json - --no-live`);
    const { ledger, failures, verdict } = summaryOf(ended);
    expect(ledger.ok).toBeGreaterThan(0);
    expect(failures[0]).toMatchObject({ kind: 'connect' });
    expect(failures[0].message).toMatch(/too many files are open .* Raise the limit \(ulimit -n\)/);
    expect(verdict).toMatchObject({ status: 'invalid', bottleneck: 'generator' });
    expect(ended.stderr).toMatch(/needletail: invalid: .* no file or local port .*ulimit -n/);
    expect(ended.status).toBe(3);
  });
});

/** A network of its own, in which the range of local ports can be made small; needs Linux and the right to make one. */
const inOwnNetwork = `unshare -rn bash -c 'set -e; ip link set lo up; echo 40000 40003 > /proc/sys/net/ipv4/ip_local_port_range; eval "$1"' --`;
const canIsolate = (await shell(`${inOwnNetwork} true`)).status === 0;

describe('needletail on a machine without free local ports', () => {
  if (!canIsolate) process.stderr.write('skipped: no network namespace can be made here\n');

  it.runIf(canIsolate)('says so, and that the measurement is void', async () => {
    const script = `
      $needletail serve --port 3000 >/dev/null 2>&1 & server=$!
      until (exec 3<>/dev/tcp/127.0.0.1/3000) 2>/dev/null; do sleep 0.05; done
      code=0; $needletail http://127.0.0.1:3000/ -c 20 -d 500ms --json - --no-live || code=$?
      kill $server; exit $code`;
    const ended = await shell(`${inOwnNetwork} "$script"`, { env: { script } });
    const { ledger, failures, verdict } = summaryOf(ended);
    expect(ledger.ok).toBeGreaterThan(0);
    expect(failures[0].message).toMatch(/no free local port .* widen the local port range\./);
    expect(verdict).toMatchObject({ status: 'invalid', bottleneck: 'generator' });
    expect(ended.status).toBe(3);
  });
});
