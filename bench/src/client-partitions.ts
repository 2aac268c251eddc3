// Memory of many users in one thread: each with a client of its own over a partition of one network, with a cookie jar and an
// open idle connection to nginx. A fresh process; ends with 1 on a miss.
//
//   npm run build && npx tsx bench/src/client-partitions.ts [--users 10000]
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Gates } from './accuracy/gates.ts';
import { startNginx } from './compare/nginx.ts';

interface Measured {
  readonly open: number;
  readonly startBytes: number;
  readonly peakBytes: number;
}

const { values } = parseArgs({ options: { users: { type: 'string', default: '10000' } } });
const PROGRAM = fileURLToPath(new URL('client/partitions-program.ts', import.meta.url));
const MOST_MB = 350;
const MEGABYTE = 1_048_576;

const nginx = await startNginx();
try {
  const output = execFileSync(
    process.execPath,
    ['--import', 'tsx', PROGRAM, nginx.url, values.users],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const { open, startBytes, peakBytes } = JSON.parse(output) as Measured;
  const users = Number(values.users);
  const gates = new Gates(`What ${users} users take`);
  gates.within('connections open', open, users, 0);
  gates.below('a user, KB', (peakBytes - startBytes) / users / 1024, MOST_MB / 10);
  gates.below('resident in total, MB', peakBytes / MEGABYTE, MOST_MB);
  gates.close();
} finally {
  await nginx.stop();
}
