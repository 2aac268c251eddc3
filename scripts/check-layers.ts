// Arrows point down only. TypeScript references and `exports` do not stop one workspace from importing another, so this
// does: it reads every import and every manifest, and holds them against the law below.
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What each package may import from the others. Tests may import testkit as well. */
const LAW: Readonly<Record<string, readonly string[]>> = {
  stats: [],
  wire: [],
  testkit: ['wire', 'load'],
  client: ['wire'],
  server: ['wire', 'stats'],
  load: ['client', 'wire', 'stats'],
  report: ['stats', 'load'],
  cli: ['stats', 'wire', 'client', 'server', 'load', 'report'],
};
/** Packages whose types only may be used: `import type`. */
const TYPES_ONLY: Readonly<Record<string, readonly string[]>> = {
  report: ['load'],
  testkit: ['load'],
};

const DRAWERS = /^(utils?|helpers?|common|misc|base|manager)(\.|$)/;
const MOST_LINES = 400;
const IMPORT = /^\s*(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'|import\('([^']+)'\)/gm;

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'dist' ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

function checkImports(name: string, path: string, isTest: boolean): string[] {
  const where = relative(ROOT, path);
  const allowed = [...LAW[name]!, ...(isTest ? ['testkit'] : [])];
  const problems: string[] = [];
  for (const [, typeOnly, from, dynamic] of readFileSync(path, 'utf8').matchAll(IMPORT)) {
    const specifier = from ?? dynamic ?? '';
    if (specifier.startsWith('.')) {
      const target = relative(join(ROOT, 'packages', name), join(dirname(path), specifier));
      if (target.startsWith('..'))
        problems.push(`${where}: reaches out of its package to ${specifier}`);
      continue;
    }
    const sibling = /^@needletail\/([a-z]+)/.exec(specifier)?.[1];
    if (sibling === undefined || sibling === name) continue;
    if (!allowed.includes(sibling)) problems.push(`${where}: ${name} may not import ${sibling}`);
    else if (TYPES_ONLY[name]?.includes(sibling) === true && !isTest && typeOnly === undefined) {
      problems.push(`${where}: ${name} may import only types of ${sibling}`);
    }
  }
  return problems;
}

function checkShape(path: string, isTest: boolean): string[] {
  const where = relative(ROOT, path);
  const text = readFileSync(path, 'utf8');
  const lines = text.split('\n').length;
  const problems: string[] = [];
  if (DRAWERS.test(basename(path)) || DRAWERS.test(basename(dirname(path)))) {
    problems.push(`${where}: named like a drawer. Name it for its main export`);
  }
  if (!isTest && lines > MOST_LINES) problems.push(`${where}: ${lines} lines. Split it by concept`);
  if (basename(path) === 'index.ts' && basename(dirname(path)) !== 'src') {
    problems.push(`${where}: a barrel inside a package`);
  }
  return problems;
}

function checkManifest(name: string): string[] {
  const manifest = JSON.parse(
    readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8'),
  ) as Manifest;
  const problems: string[] = [];
  for (const [entry, targets] of Object.entries(manifest.exports ?? {})) {
    const source = targets['@needletail/source'] ?? '';
    if (!/^\.\/src\/[^/]+\.ts$/.test(source)) {
      problems.push(`${manifest.name}: exports "${entry}" is not a file directly under src/`);
    }
  }
  for (const dependency of Object.keys(manifest.dependencies ?? {})) {
    const sibling = /^@needletail\/([a-z]+)/.exec(dependency)?.[1];
    if (sibling !== undefined && !LAW[name]!.includes(sibling)) {
      problems.push(`${manifest.name}: may not depend on ${dependency}`);
    }
  }
  return problems;
}

const problems = readdirSync(join(ROOT, 'packages')).flatMap((name) => {
  if (LAW[name] === undefined)
    return [`packages/${name}: unknown to the law in scripts/check-layers.ts`];
  const own = sources(join(ROOT, 'packages', name, 'src')).flatMap((path) => {
    const isTest = /\.(test|fixture)\.tsx?$/.test(path);
    return [...checkImports(name, path, isTest), ...checkShape(path, isTest)];
  });
  return [...checkManifest(name), ...own];
});

for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) {
  process.stderr.write(
    `\nlayers: ${problems.length} problems. DESIGN of the layers: ARCHITECTURE.md.\n`,
  );
  process.exit(1);
}
process.stdout.write('layers: every arrow points down\n');
