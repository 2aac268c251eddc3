// Downloads a file twice: the first time it breaks off half way, the second time it goes on from there.
//   npx tsx examples/client-download.ts
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@needletail/client';

const content = Buffer.alloc(4_000_000, 'needletail ');
const sha256 = createHash('sha256').update(content).digest('hex');

let isFirst = true;
const server = createServer((request, response) => {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const rest = content.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, {
    etag: '"1"',
    'content-length': rest.length,
    'content-range': `bytes ${start}-${content.length - 1}/${content.length}`,
  });
  if (isFirst) response.write(rest.subarray(0, 1_500_000), () => response.destroy());
  else response.end(rest);
  isFirst = false;
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;

const folder = await mkdtemp(join(tmpdir(), 'needletail-'));
const path = join(folder, 'file.bin');
const client = new Client({});
try {
  await client.download(url, path, { sha256 });
} catch (error) {
  console.error(String(error));
}
const { sizeBytes, resumedBytes } = await client.download(url, path, { sha256 });
console.log(`${sizeBytes} bytes, ${resumedBytes} of them from the first try`);

await client.close();
server.close();
await rm(folder, { recursive: true });
