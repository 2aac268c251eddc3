// Memory of idle virtual users: each makes one request over a connection of its own, then thinks for longer than the run.
// The resident size of the whole process is reported, the server runs in another. Needs as many open files as users.
//
//   npm run build && npx tsx bench/src/script-memory.ts [--users 10000]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startNginx } from './compare/nginx.ts';

const { values } = parseArgs({ options: { users: { type: 'string', default: '10000' } } });
const COMMAND = fileURLToPath(new URL('../../packages/cli/bin/needletail.js', import.meta.url));
/** 600 MB for ten thousand. */
const MOST_BYTES_PER_USER = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'needletail-memory-'));
const file = join(folder, 'load.js');
const nginx = await startNginx({ tls: false });
try {
  writeFileSync(
    file,
    `import { defineLoad } from 'needletail';
export default defineLoad({
  target: ${JSON.stringify(nginx.url)},
  load: { users: ${values.users}, duration: '8s' },
  async user({ http, think }) {
    await http.get('/');
    await think('10m');
  },
  teardown: () => console.error('rss ' + process.memoryUsage().rss),
});
`,
  );
  const ran = spawnSync(
    'bash',
    ['-c', `ulimit -n 65536; exec "$@"`, 'bash', process.execPath, COMMAND, 'run', file].concat(
      '--no-typecheck',
      '--quiet',
      '--json',
      '-',
    ),
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  const [, rss] = /rss (\d+)/.exec(ran.stderr) ?? [];
  if (rss === undefined) throw new Error(`no figure:\n${ran.stderr}`);
  const { ledger } = JSON.parse(ran.stdout) as { ledger: { ok: number } };
  const perUser = Number(rss) / Number(values.users);
  process.stdout.write(
    `${ledger.ok} of ${values.users} users connected, ${(Number(rss) / 1e6).toFixed(0)} MB resident, ` +
      `${(perUser / 1000).toFixed(1)} kB a user, ${(MOST_BYTES_PER_USER / 1000).toFixed(0)} kB allowed\n`,
  );
  if (perUser > MOST_BYTES_PER_USER) process.exitCode = 1;
} finally {
  await nginx.stop();
  rmSync(folder, { recursive: true, force: true });
}
