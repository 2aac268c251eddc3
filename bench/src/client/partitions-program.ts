// Run by client-partitions.ts: opens a connection for each of so many users and prints what that took, as one line of JSON.
import { setTimeout as pause } from 'node:timers/promises';
import { Client, openPartitionedNetwork, type ConnectionWatch } from '@needletail/client';

const [url = '', users = ''] = process.argv.slice(2);
/** Connections that are opened side by side: a listening socket has a queue of so many and no more. */
const AT_ONCE = 200;
const SETTLED_MS = 500;

let open = 0;
const watch: ConnectionWatch = { opened: () => (open += 1), closed: () => (open -= 1) };
const startBytes = process.memoryUsage.rss();
const network = openPartitionedNetwork({ trustEnv: false, watch });
const base = new Client({ trustEnv: false });
const clients = Array.from({ length: Number(users) }, () =>
  base.extend({ transport: network.partition(), cookieJar: true }),
);
let peakBytes = 0;
for (let first = 0; first < clients.length; first += AT_ONCE) {
  await Promise.all(clients.slice(first, first + AT_ONCE).map((client) => client.get(url)));
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
}
await pause(SETTLED_MS);
peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
process.stdout.write(JSON.stringify({ open, startBytes, peakBytes }));
process.exit(0);
