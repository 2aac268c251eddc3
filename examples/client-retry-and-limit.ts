// Tries again what fails for a while, and asks no more often than the peer likes.
//   npx tsx examples/client-retry-and-limit.ts
import { Client, mock } from '@needletail/client';

const server = mock({
  'GET /flaky': [
    { status: 503 },
    { status: 429, headers: { 'Retry-After': '0' } },
    { status: 200, text: 'at last' },
  ],
  'POST /orders': { status: 503 },
  'GET /items/:id': ({ params }) => ({ json: { id: params['id'] } }),
});
const client = new Client({
  baseUrl: 'https://api.test',
  transport: server,
  retry: { attempts: 3, backoffMs: 20 },
  rateLimit: { requestsPerSecond: 100, burst: 5 },
});

const flaky = await client.get('/flaky');
console.log(flaky.text(), `after ${server.calls.length} requests`);

// Not idempotent: sent once, unless it is said that it may be repeated.
const order = await client.post('/orders', { json: { sku: 42 } });
console.log(order.status, server.calls.filter(({ method }) => method === 'POST').length);

const startedAt = performance.now();
await Promise.all(Array.from({ length: 20 }, (_, id) => client.get(`/items/${id}`)));
console.log(`20 requests in ${(performance.now() - startedAt).toFixed(0)} ms, 100 a second`);
