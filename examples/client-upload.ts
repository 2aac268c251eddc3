// Uploads a file as a part of a form, without reading it into memory, and tells how far it is.
//   npx tsx examples/client-upload.ts
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, fileFrom } from '@needletail/client';

const server = createServer((request, response) => {
  let bytes = 0;
  request.on('data', (chunk: Buffer) => (bytes += chunk.length));
  request.on('end', () => response.end(`${request.headers['content-length']} said, ${bytes} came`));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

const folder = await mkdtemp(join(tmpdir(), 'needletail-'));
const path = join(folder, 'report.csv');
await writeFile(path, 'id,name\n'.repeat(2_000_000));

const client = new Client({
  baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
});
const file = await fileFrom(path, { type: 'text/csv' });
let told = 0;
const response = await client.post('/reports', {
  multipart: { title: 'Report', tags: ['a', 'b'], file },
  onUploadProgress({ transferredBytes, totalBytes }) {
    const percent = Math.floor((100 * transferredBytes) / (totalBytes ?? Infinity));
    if (percent >= told + 25) console.log(`${(told = percent)} %`);
  },
});
console.log(response.status, response.text());

await client.close();
server.close();
await rm(folder, { recursive: true });
