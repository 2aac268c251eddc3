// Runs every example against the built-in target, each shortened to a second or two, and fails when one does.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startDemoTarget } from './demo-target-process.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COMMAND = 'packages/cli/bin/needletail.js';
/** Plans whose own length is too long for CI, and how to shorten them without changing what they show. */
const SHORTER: Readonly<Record<string, readonly string[]>> = {
  'mixed.yaml': ['-d', '2s'],
  'users.yaml': ['-d', '6s'],
};

/** The exit code of a run that went through but on a machine too busy to measure on: the example itself works. */
const INVALID_MEASUREMENT = 3;

function run(argv: readonly string[], env: NodeJS.ProcessEnv): boolean {
  const ran = spawnSync(process.execPath, argv, { cwd: ROOT, env, encoding: 'utf8' });
  const wasBusy = ran.status === INVALID_MEASUREMENT && /generator was the limit/.test(ran.stderr);
  const ok = ran.status === 0 || wasBusy;
  const note = wasBusy ? ' (ran, but this machine is too busy to measure on)' : '';
  process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} node ${argv.join(' ')}${note}\n`);
  if (!ok) process.stdout.write(`${ran.stdout}\n${ran.stderr}\nexit code ${ran.status}\n`);
  return ok;
}

const target = await startDemoTarget();
let failed = 0;
try {
  for (const file of readdirSync(`${ROOT}examples/scenarios`).toSorted()) {
    if (!file.endsWith('.ts')) continue;
    // Those that bring a server of their own have no base to set.
    const usesTarget = readFileSync(`${ROOT}examples/scenarios/${file}`, 'utf8').includes(
      '{{base}}',
    );
    const variables = usesTarget ? ['-e', `base=${target.url}`] : [];
    const argv = [COMMAND, 'run', `examples/scenarios/${file}`, '--no-live', ...variables];
    if (!run(argv, process.env)) failed += 1;
  }
  const tests = ['run', '--config', 'examples/vitest/vitest.config.ts'];
  if (!run(['node_modules/vitest/vitest.mjs', ...tests], process.env)) failed += 1;
  for (const file of readdirSync(`${ROOT}examples`).toSorted()) {
    const path = `examples/${file}`;
    const env = { ...process.env, BASE: target.url };
    let ok = true;
    if (file.endsWith('.yaml')) {
      const shorter = SHORTER[file] ?? [];
      ok = run([COMMAND, 'run', path, '-e', `base=${target.url}`, '--no-live', ...shorter], env);
    } else if (file.endsWith('.ts')) {
      ok = run(['--import', 'tsx', path], env);
    }
    if (!ok) failed += 1;
  }
} finally {
  target.stop();
}
if (failed > 0) {
  process.stderr.write(`examples: ${failed} failed\n`);
  process.exit(1);
}
process.stdout.write('examples: all ran\n');
