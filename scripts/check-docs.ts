// Runs what README.md and docs/ show: every command against the demo target (shortened), every plan through the parser,
// every TypeScript block as a program, or as a scenario when it exports one. An example works when it is accepted and comes to a verdict; a verdict of fail or
// invalid is about the machine and the target, not about the documentation.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@needletail/testkit/listening';
import { parsePlanFile, resolvePlan } from 'needletail';
import { startDemoTarget } from './demo-target-process.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COMMAND = join(ROOT, 'packages/cli/bin/needletail.js');
const DOCUMENTED_TARGET = 'http://localhost:3000';
const NOT_REFUSED = [0, 1, 3];
/** Files that examples name, so that they can be copied as they stand. */
const FILES: Readonly<Record<string, string>> = {
  'people.csv': 'id,name\n1,Ada\n2,Grace\n',
  'skus.csv': 'sku\nneedle\ntail\n',
  'terms.csv': 'term\nneedle\ntail\n',
  'cart.json': '{"sku":42}',
  'server.js': `import { createServer } from 'node:http';
createServer((_, reply) => reply.end('ok')).listen(process.env.PORT);
`,
};

/** A fenced block of a page. */
interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

function blocksOf(page: string): Block[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split('\n').length,
    language: match[1],
    text: match[2],
  }));
}

/** Shorter, with an address that answers, and without the comment; null for what is no command of ours. */
function runnable(line: string): string | null {
  const command = line.replace(/\s+#.*$/, '').replace(/\s*\|.*$/, '');
  if (!command.startsWith('npx needletail ')) return null;
  const argv = command.slice('npx needletail '.length).replaceAll(/ -d \d+m?s/g, ' -d 1s');
  const shorter = argv
    .replaceAll(/(-s|--stage) \d+m?s:/g, '$1 400ms:')
    .replaceAll(/--(ramp-up|warmup) \d+m?s/g, '--$1 500ms');
  const endsItself = /(^| )(-d|-n|-i|-s|run|demo|serve|backends|help|init|stress|sweep)( |$)/.test(
    shorter,
  );
  if (endsItself) return shorter.replace(/--port \d+/, '--port 0');
  return shorter.replace(/( -- |$)/, ' -d 1s$1');
}

/** Null when it works, else what went wrong. */
async function runCommand(argv: string, cwd: string, target: string): Promise<string | null> {
  const isServer = argv.startsWith('serve');
  // A search reports what it found so far when it is interrupted.
  const isSearch = /^(stress|sweep) /.test(argv);
  const port = `${await freePort()}`;
  const script = argv.includes('--on-port 3000')
    ? argv.replaceAll('3000', port)
    : argv.replaceAll(DOCUMENTED_TARGET, target);
  const limit = isServer || isSearch ? `timeout --preserve-status -s INT ${isSearch ? 4 : 2} ` : '';
  const ran = spawnSync('bash', ['-c', `${limit}"$node" "$command" ${script}`], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PORT: port, node: process.execPath, command: COMMAND },
  });
  const isBroken = /Unexpected failure|Nothing could be reached/.test(ran.stderr);
  const fine = isSearch ? [...NOT_REFUSED, 130] : NOT_REFUSED;
  if (fine.includes(ran.status ?? -1) && !isBroken) return null;
  return `exit code ${ran.status}\n${ran.stderr}`;
}

async function checkPlan({ text }: Block, file: string, cwd: string): Promise<string | null> {
  try {
    writeFileSync(join(cwd, file), text);
    await resolvePlan(parsePlanFile(text, file), {}, { cwd, readFile: readFileOf });
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function readFileOf(path: string): Promise<Uint8Array> {
  return Promise.resolve(readFileSync(path));
}

function runProgram({ text }: Block, cwd: string, target: string): string | null {
  const file = join(cwd, 'program.mts');
  writeFileSync(file, text.replaceAll(DOCUMENTED_TARGET, target));
  const ran = spawnSync(process.execPath, ['--import', 'tsx', file], { cwd, encoding: 'utf8' });
  return ran.status === 0 ? null : `exit code ${ran.status}\n${ran.stderr}`;
}

/** A scenario with its types checked, shortened by whatever its load allows. */
function runScenario({ text }: Block, cwd: string, target: string): string | null {
  writeFileSync(join(cwd, 'scenario.ts'), text.replaceAll(DOCUMENTED_TARGET, target));
  const hasOwnLoads = /scenarios: \{[\s\S]*load:/.test(text);
  const shorter = text.includes('stages:')
    ? ['-s', '300ms:2']
    : hasOwnLoads
      ? ['-d', '1s']
      : ['-u', '2', '-i', '4'];
  const ran = spawnSync(process.execPath, [COMMAND, 'run', 'scenario.ts', ...shorter], {
    cwd,
    encoding: 'utf8',
  });
  const isBroken = /Unexpected failure|Nothing could be reached/.test(ran.stderr);
  if (NOT_REFUSED.includes(ran.status ?? -1) && !isBroken) return null;
  return `exit code ${ran.status}\n${ran.stderr}`;
}

/** Plans first, so that the commands of a page find `plan.yaml`; one with variables is `variables.yaml`. */
async function checkPage(page: string, cwd: string, target: string): Promise<number> {
  let failed = 0;
  const report = (what: string, problem: string | null): void => {
    if (problem !== null) failed += 1;
    const detail = problem === null ? '' : `${problem.trimEnd()}\n`;
    process.stdout.write(`${problem === null ? 'ok  ' : 'FAIL'} ${what}\n${detail}`);
  };
  const blocks = blocksOf(page);
  const plans = blocks.filter(({ language }) => language === 'yaml');
  // Last to first: the first plan of a page is the one that stays behind as plan.yaml.
  for (const block of plans.toReversed()) {
    const local = { ...block, text: block.text.replaceAll(DOCUMENTED_TARGET, target) };
    const file = block.text.includes('vars:') ? 'variables.yaml' : 'plan.yaml';
    report(`${page}:${block.line} plan`, await checkPlan(local, file, cwd));
  }
  for (const block of blocks) {
    if (block.language === 'ts') {
      const isScenario = block.text.includes('export default defineLoad(');
      report(
        `${page}:${block.line} ${isScenario ? 'scenario' : 'program'}`,
        (isScenario ? runScenario : runProgram)(block, cwd, target),
      );
    }
    if (block.language !== 'sh') continue;
    for (const line of block.text.split('\n')) {
      const argv = runnable(line);
      if (argv === null) continue;
      // A rate replaces whatever shape a plan has, so that its length can be set too.
      const isLong = argv.startsWith('run ') && !argv.includes(' -d ');
      const short = isLong ? `${argv} -R 50 -d 1s` : argv;
      report(`${page}:${block.line} needletail ${short}`, await runCommand(short, cwd, target));
    }
  }
  return failed;
}

/** Names that a page must explain and does not: flags of the help, fields of the schema. */
function missingNames(page: string, names: readonly string[]): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return names.filter((name) => !text.includes(`\`${name}\``) && !text.includes(`\`${name} `));
}

interface Schema {
  readonly type?: unknown;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}

function undocumented(): string[] {
  const help = spawnSync(process.execPath, [COMMAND, '--help'], { encoding: 'utf8' }).stdout;
  const flags = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z0-9-]+)/gm)].map(([, flag]) => flag);
  const schema = JSON.parse(
    readFileSync(join(ROOT, 'packages/report/schema/needletail.run-1.schema.json'), 'utf8'),
  ) as Schema & { readonly $defs: Readonly<Record<string, Schema>> };
  const namesIn = ({ properties, $ref }: Schema): string[] =>
    Object.keys(properties ?? schema.$defs[$ref?.split('/').at(-1) ?? '']?.properties ?? {});
  const { plan, generator, verdict, ...others } = schema.properties ?? {};
  const fields = [
    ...Object.keys(others).filter((name) => name !== 'tool'),
    ...namesIn(plan),
    ...namesIn(verdict),
    ...namesIn(generator).map((name) => `generator.${name}`),
  ];
  const explained = fields.map((name) => (others[name]?.type === 'array' ? `${name}[]` : name));
  return [
    ...missingNames('docs/command.md', flags),
    ...missingNames('docs/summary-json.md', explained),
  ];
}

// Inside the checkout, so that programs find its packages; beside node_modules, whose types nobody checks.
const scratch = join(ROOT, '.tmp');
mkdirSync(scratch, { recursive: true });
const cwd = mkdtempSync(join(scratch, 'check-docs-'));
for (const [name, content] of Object.entries(FILES)) writeFileSync(join(cwd, name), content);
const target = await startDemoTarget();
const missing = undocumented();
let failed = missing.length;
for (const name of missing) process.stdout.write(`FAIL nothing explains ${name}\n`);
try {
  const names = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const pages = names.filter((name) => name.endsWith('.md'));
  for (const page of ['README.md', ...pages.toSorted().map((name) => `docs/${name}`)]) {
    failed += await checkPage(page, cwd, target.url);
  }
} finally {
  target.stop();
  rmSync(cwd, { recursive: true, force: true });
}
process.stdout.write(failed === 0 ? 'docs: every example works\n' : `docs: ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
