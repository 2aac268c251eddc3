import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The oldest that knows the options a scenario is checked with. */
const OLDEST_MAJOR = 5;

/** The compiler installed nearest to a scenario, else to this package: the file to run with this runtime. */
export function findTypeScript(scenario: string): string | null {
  for (const from of [scenario, import.meta.url]) {
    const manifest = resolveOrNull('typescript/package.json', from);
    if (manifest === null) continue;
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
    const tsc = join(dirname(manifest), 'bin', 'tsc');
    if (Number.parseInt(version, 10) >= OLDEST_MAJOR && existsSync(tsc)) return tsc;
  }
  return null;
}

/** Whether code in `from` could import `specifier` by itself. */
export function isInstalledFor(from: string, specifier: string): boolean {
  return resolveOrNull(specifier, from) !== null;
}

function resolveOrNull(specifier: string, from: string): string | null {
  try {
    return createRequire(from).resolve(specifier);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'MODULE_NOT_FOUND' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return null;
    throw error;
  }
}
