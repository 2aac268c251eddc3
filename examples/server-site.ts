// A site: static files, live events, and a part that asks for a password; with the middleware a public server should have.
// Answers a few requests to itself and ends; leave `app.close()` out to keep it running.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@needletail/client';
import { App, sse, staticFiles } from '@needletail/server';
import {
  accessLog,
  basicAuth,
  compression,
  internal,
  metrics,
  rateLimit,
  requestId,
  securityHeaders,
} from '@needletail/server/middleware';

const folder = await mkdtemp(join(tmpdir(), 'needletail-site-'));
await writeFile(
  join(folder, 'index.html'),
  '<!doctype html><title>Needletail</title><h1>Fast</h1>',
);

const figures = metrics();
const app = new App()
  .use(requestId(), accessLog(), figures, securityHeaders(), rateLimit({ limit: 100 }))
  .register(internal({ info: { version: '1.0.0' }, checks: { files: () => true } }))
  .register(staticFiles({ folder, maxAgeSeconds: 60 }));

app.get('/events', (c) =>
  sse(c, async function* ({ lastEventId, signal }) {
    for (let id = Number(lastEventId) + 1; id <= 3 && !signal.aborted; id += 1) {
      yield { id: String(id), event: 'tick', data: { at: new Date().toISOString() } };
    }
  }),
);

const admin = app
  .group('/admin')
  .use(basicAuth({ users: { ada: 'analytical' } }))
  .use(compression());
admin.get('/', (c) => ({ hello: c.locals.user }));
admin.get('/metrics', () => figures.reply());

const { port } = await app.listen();
const client = new Client({ baseUrl: `http://127.0.0.1:${port}` });

const page = await client.get('/');
console.log(page.status, page.headers.get('content-type'), page.headers.get('etag'));
const again = await client.get('/', { headers: { 'If-None-Match': page.headers.get('etag')! } });
console.log(again.status); // 304
console.log((await client.get('/events', { headers: { 'Last-Event-ID': '1' } })).text());
console.log((await client.get('/admin')).status); // 401
const auth = `Basic ${Buffer.from('ada:analytical').toString('base64')}`;
console.log((await client.get('/admin', { headers: { Authorization: auth } })).json());
console.log((await client.get('/_internal/ready')).json());

await client.close();
await app.close();
await rm(folder, { recursive: true });
