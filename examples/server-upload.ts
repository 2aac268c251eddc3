// Takes a form with a large file: the file goes to disk as it comes, and is gone when the request is over.
//   npx tsx examples/server-upload.ts
import { createHash } from 'node:crypto';
import { Client } from '@needletail/client';
import { App, HttpError } from '@needletail/server';

const MEGABYTE = 1024 * 1024;

const app = new App()
  .post('/reports', { bodyLimitBytes: 50 * MEGABYTE }, async (c) => {
    let title = '';
    for await (const part of c.read.multipart({ limits: { files: 1, fileBytes: 40 * MEGABYTE } })) {
      if (part.kind === 'field') {
        if (part.name === 'title') title = part.value;
        continue;
      }
      if (part.filename === '') throw new HttpError(400, 'No file was chosen.');
      const { filename, sizeBytes, path } = await part.save();
      return { title, filename, sizeBytes, isStored: path !== '' };
    }
    throw new HttpError(400, 'There is no file in the form.');
  })
  .post('/digest', { bodyLimitBytes: 50 * MEGABYTE }, async (c) => {
    const hash = createHash('sha256');
    for await (const part of c.read.multipart()) {
      if (part.kind === 'file') for await (const piece of part.stream()) hash.update(piece);
    }
    return hash.digest('hex');
  });

const listening = await app.listen();
const client = new Client({ baseUrl: `http://${listening.host}:${listening.port}` });
const content = Buffer.alloc(20 * MEGABYTE, 'id,name\n');
const file = new File([content], 'report.csv', { type: 'text/csv' });

const stored = await client.post('/reports', { multipart: { title: 'Report', file } });
console.log(stored.status, stored.text());
const digest = await client.post('/digest', { multipart: { file } });
console.log(digest.text() === createHash('sha256').update(content).digest('hex'));
const none = await client.post('/reports', { multipart: { title: 'Report' } });
console.log(none.status, none.text());

await client.close();
await app.close();
if (stored.status !== 200 || digest.status !== 200 || none.status !== 400) process.exitCode = 1;
