// A hundred requests at a time over one HTTP/2 connection.
//   npx tsx examples/client-http2.ts
import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Client } from '@needletail/client';

const server = createServer((request, response) => {
  setTimeout(() => response.end(`${request.url} on stream ${request.stream.id}`), 20);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

const client = new Client({
  baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  // Over TLS: true, and the server chooses. Without TLS there is nothing to choose by.
  http2: 'prior-knowledge',
});
const startedAt = performance.now();
const paths = Array.from({ length: 100 }, (_, id) => `/items/${id}`);
const answers = await client.gather(paths, { concurrency: 100 });
const tookMs = (performance.now() - startedAt).toFixed(0);
console.log(answers.at(-1)!.text(), `HTTP/${answers[0]!.httpVersion}`);
console.log(`${answers.length} answers in ${tookMs} ms over ${client.pool.opened} connection`);

await client.close();
server.close();
