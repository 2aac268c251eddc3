// Packs what users install, installs it in an empty folder, and does there what they do first: `needletail init`, run what
// it wrote, and let the compiler check it, also where it has a mistake. Other packages come from the registry.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDemoTarget } from './demo-target-process.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PACKED = ['stats', 'wire', 'client', 'server', 'load', 'report', 'cli'];
/** The compiler that most scenarios are checked with, and the types that those of this tool are built on. */
const BESIDE = ['typescript@5.9.3', '@types/node@20.19.43'];
const COMPILE = ['tsc', '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022'];
/** Passed, or measured on a machine that is too busy to trust the figures. */
const RAN = [0, 3];

interface Ran {
  readonly status: number | null;
  readonly text: string;
}

function run(program: string, argv: readonly string[], cwd: string): Ran {
  const { status, stdout, stderr } = spawnSync(program, argv, { cwd, encoding: 'utf8' });
  return { status, text: `${stdout}${stderr}` };
}

function expectStatus(what: string, ran: Ran, expected: readonly number[], words = ''): void {
  const isFine = expected.includes(ran.status ?? -1) && ran.text.includes(words);
  process.stdout.write(`${isFine ? 'ok  ' : 'FAIL'} ${what}\n`);
  if (isFine) return;
  process.stdout.write(`${ran.text}\nexit code ${ran.status}, expected ${expected.join(' or ')}\n`);
  process.exitCode = 1;
}

/** What a user of the server writes first: its types, its middleware, and a mistake that is told with its place. */
const SERVICE = `
import { App, type Plugin } from '@needletail/server';
import { requestId } from '@needletail/server/middleware';
const hello: Plugin = { name: 'hello', setup: (scope) => void scope.get('/hello', () => 'hello') };
const app = new App().use(requestId()).register(hello);
app.get('/users/:id', (c) => ({ id: c.params.id, request: c.locals.requestId }));
const { url } = await app.listen();
console.log(await (await fetch(url + '/hello')).text());
await app.close();
try {
  new App().route('get', '/', () => '');
} catch (error) {
  console.log(String(error));
}
`;

const folder = mkdtempSync(join(tmpdir(), 'needletail-install-'));
const target = await startDemoTarget();
try {
  const packs = join(folder, 'packs');
  const app = join(folder, 'app');
  for (const path of [packs, app]) mkdirSync(path);
  for (const name of PACKED) {
    const argv = ['pack', '--silent', '--pack-destination', packs];
    expectStatus(`npm pack ${name}`, run('npm', argv, join(ROOT, 'packages', name)), [0]);
  }
  writeFileSync(join(app, 'package.json'), '{ "private": true, "type": "module" }\n');
  const files = readdirSync(packs).map((name) => join(packs, name));
  const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', ...files, ...BESIDE];
  expectStatus('npm install', run('npm', install, app), [0]);

  const npx = (...argv: readonly string[]): Ran => run('npx', ['--no-install', ...argv], app);
  expectStatus('needletail init', npx('needletail', 'init', '--target', target.url), [0]);
  const few = ['-u', '2', '-i', '10', '--no-live'];
  expectStatus('needletail run load.ts', npx('needletail', 'run', 'load.ts', ...few), RAN);
  expectStatus('its types, in an editor', npx(...COMPILE, 'load.ts'), [0]);
  const wrong = readFileSync(join(app, 'load.ts'), 'utf8').replace('http.get(', 'http.gte(');
  writeFileSync(join(app, 'wrong.ts'), wrong);
  const refused = npx('needletail', 'run', 'wrong.ts', ...few);
  expectStatus('a mistake in it', refused, [2], "Property 'gte' does not exist");
  writeFileSync(join(app, 'service.ts'), SERVICE);
  const compiled = run('npx', ['--no-install', ...COMPILE, '--noEmit', 'false', 'service.ts'], app);
  expectStatus('the types of a server', compiled, [0]);
  const served = run('node', ['service.js'], app);
  expectStatus('a server', served, [0], 'hello\n');
  expectStatus('the place of a mistake in it', served, [0], 'at service.js:');
  expectStatus('an address', npx('needletail', target.url, '-n', '50', '-c', '2'), RAN);
} finally {
  target.stop();
  rmSync(folder, { recursive: true, force: true });
}
