import { execFile } from 'node:child_process';
import { Agent, request as httpRequest } from 'node:http';
import { promisify } from 'node:util';
import { findProgram } from '@needletail/testkit/programs';
import { startLeakCheck } from '@needletail/testkit/leak-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { TestServer, TEXT } from './wire-test-server.fixture.ts';

const run = promisify(execFile);
const server = new TestServer();
const curl = findProgram('curl');
const wrk = findProgram('wrk');
const h2load = findProgram('h2load');

/** More than any client may send before it reads. */
const LARGE = 'x'.repeat(700_000);

beforeEach(async () => {
  await server.start(async (request, reply) => {
    if (request.target === '/stream') return reply.stream(200, TEXT, request.body.stream());
    if (request.target === '/early') return reply.send(403, TEXT, 'no');
    const body = await request.body.bytes();
    reply.send(200, TEXT, `${request.method} ${request.target} ${body.length}`);
  });
});

function url(path: string): string {
  return `http://127.0.0.1:${server.listening.port}${path}`;
}

describe.runIf(curl !== null)('curl', () => {
  const ask = async (...given: string[]): Promise<string> => {
    const { stdout } = await run(curl!, ['-sS', '--max-time', '10', ...given], { maxBuffer: 1e7 });
    return stdout;
  };

  it('asks twice on one connection', async () => {
    const format = '%{num_connects} ';
    expect(await ask('-w', format, url('/a'), url('/b'))).toBe('GET /a 01 GET /b 00 ');
  });

  it('waits for 100 Continue and uploads', async () => {
    const shown = await ask(
      '-v',
      '--stderr',
      '-',
      '-H',
      'Expect: 100-continue',
      '-d',
      LARGE.slice(0, 90_000),
      url('/up'),
    );
    expect(shown).toContain('HTTP/1.1 100 Continue');
    expect(shown).toContain('POST /up 90000');
  });

  it('uploads in chunks', async () => {
    const shown = await ask(
      '-H',
      'Transfer-Encoding: chunked',
      '-d',
      LARGE.slice(0, 90_000),
      url('/up'),
    );
    expect(shown).toBe('POST /up 90000');
  });

  it.each([
    ['-I', 'Content-Length: 8'],
    ['-0', 'GET / 0'],
  ])('%s', async (flag, expected) => {
    expect(await ask(flag, url('/'))).toContain(expected);
  });
});

describe.runIf(wrk !== null)('wrk', () => {
  it('gets answers only', async () => {
    const { stdout } = await run(wrk!, ['-t1', '-c20', '-d1s', url('/')]);
    expect(Number(/(\d+) requests in/.exec(stdout)?.[1])).toBeGreaterThan(100);
    expect(stdout).not.toMatch(/Socket errors|Non-2xx/);
  });
});

describe.runIf(h2load !== null)('h2load', () => {
  it.each([1, 8])('gets answers only, %i at a time on a connection', async (depth) => {
    const { stdout } = await run(h2load!, ['--h1', '-n2000', '-c10', `-m${depth}`, url('/')]);
    expect(stdout).toContain('2000 succeeded, 0 failed, 0 errored');
  });
});

describe('fetch (undici)', () => {
  it('sends and gets bodies', async () => {
    const leaks = startLeakCheck(['TCPSocketWrap', 'TTYWrap', 'PipeWrap']);
    for (let index = 0; index < 5; index += 1) {
      const response = await fetch(url('/f'), { method: 'PUT', body: LARGE });
      expect(await response.text()).toBe('PUT /f 700000');
    }
    expect(await (await fetch(url('/stream'), { method: 'POST', body: LARGE })).text()).toBe(LARGE);
    expect(await leaks.leaked()).toEqual(new Map());
  });

  it('is answered before it has sent all', async () => {
    const response = await fetch(url('/early'), { method: 'POST', body: 'x'.repeat(60_000) });
    expect([response.status, await response.text()]).toEqual([403, 'no']);
  });
});

describe("Node's http client", () => {
  it('keeps its connections', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 2 });
    const ask = (index: number): Promise<string> =>
      new Promise((resolve, reject) => {
        const asked = httpRequest(url(`/${index}`), { agent, method: 'POST' }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
          response.on('end', () => resolve(text));
        });
        asked.on('error', reject);
        asked.end('abc');
      });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => ask(index)));
    expect(answers).toEqual(Array.from({ length: 20 }, (_, index) => `POST /${index} 3`));
    expect(server.listening.connectionCount).toBe(2);
    agent.destroy();
  });
});
