// A client whose calls are checked against the type of the application that answers them.
//   npx tsx examples/client-typed.ts
import assert from 'node:assert/strict';
import { Client, StatusError, typedClient } from '@needletail/client';
import { App, HttpError } from '@needletail/server';

const app = new App()
  .get('/orders/:id', (c) => {
    if (c.params.id !== '7') throw new HttpError(404, 'There is no such order.');
    return { id: c.params.id, placedAt: new Date(0) };
  })
  .get('/files/*path', (c) => c.params.path);

// A module of its own would have this alone: `import type { Api } from './server.ts'`.
type Api = typeof app;

const listening = await app.listen();
await using client = new Client({ baseUrl: `http://127.0.0.1:${listening.port}` });
const api = typedClient<Api>(client);

const order = await api.get('/orders/:id', { params: { id: '7' } });
console.log(order.id, order.placedAt.slice(0, 10)); // a Date arrives as text
assert.equal(order.placedAt, '1970-01-01T00:00:00.000Z');
assert.equal(await api.get('/files/*path', { params: { path: 'a b/c' } }), 'a b/c');
assert.equal(api.url('GET /orders/:id', { params: { id: 'a/b' } }), '/orders/a%2Fb');

// @ts-expect-error no such route
await assert.rejects(api.get('/order/:id', { params: { id: '7' } }), StatusError);
await assert.rejects(api.get('/orders/:id', { params: { id: '8' } }), StatusError);
await listening.close();
