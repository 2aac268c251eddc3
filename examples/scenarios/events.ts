// Server-sent events: the stream is one request, its events are counted. It is closed when the iteration ends.
//   npx needletail run examples/scenarios/events.ts
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defineLoad } from 'needletail';

// So that the example stands alone; yours has a server.
let server: Server | null = null;

export default defineLoad({
  target: 'http://127.0.0.1',
  load: { users: 3, iterations: 15 },
  async setup() {
    const ticking = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      let id = 0;
      const timer = setInterval(
        () => response.write(`id: ${(id += 1)}\ndata: {"count":${id}}\n\n`),
        10,
      );
      response.once('close', () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => ticking.listen(0, '127.0.0.1', resolve));
    server = ticking;
    return { url: `http://127.0.0.1:${(ticking.address() as AddressInfo).port}/ticks` };
  },
  async user({ http, check, shared }) {
    let last = 0;
    for await (const event of http.events(shared.url)) {
      last = event.json<{ count: number }>().count;
      if (last === 5) break;
    }
    check(last, { 'five ticks': (count) => count === 5 });
  },
  teardown() {
    server?.close();
    server?.closeAllConnections();
  },
});
