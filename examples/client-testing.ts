// Code under test gets a client; the test gives it one that answers from routes, or from a recording.
//   BASE=http://localhost:8080 npx tsx examples/client-testing.ts
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, createNetworkTransport, mock, recording } from '@needletail/client';

async function rename(client: Client, id: number, name: string): Promise<string> {
  const { rev } = (await client.get(`/users/${id}`)).raiseForStatus().json<{ rev: string }>();
  const options = { json: { name }, headers: { 'If-Match': rev } };
  return (await client.patch(`/users/${id}`, options)).raiseForStatus().text();
}

const server = mock({
  'GET /users/:id': { json: { rev: 'r1' } },
  'PATCH /users/:id': ({ headers }) => ({ status: headers.get('if-match') === 'r1' ? 200 : 412 }),
});
await rename(new Client({ baseUrl: 'https://api.test', transport: server }), 7, 'Ada');
assert.deepEqual(server.calls[1]?.json(), { name: 'Ada' });

// Recorded once from the real thing, then played without it.
const folder = await mkdtemp(join(tmpdir(), 'needletail-'));
const file = join(folder, 'hello.ndjson');
const url = `${process.env['BASE'] ?? 'http://localhost:8080'}/json`;
for (const mode of ['record', 'replay'] as const) {
  const transport = recording(createNetworkTransport({}), { file, mode });
  console.log(mode, (await new Client({ transport }).get(url)).text());
  await transport.close();
}
await rm(folder, { recursive: true });
