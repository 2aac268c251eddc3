// Every path that ARCHITECTURE.md names in backquotes must exist, every package must be on its map, and every link from a page of
// the repository to another must lead there.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brokenLinks, markdownPages } from './markdown-links.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PAGES = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'docs',
  'decisions',
  'examples',
  'bench/README.md',
];
const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');

const named = [
  ...text.matchAll(/`((?:packages|bench|scripts|docs|decisions|examples|\.ci)\/[^`\s*]*)`/g),
].map((match) => match[1]!);
const missing = [...new Set(named)].filter((path) => !existsSync(join(ROOT, path)));
const unmapped = readdirSync(join(ROOT, 'packages')).filter(
  (name) => !text.includes(`packages/${name}/`),
);

for (const path of missing)
  process.stderr.write(`ARCHITECTURE.md names ${path}, which does not exist\n`);
for (const name of unmapped)
  process.stderr.write(`ARCHITECTURE.md does not mention packages/${name}/\n`);
if (named.length === 0) process.stderr.write('ARCHITECTURE.md names no paths: its map is gone\n');
const pages = markdownPages(ROOT, PAGES);
const broken = brokenLinks(ROOT, pages);
for (const { page, line, target, reason } of broken)
  process.stderr.write(`${page}:${line} links to ${target}: ${reason}\n`);
if (missing.length + unmapped.length + broken.length > 0 || named.length === 0) process.exit(1);
process.stdout.write(
  `map: ${new Set(named).size} paths exist, links of ${pages.length} pages lead there\n`,
);
