import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '@needletail/testkit/programs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { html, redirect, stream } from '../reply/reply.ts';
import { App } from './app.ts';

const run = promisify(execFile);
const curl = findProgram('curl');
const wrk = findProgram('wrk');
const h2load = findProgram('h2load');
const chromium = findProgram('chromium');

/** What a page does; it tells the server what came of it. */
const PAGE = `<!doctype html><script>
const found = {};
const events = () => new Promise((resolve) => {
  const source = new EventSource('/events');
  const seen = [];
  source.onmessage = ({ data, lastEventId }) => {
    seen.push(lastEventId + ':' + data);
    if (seen.length === 4) { source.close(); resolve(seen); }
  };
});
const echo = () => new Promise((resolve, reject) => {
  const socket = new WebSocket('ws://' + location.host + '/chat');
  socket.binaryType = 'arraybuffer';
  socket.onerror = reject;
  socket.onopen = () => { socket.send('grüß'); socket.send(new Uint8Array([1, 2, 3])); };
  const seen = [];
  socket.onmessage = ({ data }) => {
    seen.push(typeof data === 'string' ? data : Array.from(new Uint8Array(data)).join());
    if (seen.length === 2) socket.close(1000, 'done');
  };
  socket.onclose = ({ code, wasClean }) => resolve([...seen, code, wasClean]);
});
const big = 'x'.repeat(300000);
async function work() {
  found.json = await (await fetch('/users/a%20b?x=1')).json();
  found.posted = await (await fetch('/length', { method: 'POST', body: big })).json();
  found.moved = await (await fetch('/moved')).json();
  found.missing = (await fetch('/missing')).status;
  found.head = (await fetch('/users/1', { method: 'HEAD' })).headers.get('content-type');
  found.stream = (await (await fetch('/stream')).text()).length;
  found.many = (await Promise.all(Array.from({ length: 30 }, async (_, id) => (await (await fetch('/users/' + id)).json()).id))).join();
  found.events = await events();
  found.echo = await echo();
}
work().catch((error) => { found.error = String(error); })
  .finally(() => fetch('/found', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(found) }));
</script>`;

async function* repeated(piece: string, times: number): AsyncGenerator<string> {
  for (let at = 0; at < times; at += 1) yield piece;
}

/** The third closes the connection; a browser comes back and says which was the last it has. */
async function* events(lastId: number): AsyncGenerator<string> {
  yield 'retry: 1\n\n';
  for (let id = lastId + 1; id <= lastId + 3; id += 1) yield `id: ${id}\ndata: tick ${id}\n\n`;
}

let app: App;
let origin: string;
let found: (value: unknown) => void;
let whatWasFound: Promise<unknown>;
const errors: unknown[] = [];

beforeEach(async () => {
  whatWasFound = new Promise((resolve) => (found = resolve));
  app = new App({ onError: (error) => void errors.push(error) });
  app
    .get('/', () => html(PAGE))
    .get('/users/:id', (c) => ({ id: c.params.id, ...c.query }))
    .post('/length', async (c) => (await c.read.bytes()).length)
    .get('/moved', () => redirect('/users/moved'))
    .get('/stream', () => stream(repeated('x'.repeat(10_000), 50)))
    .get('/events', (c) =>
      stream(events(Number(c.header('last-event-id') ?? 0)), {
        type: 'text/event-stream',
        headers: { 'Cache-Control': 'no-store' },
      }),
    )
    .post('/found', async (c) => found(await c.read.json()));
  app.ws('/chat', { message: (socket, message) => void socket.send(message) });
  const { port } = await app.listen();
  origin = `127.0.0.1:${port}`;
});

afterEach(async () => {
  await app.close({ graceMs: 0 });
  expect(errors.splice(0)).toEqual([]);
});

describe.runIf(curl !== null)('an application asked by curl', () => {
  const ask = async (...given: string[]): Promise<string> => {
    const { stdout } = await run(curl!, ['-sS', '--max-time', '10', ...given], { maxBuffer: 1e7 });
    return stdout;
  };

  it('answers on one connection, follows, uploads, streams', async () => {
    const url = `http://${origin}`;
    expect(await ask('-w', ' %{num_connects} ', `${url}/users/1`, `${url}/users/2`)).toBe(
      '{"id":"1"} 1 {"id":"2"} 0 ',
    );
    expect(await ask('-L', `${url}/moved`)).toBe('{"id":"moved"}');
    expect(await ask('--data-binary', 'x'.repeat(90_000), `${url}/length`)).toBe('90000');
    expect(await ask('-H', 'Transfer-Encoding: chunked', '-d', 'abc', `${url}/length`)).toBe('3');
    expect(await ask('-H', 'Expect: 100-continue', '-d', 'abc', `${url}/length`)).toBe('3');
    expect((await ask(`${url}/stream`)).length).toBe(500_000);
    expect((await ask('-0', `${url}/stream`)).length).toBe(500_000);
    expect(await ask('-I', `${url}/users/1`)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(await ask('-X', 'OPTIONS', '-i', `${url}/length`)).toContain('Allow: POST, OPTIONS');
  });
});

describe.runIf(wrk !== null)('an application under wrk', () => {
  it('gives answers only', async () => {
    const { stdout } = await run(wrk!, ['-t1', '-c20', '-d1s', `http://${origin}/users/1`]);
    expect(Number(/(\d+) requests in/.exec(stdout)?.[1])).toBeGreaterThan(100);
    expect(stdout).not.toMatch(/Socket errors|Non-2xx/);
  });
});

describe.runIf(h2load !== null)('an application under h2load', () => {
  it.each([1, 8])('gives answers only, %i at a time on a connection', async (depth) => {
    const url = `http://${origin}/users/1`;
    const { stdout } = await run(h2load!, ['--h1', '-n2000', '-c10', `-m${depth}`, url]);
    expect(stdout).toContain('2000 succeeded, 0 failed, 0 errored');
    expect(stdout).toContain('2000 2xx');
  });
});

describe('an application and the client of ws', () => {
  it('gives back what it is sent, of every size', async () => {
    const socket = new WebSocket(`ws://${origin}/chat`);
    await once(socket, 'open');
    for (const size of [0, 1, 125, 126, 65_535, 65_536, 500_000]) {
      const sent = Buffer.alloc(size, 'x');
      socket.send(sent);
      const [got] = (await once(socket, 'message')) as [Buffer];
      expect(got.equals(sent)).toBe(true);
    }
    socket.ping('still there?');
    expect(String((await once(socket, 'pong'))[0])).toBe('still there?');
    const closed = once(socket, 'close');
    socket.close(1000);
    expect((await closed)[0]).toBe(1000);
  });
});

describe.runIf(chromium !== null)('an application and Chromium', () => {
  it('fetch, EventSource and WebSocket find what they should', { timeout: 60_000 }, async () => {
    const profile = mkdtempSync(join(tmpdir(), 'needletail-chromium-'));
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'];
    const browser = spawn(
      chromium!,
      [...flags, `--user-data-dir=${profile}`, `http://${origin}/`],
      {
        stdio: 'ignore',
        detached: true,
      },
    );
    const exited = once(browser, 'exit');
    try {
      const ended = exited.then(() => 'Chromium ended before its page did');
      expect(await Promise.race([whatWasFound, ended])).toEqual({
        json: { id: 'a b', x: '1' },
        posted: 300_000,
        moved: { id: 'moved' },
        missing: 404,
        head: 'application/json',
        stream: 500_000,
        many: Array.from({ length: 30 }, (_, id) => id).join(),
        events: ['1:tick 1', '2:tick 2', '3:tick 3', '4:tick 4'],
        echo: ['grüß', '1,2,3', 1000, true],
      });
    } finally {
      // Its helpers are of its process group.
      process.kill(-browser.pid!, 'SIGKILL');
      await exited;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});
