// What clients notice when a server ends in good order: answers under way are given, events and sockets end as they should.
//   npx tsx examples/server-shutdown.ts
import assert from 'node:assert/strict';
import { Client } from '@needletail/client';
import { connectWebSocket } from '@needletail/client/websocket';
import { App, ndjson, sse } from '@needletail/server';
import { internal } from '@needletail/server/middleware';

const said: string[] = [];
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve()));

let asked = 0;

const app = new App()
  .register(internal()) // /_internal/ready is 503 from the moment the server is told to close
  .on('request', () => void (asked += 1))
  .on('drain', () => void said.push('no new connections from here on'))
  .on('close', () => void said.push('databases may go now'))
  .get('/slow', async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return 'in the end';
  })
  .get('/events', (c) =>
    sse(c, async function* ({ signal }) {
      yield { id: '1', data: 'the first' };
      await aborted(signal); // aborts when the client leaves, and when the server ends
    }),
  )
  .get('/rows', (c) =>
    ndjson(
      (async function* () {
        for (let row = 1; !c.closing.aborted; row += 1) {
          yield { row };
          if (row === 3) await aborted(c.closing);
        }
      })(),
    ),
  )
  .ws('/chat', { open: (socket) => void socket.send('welcome') });

// As a program: app.listen({ port: 3000, signals: true }), and SIGTERM does what app.close() does here.
const { url } = await app.listen();
const client = new Client({ baseUrl: url });
const socket = await connectWebSocket(`${url.replace('http', 'ws')}/chat`);
const events = client.get('/events');
const rows = client.get('/rows');
const slow = client.get('/slow');
while (asked < 4) await new Promise((resolve) => setTimeout(resolve, 5));

await app.close({ graceMs: 10_000 });
for (const answer of await Promise.all([slow, events, rows])) said.push(answer.text().trim());
said.push(`socket closed with ${(await socket.closed).code}`);
await client.close();
console.log(said.join('\n'));
assert.deepEqual(said.slice(0, 3), [
  'no new connections from here on',
  'databases may go now',
  'in the end',
]);
assert.equal(said.at(-1), 'socket closed with 1001');
