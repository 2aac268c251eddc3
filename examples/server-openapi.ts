// An OpenAPI document made of routes and their schemas, served by the application that it describes.
//   npx tsx examples/server-openapi.ts
import assert from 'node:assert/strict';
import { App } from '@needletail/server';
import { serveOpenApi, type OpenApiDocument } from '@needletail/server/openapi';
import { z } from 'zod';

const Book = z.object({ id: z.number(), title: z.string() }).meta({ id: 'Book' });

const app = new App()
  .get(
    '/books',
    {
      query: z.object({ author: z.string().optional() }),
      response: z.array(Book),
      tags: ['books'],
    },
    () => [{ id: 1, title: 'Emma' }],
  )
  .get('/books/:id', { response: Book, tags: ['books'], summary: 'One book' }, (c) => ({
    id: Number(c.params.id),
    title: 'Emma',
  }));

serveOpenApi(app, '/openapi.json', { info: { title: 'Library', version: '1.0.0' } });

const document = (await app.inject('/openapi.json')).json<OpenApiDocument>();
for (const [path, item] of Object.entries(document.paths)) {
  for (const [method, { operationId }] of Object.entries(item)) {
    console.log(method.toUpperCase(), path, operationId);
  }
}
assert.deepEqual(Object.keys(document.paths), ['/books', '/books/{id}']);
assert.deepEqual(Object.keys(document.components?.schemas ?? {}).includes('Book'), true);
await app.close();
