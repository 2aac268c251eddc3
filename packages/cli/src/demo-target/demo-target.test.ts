import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { FakeClock } from '@needletail/testkit/fake-clock';
import { startLeakCheck } from '@needletail/testkit/leak-check';
import { findProgram } from '@needletail/testkit/programs';
import { afterEach, describe, expect, it } from 'vitest';
import { startDemoTarget, type DemoTarget, type DemoTargetOptions } from './demo-target.ts';

/** A client of one connection that keeps the text it was sent, latin1. */
class RawClient {
  text = '';
  pieces = 0;
  errorCode = '';
  readonly socket: Socket;
  #onText: () => void = () => {};

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.on('data', (chunk) => {
      this.text += chunk.toString('latin1');
      this.pieces += 1;
      this.#onText();
    });
    this.socket.on('error', (error) => {
      this.errorCode = (error as { code?: string }).code ?? error.message;
    });
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Resolves once the text holds `fragment`. */
  async got(fragment: string): Promise<string> {
    while (!this.text.includes(fragment)) {
      await new Promise<void>((resolve) => (this.#onText = resolve));
    }
    return this.text;
  }

  async ended(): Promise<string> {
    if (this.socket.readableEnded || this.socket.destroyed) return this.text;
    await new Promise<void>((resolve) => {
      for (const event of ['end', 'close']) this.socket.once(event, () => resolve());
    });
    return this.text;
  }

  async closed(): Promise<string> {
    if (!this.socket.closed) await new Promise((resolve) => this.socket.once('close', resolve));
    return this.text;
  }
}

let target: DemoTarget;
const clients: RawClient[] = [];

async function start(options: DemoTargetOptions = {}): Promise<void> {
  target = await startDemoTarget(options);
}

function client(): RawClient {
  const one = new RawClient(target.port);
  clients.push(one);
  return one;
}

function get(path: string, extra = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: demo\r\n${extra}\r\n`;
}

/** Sends bytes, and reads to the end of the connection. */
async function exchange(bytes: string): Promise<string> {
  const one = client();
  one.send(bytes);
  const text = await one.ended();
  one.socket.destroy();
  return text;
}

/** One request on a connection that it closes; head and body of the answer. */
async function ask(request: string): Promise<{ status: number; head: string; body: string }> {
  const text = await exchange(request.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
  const end = text.indexOf('\r\n\r\n');
  return { status: Number(text.slice(9, 12)), head: text.slice(0, end), body: text.slice(end + 4) };
}

afterEach(async () => {
  for (const one of clients.splice(0)) one.socket.destroy();
  await target.close({ graceMs: 0 });
});

describe('startDemoTarget', () => {
  it.each([
    ['/', 200, '{"message":"hello, world"}'],
    ['/json?a=b', 200, '{"message":"hello, world"}'],
    ['/text', 200, 'hello, world\n'],
    ['/users/42', 200, '{"id":42,"name":"User 42"}'],
    ['/status/503', 503, 'status 503\n'],
    ['/status/204', 204, ''],
    ['/status/205', 205, ''],
    ['/status/304', 304, ''],
    ['/size/7', 200, 'xxxxxxx'],
    ['/size/0', 200, ''],
    ['/flaky/0', 200, 'done\n'],
    ['/flaky/100', 503, 'unlucky\n'],
    ['/delay/1', 200, 'done\n'],
    ['http://demo/text', 200, 'hello, world\n'],
    ['/status/199', 400, 'give a whole number from 200 to 599\n'],
    ['/delay/-1', 400, 'give a whole number from 0 to 60000\n'],
    ['/size/1e9', 400, 'give a whole number from 0 to 67108864\n'],
    ['/users/42"%0d%0aX:y', 404, 'no such path; GET /help lists them\n'],
    ['/../etc/passwd', 404, 'no such path; GET /help lists them\n'],
    ['/broken/else', 404, 'no such path; GET /help lists them\n'],
  ])('answers GET %s with %i', async (path, status, body) => {
    await start();
    const answer = await ask(get(path));
    expect(answer.status).toBe(status);
    expect(answer.body).toBe(body);
    expect(answer.head).toMatch(/\r\nDate: .+ GMT\r\n/);
    expect(target.counts()).toEqual({
      connections: 1,
      requests: 1,
      statuses: { [status]: 1 },
      acceptErrors: 0,
    });
  });

  it('lists every path at /help', async () => {
    await start();
    const { body } = await ask(get('/help'));
    expect(body).toContain('GET  /broken/:how');
    expect(body).not.toContain('<');
  });

  it('sends bodies of any size whole', async () => {
    await start();
    const { head, body } = await ask(get('/size/5000000'));
    expect(head).toContain('Content-Length: 5000000');
    expect(body.length).toBe(5_000_000);
  });

  it('sends /chunked in chunks, and plainly to HTTP/1.0', async () => {
    await start();
    const chunked = await ask(get('/chunked'));
    expect(chunked.head).toContain('Transfer-Encoding: chunked');
    expect(chunked.body).toBe(
      'c\r\nfirst chunk\n\r\nd\r\nsecond chunk\n\r\nc\r\nthird chunk\n\r\n0\r\n\r\n',
    );
    const plain = await exchange('GET /chunked HTTP/1.0\r\n\r\n');
    expect(plain).toMatch(/\r\nfirst chunk\nsecond chunk\nthird chunk\n$/);
    expect(plain).toContain('Connection: close');
  });

  it('drips /slow over a second', async () => {
    const clock = new FakeClock();
    await start({ clock });
    const one = client();
    one.send(get('/slow'));
    await one.got('\r\n\r\n');
    for (let piece = 1; piece <= 10; piece += 1) {
      clock.advance(100);
      await one.got('ten bytes\n'.repeat(piece));
    }
    expect(target.counts().statuses).toEqual({ 200: 1 });
  });

  it('never answers /delay early', async () => {
    await start();
    const sentAt = performance.now();
    await ask(get('/delay/30'));
    expect(performance.now() - sentAt).toBeGreaterThanOrEqual(30);
  });

  it('gives the same flaky answers for the same seed', async () => {
    const statuses: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      await start({ seed: 11 });
      const text = await exchange(
        get('/flaky/50').repeat(20) + get('/text', 'Connection: close\r\n'),
      );
      statuses.push([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1]).join());
      if (round === 0) await target.close();
    }
    expect(statuses[0]).toBe(statuses[1]);
    expect(statuses[0]).toContain('503');
    expect(statuses[0]).toContain('200');
  });

  it('leaves nothing open once closed', async () => {
    const check = startLeakCheck();
    await start();
    const one = client();
    one.send(get('/text'));
    await one.got('world');
    await Promise.all([target.close(), one.ended().then(() => one.socket.end())]);
    await one.closed();
    expect(await check.leaked()).toEqual(new Map());
  });
});

describe('a demo connection', () => {
  it('answers pipelined requests in order, and a read of many with one write', async () => {
    await start();
    const one = client();
    await once(one.socket, 'connect');
    const paths = Array.from({ length: 16 }, (_, i) => `/users/${i}`);
    one.send(paths.map((path) => get(path)).join(''));
    await one.got('"User 15"}');
    const ids = [...one.text.matchAll(/"id":(\d+)/g)].map((match) => Number(match[1]));
    expect(ids).toEqual(paths.map((_, i) => i));
    expect(one.pieces).toBe(1);
  });

  it('keeps the order when an answer has to wait', async () => {
    const clock = new FakeClock();
    await start({ clock });
    const one = client();
    one.send(get('/text') + get('/delay/500') + get('/size/100000') + get('/json'));
    await one.got('hello, world');
    expect(one.text).not.toContain('done');
    clock.advance(500);
    await one.got('"message"');
    expect(one.text.indexOf('done')).toBeLessThan(one.text.indexOf('100000'));
    expect(one.text.indexOf('100000')).toBeLessThan(one.text.indexOf('"message"'));
  });

  it('answers the same however the bytes are cut', async () => {
    await start();
    const request = `POST /echo HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`;
    const one = client();
    one.socket.setNoDelay(true);
    await once(one.socket, 'connect');
    for (const byte of request) {
      one.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await one.got('abc')).toContain('Content-Length: 3\r\n');
  });

  it('echoes bodies, small and large, byte for byte, never as a document', async () => {
    await start();
    for (const sizeBytes of [0, 5, 20_000, 900_000]) {
      const body = Buffer.from(Array.from({ length: sizeBytes }, (_, i) => i * 7)).toString(
        'latin1',
      );
      const answer = await ask(
        `POST /echo HTTP/1.1\r\nHost: d\r\nContent-Length: ${sizeBytes}\r\n\r\n${body}`,
      );
      expect(answer.body === body).toBe(true);
      expect(answer.head).toContain('Content-Type: application/octet-stream');
    }
  });

  it.each(['/text', '/size/100000', '/chunked', '/slow', '/status/404'])(
    'answers HEAD %s with the head of GET only',
    async (path) => {
      await start();
      const answer = await ask(`HEAD ${path} HTTP/1.1\r\nHost: d\r\n\r\n`);
      expect(answer.body).toBe('');
      expect(answer.head).toMatch(/Content-Length: \d+|Transfer-Encoding: chunked/);
    },
  );

  it.each([
    ['POST', '/json', 405, 'Allow: GET, HEAD, OPTIONS'],
    ['GET', '/echo', 405, 'Allow: POST, PUT, OPTIONS'],
    ['TRACE', '/', 405, 'Allow: GET, HEAD, OPTIONS'],
    ['OPTIONS', '/echo', 204, 'Allow: POST, PUT, OPTIONS'],
    ['OPTIONS', '*', 204, 'Allow: GET, HEAD, POST, PUT, OPTIONS'],
  ])('answers %s %s with %i and what is allowed', async (method, path, status, allow) => {
    await start();
    const answer = await ask(`${method} ${path} HTTP/1.1\r\nHost: demo\r\n\r\n`);
    expect(answer.status).toBe(status);
    expect(answer.head).toContain(allow);
  });

  it('keeps an HTTP/1.0 connection only when asked, and says so', async () => {
    await start();
    const one = client();
    one.send('GET /text HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    expect(await one.got('world')).toContain('Connection: keep-alive');
    one.send('GET /json HTTP/1.0\r\n\r\n');
    expect(await one.ended()).toContain('Connection: close');
  });

  it('tells a client that waits to go on, and one that will be refused to stop', async () => {
    await start();
    const one = client();
    one.send('POST /echo HTTP/1.1\r\nHost: d\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n');
    await one.got('HTTP/1.1 100 Continue\r\n\r\n');
    one.send('body');
    expect(await one.got('body')).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);

    const refused = await exchange(
      'POST /nowhere HTTP/1.1\r\nHost: d\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n',
    );
    expect(refused).toMatch(/^HTTP\/1\.1 404 /);
    expect(refused).toContain('Connection: close');

    const eager = client();
    eager.send(
      'POST /echo HTTP/1.1\r\nHost: d\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nbody',
    );
    expect(await eager.got('body')).not.toContain('100 Continue');
  });

  it.each([
    ['an expectation it does not know', get('/', 'Expect: a-miracle\r\n'), 417],
    ['a request that is none', 'nonsense\r\n\r\n', 400],
    ['two lengths', get('/', 'Content-Length: 1\r\nContent-Length: 2\r\n'), 400],
    ['a target too long', get(`/${'a'.repeat(9_000)}`), 414],
    ['too many fields', get('/', 'X: y\r\n'.repeat(120)), 431],
    ['a body too large', 'POST /echo HTTP/1.1\r\nHost: d\r\nContent-Length: 2000000\r\n\r\n', 413],
    ['a method too long', `${'M'.repeat(40)} / HTTP/1.1\r\nHost: d\r\n\r\n`, 501],
    ['a tunnel', 'CONNECT demo:80 HTTP/1.1\r\nHost: demo:80\r\n\r\n', 501],
    ['another version', 'GET / HTTP/2.0\r\nHost: d\r\n\r\n', 505],
  ])('refuses %s, after what came before it, and closes', async (_what, bytes, status) => {
    await start();
    const text = await exchange(get('/text') + bytes + get('/json'));
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => Number(match[1]))).toEqual([
      200,
      status,
    ]);
    expect(text).toContain('Connection: close');
    expect(target.counts().statuses).toMatchObject({ 200: 1, [status]: 1 });
  });

  it('lets a refused client read the answer while it still sends', async () => {
    await start();
    const one = client();
    one.send('POST /echo HTTP/1.1\r\nHost: d\r\nContent-Length: 2000000\r\n\r\n');
    one.send('x'.repeat(1_900_000));
    expect(await one.ended()).toMatch(/^HTTP\/1\.1 413 /);
    expect(one.errorCode).toBe('');
  });

  it.each([
    ['reset', '', 'ECONNRESET'],
    ['truncate', 'cut short', ''],
    ['garbage', 'this is not HTTP', ''],
  ])('breaks by %s', async (how, fragment, code) => {
    await start();
    const one = client();
    one.socket.allowHalfOpen = false;
    one.send(get(`/broken/${how}`));
    expect(await one.closed()).toContain(fragment);
    expect(one.errorCode).toBe(code);
    expect(target.counts()).toMatchObject({ requests: 1, statuses: {} });
    expect(target.counts().statuses).toEqual({});
  });

  it('hangs until the client gives up', async () => {
    await start();
    const one = client();
    one.send(get('/broken/hang'));
    while (target.counts().requests === 0) await new Promise((resolve) => setImmediate(resolve));
    const other = client();
    other.send(get('/delay/50'));
    await other.got('done');
    expect([one.text, one.socket.readableEnded, one.socket.destroyed]).toEqual(['', false, false]);
    one.socket.end();
    expect(await one.ended()).toBe('');
  });

  it('answers what was asked before the client closed its half', async () => {
    await start();
    const one = client();
    one.socket.end(get('/delay/20') + get('/text'));
    expect(await one.ended()).toMatch(/done\n[^]*hello, world\n$/);
  });

  it('stops reading from a client that does not read', async () => {
    await start();
    const one = client();
    await once(one.socket, 'connect');
    one.socket.pause();
    one.send(get('/size/1000000').repeat(500));
    let before = -1;
    while (target.counts().requests !== before) {
      before = target.counts().requests;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    expect(before).toBeLessThan(100);
  });
});

describe('the timeouts of a demo connection', () => {
  const timeouts = { headMs: 5_000, bodyIdleMs: 3_000, keepAliveMs: 2_000, writeStallMs: 4_000 };

  async function opened(clock: FakeClock): Promise<RawClient> {
    await start({ clock, timeouts });
    const one = client();
    one.send(get('/text'));
    await one.got('world');
    one.text = '';
    return one;
  }

  /** Lets the bytes just sent arrive: they come before the echo of a later connection. */
  async function settle(): Promise<void> {
    const other = client();
    other.send(get('/text'));
    await other.got('world');
    other.socket.destroy();
  }

  it('closes an idle connection without a word', async () => {
    const clock = new FakeClock();
    const one = await opened(clock);
    clock.advance(3_000);
    expect(await one.ended()).toBe('');
  });

  it('answers 408 to a head that drips past its time', async () => {
    const clock = new FakeClock();
    const one = await opened(clock);
    one.send('GET / HT');
    await settle();
    clock.advance(4_000);
    one.send('TP/1.1\r\nHo');
    await settle();
    clock.advance(2_000);
    expect(await one.ended()).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('answers 408 to a body that stops', async () => {
    const clock = new FakeClock();
    const one = await opened(clock);
    one.send('POST /echo HTTP/1.1\r\nHost: d\r\nContent-Length: 9\r\n\r\nfour');
    await settle();
    clock.advance(4_000);
    expect(await one.ended()).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('drops a client that does not read', async () => {
    const clock = new FakeClock();
    const one = await opened(clock);
    one.socket.pause();
    one.send(get('/size/60000000'));
    while (target.counts().requests < 2) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(6_000);
    one.socket.resume();
    await one.ended();
    expect(one.text.length).toBeLessThan(60_000_000);
  });
});

describe('DemoTarget.close', () => {
  it('lets the answer under way finish and marks it as the last', async () => {
    await start();
    const busy = client();
    const idle = client();
    busy.send(get('/text') + get('/delay/60') + get('/json'));
    idle.send(get('/text'));
    await Promise.all([busy.got('world'), idle.got('world')]);
    for (const one of [busy, idle]) one.socket.once('end', () => one.socket.end());
    await target.close();
    expect(await busy.ended()).toContain('done');
    expect(busy.text).not.toContain('"message"');
    expect(await idle.ended()).toMatch(/hello, world\n$/);
  });

  it('drops what is still open after the time of grace', async () => {
    await start();
    const one = client();
    one.send(get('/broken/hang'));
    while (target.counts().requests === 0) await new Promise((resolve) => setImmediate(resolve));
    await target.close({ graceMs: 10 });
    expect(await one.ended()).toBe('');
  });
});

const hasCurl = findProgram('curl') !== null;

describe.runIf(hasCurl)('curl', () => {
  // In the background: the target lives in this process, which a synchronous call would stop.
  const run = promisify(execFile);

  it.each<[string[], string]>([
    [['/json'], '{"message":"hello, world"}'],
    [['/chunked'], 'first chunk\nsecond chunk\nthird chunk\n'],
    [['-d', 'posted', '/echo'], 'posted'],
    [['-H', 'Expect: 100-continue', '-d', 'waited', '/echo'], 'waited'],
    [['-0', '/text'], 'hello, world\n'],
    [['-o', '/dev/null', '-w', '%{http_code} %{size_download}', '/size/300000'], '200 300000'],
    [['-I', '-o', '/dev/null', '-w', '%{http_code}', '/text'], '200'],
  ])('understands the answer to %j', async (options, expected) => {
    await start();
    const path = options.at(-1);
    const { stdout } = await run('curl', [
      '-sS',
      '--max-time',
      '5',
      ...options.slice(0, -1),
      `${target.url}${path}`,
    ]);
    expect(stdout).toBe(expected);
  });
});
