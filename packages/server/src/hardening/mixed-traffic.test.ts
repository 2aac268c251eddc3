import { Agent, request as httpRequest } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startHostileTraffic } from '@needletail/testkit/hostile-traffic';
import { startLeakCheck } from '@needletail/testkit/leak-check';
import { expect, it } from 'vitest';
import { stream } from '../reply/reply.ts';
import { AppUnderTest } from './app-under-test.fixture.ts';

const RUN_MS = 3_000;
const WARM_UP_MS = 1_000;
const USERS = 10;
/** Under a thousandth of what the attackers sent. */
const MOST_GROWTH_BYTES = 8 * 1024 * 1024;

const server = new AppUnderTest();

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function heapBytes(): Promise<number> {
  for (let turn = 0; turn < 3; turn += 1) {
    await pause(10);
    collectGarbage();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function* endless(): AsyncGenerator<Buffer> {
  const piece = Buffer.alloc(16_384, 'x');
  for (;;) {
    yield piece;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function startServer(): Promise<void> {
  const second = 1_000;
  return server.start(
    (app) =>
      app
        .get('/users/:id', (c) => ({ id: c.params.id }))
        .post('/echo', (c) => c.read.text())
        .get('/endless', () => stream(endless())),
    {
      timeouts: {
        headMs: second,
        bodyIdleMs: second,
        bodyGraceMs: second,
        keepAliveMs: 5 * second,
        writeStallMs: second,
        requestMs: 10 * second,
      },
    },
  );
}

function ask(agent: Agent, method: string, path: string, body: string): Promise<string> {
  const { port } = server.listening;
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ agent, host: '127.0.0.1', port, method, path }, (response) => {
      let text = `${response.statusCode} `;
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () => resolve(text)).on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Asks one thing after the other until it is told to stop; gives how often, and every answer that was wrong. */
async function user(agent: Agent, name: string, isOver: () => boolean) {
  const wrong: string[] = [];
  let asked = 0;
  for (; !isOver(); asked += 1) {
    const id = `${name}.${asked}`;
    const [path, body, expected] =
      asked % 3 === 0
        ? (['/echo', id.repeat(100), `200 ${id.repeat(100)}`] as const)
        : ([`/users/${id}`, '', `200 {"id":"${id}"}`] as const);
    const got = await ask(agent, asked % 3 === 0 ? 'POST' : 'GET', path, body).catch(String);
    if (got !== expected) wrong.push(got.slice(0, 200));
  }
  return { asked, wrong };
}

it('beside hostile clients, good ones get every answer, and nothing is left of the others', async () => {
  await startServer();
  const agent = new Agent({ keepAlive: true, maxSockets: USERS });
  const leaks = startLeakCheck(['TTYWrap', 'PipeWrap', 'Timeout', 'Immediate']);
  const traffic = startHostileTraffic({
    port: server.listening.port,
    perSecond: 200,
    lifeMs: 1_500,
    paths: { get: '/users/1', post: '/echo', stream: '/endless' },
  });
  let isOver = false;
  const users = Array.from({ length: USERS }, (_, at) => user(agent, `u${at}`, () => isOver));
  await pause(WARM_UP_MS);
  const beforeBytes = await heapBytes();
  await pause(RUN_MS - WARM_UP_MS);
  isOver = true;
  const results = await Promise.all(users);
  await traffic.stop();
  agent.destroy();

  expect(results.flatMap(({ wrong }) => wrong)).toEqual([]);
  expect(results.every(({ asked }) => asked > 10)).toBe(true);
  expect(Object.values(traffic.counts).every((count) => count > 5)).toBe(true);
  expect(await leaks.leaked(5_000)).toEqual(new Map());
  expect((await heapBytes()) - beforeBytes).toBeLessThan(MOST_GROWTH_BYTES);
}, 30_000);
