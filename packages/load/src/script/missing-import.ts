import { readdirSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { PlanFault } from '../plan/errors.ts';
import { quoted } from '../plan/errors.ts';
import { didYouMean } from '../plan/suggest.ts';
import { isOwnPackage } from './script-packages.ts';

/** What to say of an import that leads nowhere: names that are near, among the files or the packages that there are. */
export function missingImport(specifier: string, importer: string, cwd: string): PlanFault {
  const from = dirname(resolve(cwd, importer));
  if (isOwnPackage(specifier)) {
    return {
      code: 'SCRIPT_IMPORT',
      problem: 'Import not found',
      cause: `needletail has no ${quoted(specifier)}`,
      where: '',
      remedy: 'Import from needletail.',
    };
  }
  const isFile = /^\.{0,2}\//.test(specifier);
  return {
    code: 'SCRIPT_IMPORT',
    problem: 'Import not found',
    cause: isFile
      ? `there is no ${quoted(specifier)} beside ${basename(importer)}`
      : `no package ${quoted(packageOf(specifier))} is installed`,
    where: '',
    remedy: isFile ? fileRemedy(specifier, from) : packageRemedy(specifier, from),
  };
}

function fileRemedy(specifier: string, from: string): string {
  const folder = resolve(from, dirname(specifier));
  const names = namesIn(folder);
  if (names === null) return `There is no folder ${folder} either.`;
  const wanted = basename(specifier);
  const bare = basename(specifier, extname(specifier));
  // `./cart.js` where there is a `cart.ts` is a file under another extension.
  const sameName = names.find((name) => basename(name, extname(name)) === bare);
  const hint =
    sameName === undefined ? didYouMean(wanted, names) : `Did you mean ${quoted(sameName)}? `;
  return `${hint}Looked in ${folder}.`;
}

function packageRemedy(specifier: string, from: string): string {
  const name = packageOf(specifier);
  const known = new Set<string>();
  for (let folder = from; ; folder = dirname(folder)) {
    for (const entry of namesIn(join(folder, 'node_modules')) ?? []) {
      if (!entry.startsWith('@')) known.add(entry);
      else {
        for (const scoped of namesIn(join(folder, 'node_modules', entry)) ?? []) {
          known.add(`${entry}/${scoped}`);
        }
      }
    }
    if (known.has(name)) return `${name} is installed, but has no such entry (${specifier}).`;
    if (folder === dirname(folder)) break;
  }
  return `${didYouMean(name, known)}Install it: npm install ${name}.`;
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Null when there is no such folder. */
function namesIn(folder: string): readonly string[] | null {
  try {
    return readdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
