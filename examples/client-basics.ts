// One client for everything that goes to one peer: its URL, headers and time-outs are said once.
//   BASE=http://localhost:8080 npx tsx examples/client-basics.ts
import { Client, StatusError } from '@needletail/client';

const client = new Client({
  baseUrl: process.env['BASE'] ?? 'http://localhost:8080',
  headers: { 'X-Team': 'blue' },
  timeout: { connect: 2000, read: 5000, total: 10_000 },
});

const hello = (await client.get('/json')).json<{ message: string }>();
console.log(hello.message);

const echo = await client.post('/echo', { json: { sku: 42 }, params: { dry: true } });
console.log(echo.status, echo.httpVersion, echo.headers.get('content-length'), echo.text());

try {
  (await client.get('/status/404')).raiseForStatus();
} catch (error) {
  if (!(error instanceof StatusError)) throw error;
  console.log(`${error.code}: ${error.message}`);
}

// A body that need not be held in memory.
const response = await client.stream('GET', '/size/5000000');
for await (const chunk of response) if (chunk.length === 0) throw new Error('an empty piece');
console.log(`${response.receivedBytes} bytes over ${client.pool.opened} connection`);

await client.close();
