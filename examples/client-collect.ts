// Collects from a server as much as it can take at once: each item comes with its value or its error, and none is lost.
//   BASE=http://localhost:8080 npx tsx examples/client-collect.ts
import { Client } from '@needletail/client';

const base = process.env['BASE'] ?? 'http://localhost:8080';
const client = new Client({ baseUrl: base });

function* ids(count: number): Generator<number> {
  for (let id = 1; id <= count; id += 1) yield id;
}

const results = client.collect(ids(2000), {
  concurrency: 'auto',
  request: (id) => `/json?id=${id}`,
  parse: (response) => response.raiseForStatus().bytes().length,
  retry: { attempts: 2 },
  onProgress: ({ done, failed, rate, concurrency }) => {
    console.error(`${done} done, ${failed} failed, ${rate.toFixed(0)}/s, ${concurrency} at once`);
  },
});

let bytes = 0;
let failed = 0;
for await (const { item, value, error } of results) {
  if (error === undefined) bytes += value;
  else console.error(`item ${item}: ${error.message}`);
  if (error !== undefined) failed += 1;
}
await client.close();

console.log(`${bytes} bytes, ${failed} items failed`);
if (failed > 0) process.exitCode = 1;
