// A minute of hostile traffic against an application in a process of its own, beside normal load by our client: every normal
// request has to succeed, and when it is over, connections, handles and memory have to be where they were. Not part of the
// tests, which have three seconds of the same. Ends with 1 when one of the claims does not hold.
//
//   npm run build && npx tsx scripts/soak-server.ts [--seconds 60] [--attacks 150] [--users 20]
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@needletail/client';
import { App, stream } from '@needletail/server';
import { startHostileTraffic } from '@needletail/testkit/hostile-traffic';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    attacks: { type: 'string', default: '150' },
    users: { type: 'string', default: '20' },
    serve: { type: 'boolean', default: false },
  },
});

/** After which memory is looked at first: code is compiled and pools have their size. */
const WARM_UP_SHARE = 0.2;
const SETTLE_MS = 4_000;
const MOST_GROWTH_BYTES = 8 * 1024 * 1024;

/** What the server says of itself. */
interface State {
  readonly heapBytes: number;
  readonly rssBytes: number;
  /** Kinds of handle that keep its loop alive, and how many. */
  readonly handles: Readonly<Record<string, number>>;
  readonly reported: number;
  readonly sockets: number;
}

async function* endless(): AsyncGenerator<Buffer> {
  const piece = Buffer.alloc(16_384, 'x');
  for (;;) {
    yield piece;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function serve(): Promise<void> {
  let reported = 0;
  const app = new App({ onError: (error) => (console.error(error), (reported += 1)) })
    .get('/users/:id', (c) => ({ id: c.params.id }))
    .post('/echo', (c) => c.read.text())
    .get('/endless', () => stream(endless()));
  app.ws('/chat', { message: (socket, message) => void socket.send(message) });
  const timeouts = {
    headMs: 2_000,
    bodyIdleMs: 2_000,
    bodyGraceMs: 2_000,
    writeStallMs: 2_000,
    keepAliveMs: 2_000,
  };
  const { port } = await app.listen({ server: 'wire', timeouts });
  process.stdout.write(`${port}\n`);
  createInterface({ input: process.stdin })
    .on('line', () => {
      for (let turn = 0; turn < 3; turn += 1) globalThis.gc?.();
      const { heapUsed, external, rss } = process.memoryUsage();
      const handles: Record<string, number> = {};
      for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1;
      const state: State = {
        heapBytes: heapUsed + external,
        rssBytes: rss,
        handles,
        reported,
        sockets: handles['TCPSocketWrap'] ?? 0,
      };
      process.stdout.write(`${JSON.stringify(state)}\n`);
    })
    .on('close', () => process.exit(0));
}

/** The server process, and what it says when it is asked. */
function startServer(): { child: ChildProcess; line: () => Promise<string> } {
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', fileURLToPath(import.meta.url), '--serve'],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const next = await lines.next();
    if (next.done === true) throw new Error('The server ended. See what it printed.');
    return next.value;
  };
  return { child, line };
}

/** Asks one thing after the other until `isOver`; gives the number of answers, and those that were wrong. */
async function user(client: Client, name: string, isOver: () => boolean) {
  const wrong: string[] = [];
  let asked = 0;
  let slowestMs = 0;
  for (; !isOver(); asked += 1) {
    const id = `${name}.${asked}`;
    const startedMs = performance.now();
    try {
      const isEcho = asked % 3 === 0;
      const response = isEcho
        ? await client.post('/echo', { body: id.repeat(200) })
        : await client.get(`/users/${id}`);
      const expected = isEcho ? id.repeat(200) : `{"id":"${id}"}`;
      if (response.status !== 200 || response.text() !== expected) {
        wrong.push(`${response.status} ${response.text().slice(0, 100)}`);
      }
    } catch (error) {
      wrong.push(String(error));
    }
    slowestMs = Math.max(slowestMs, performance.now() - startedMs);
  }
  return { asked, wrong, slowestMs };
}

async function soak(): Promise<void> {
  const { child, line } = startServer();
  const port = Number(await line());
  const stateNow = async (): Promise<State> => {
    child.stdin!.write('\n');
    return JSON.parse(await line()) as State;
  };
  const fresh = await stateNow();
  const client = new Client({ baseUrl: `http://127.0.0.1:${port}`, timeout: { read: 10_000 } });
  const traffic = startHostileTraffic({
    port,
    perSecond: Number(values.attacks),
    paths: { get: '/users/1', post: '/echo', stream: '/endless', webSocket: '/chat' },
  });
  const seconds = Number(values.seconds);
  let isOver = false;
  const users = Array.from({ length: Number(values.users) }, (_, at) =>
    user(client, `u${at}`, () => isOver),
  );
  await pause(seconds * 1_000 * WARM_UP_SHARE);
  const early = await stateNow();
  let most = early;
  for (let left = seconds * (1 - WARM_UP_SHARE); left > 0; left -= 2) {
    await pause(Math.min(2, left) * 1_000);
    const now = await stateNow();
    if (now.heapBytes > most.heapBytes) most = now;
  }
  isOver = true;
  const results = await Promise.all(users);
  await traffic.stop();
  await client.close();
  await pause(SETTLE_MS);
  const after = await stateNow();
  child.stdin!.end();

  const asked = results.reduce((sum, each) => sum + each.asked, 0);
  const wrong = results.flatMap((each) => each.wrong);
  const attacks = Object.values(traffic.counts).reduce((sum, count) => sum + count, 0);
  const slowestMs = Math.max(...results.map((each) => each.slowestMs));
  const mib = (sizeBytes: number): string => `${(sizeBytes / 1024 / 1024).toFixed(1)} MiB`;
  process.stdout.write(
    `${seconds} s, ${attacks} attacks of ${Object.keys(traffic.counts).length} kinds\n` +
      `normal requests  ${asked}, ${wrong.length} wrong, the slowest ${slowestMs.toFixed(0)} ms\n` +
      `heap             ${mib(fresh.heapBytes)} fresh, ${mib(early.heapBytes)} early, ${mib(most.heapBytes)} at most, ${mib(after.heapBytes)} after\n` +
      `resident         ${mib(fresh.rssBytes)} fresh, ${mib(most.rssBytes)} at most, ${mib(after.rssBytes)} after\n` +
      `sockets          ${fresh.sockets} fresh, ${most.sockets} at most, ${after.sockets} after\n` +
      `reported errors  ${after.reported}\n`,
  );
  for (const each of wrong.slice(0, 5)) process.stdout.write(`wrong: ${each}\n`);
  const claims: readonly (readonly [claim: string, holds: boolean])[] = [
    ['every normal request succeeded', asked > 0 && wrong.length === 0],
    ['no connection is left', after.sockets <= fresh.sockets],
    ['memory is where it was', after.heapBytes - early.heapBytes < MOST_GROWTH_BYTES],
    ['nothing that clients did was reported as an error', after.reported === 0],
  ];
  for (const [claim, holds] of claims)
    process.stdout.write(`${holds ? 'PASS' : 'FAIL'}  ${claim}\n`);
  if (claims.some(([, holds]) => !holds)) process.exitCode = 1;
}

await (values.serve ? serve() : soak());
