// Follows a stream of server-sent events over a connection that breaks: nothing is lost and nothing comes twice.
//   npx tsx examples/client-events.ts
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '@needletail/client';

const server = createServer((request, response) => {
  const last = Number(request.headers['last-event-id'] ?? 0);
  if (last === 6) {
    response.writeHead(204).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let id = last + 1; id <= last + 2; id += 1) {
    response.write(`retry: 20\nevent: tick\nid: ${id}\ndata: {"count":${id}}\n\n`);
  }
  response.end();
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

const client = new Client({});
for await (const event of client.events(url)) {
  console.log(event.event, event.json<{ count: number }>().count);
}
await client.close();
server.close();
