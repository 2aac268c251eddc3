// What an idle keep-alive connection costs the server: opens many, asks once on each, and divides what memory grew by. Resident
// memory counts everything but the kernel's own buffers. Judges one gate, ends with 1 when it is missed.
//
//   npm run build && npx tsx bench/src/server-memory.ts [--connections 5000]
import { connect, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { Gates } from './accuracy/gates.ts';
import { startServer, type ServerProcess } from './server/server-process.ts';

const { values } = parseArgs({ options: { connections: { type: 'string', default: '5000' } } });
const MOST_BYTES = 6 * 1024;
/** Opened before the count begins, for pools and compiled code to reach their size. */
const WARM_UP = 500;
const AT_ONCE = 50;
const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\n\r\n';

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(REQUEST));
    socket.once('error', reject);
    socket.once('data', () => resolve(socket));
  });
}

async function openMany(port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    sockets.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => open(port)))));
  }
  return sockets;
}

async function bytesEach(
  server: ServerProcess,
  count: number,
): Promise<{ rss: number; heap: number }> {
  const sockets = await openMany(server.port, WARM_UP);
  const before = await server.usage();
  const more = await openMany(server.port, count);
  const after = await server.usage();
  for (const socket of [...sockets, ...more]) socket.destroy();
  return {
    rss: (after.rss - before.rss) / more.length,
    heap: (after.heapUsed + after.external - before.heapUsed - before.external) / more.length,
  };
}

const count = Number(values.connections);
const resident = new Map<string, number>();
for (const kind of ['needletail', 'node:http', 'bare']) {
  const server = await startServer(kind, ['--expose-gc']);
  const { rss, heap } = await bytesEach(server, count);
  resident.set(kind, rss);
  process.stdout.write(
    `${kind.padEnd(12)} ${rss.toFixed(0).padStart(7)} bytes resident, ${heap.toFixed(0).padStart(6)} of heap, each of ${count} connections\n`,
  );
  await server.stop();
}
const gates = new Gates('What an idle connection may cost');
gates.below('bytes, needletail', resident.get('needletail')!, MOST_BYTES);
gates.close();
