import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** A package of the running tool that scenarios may import wherever they stand, also where nothing is installed. */
interface ScriptPackage {
  readonly url: string;
  /** Names that it exports. */
  readonly exports: readonly string[];
  /** Its declarations, for checking types; null where there are none. */
  readonly types: string | null;
}

/** By the name that scenarios import. */
export type ScriptPackages = ReadonlyMap<string, ScriptPackage>;

const require = createRequire(import.meta.url);

/** Packages below this one, by name: those that scenarios get from it have to be those that it runs on itself. */
export function isOwnPackage(specifier: string): boolean {
  return specifier === 'needletail' || /^(?:@needletail|needletail)\//.test(specifier);
}

/** Scenarios run in threads, and those run what was built also when this thread runs the source, as in tests. */
function built(url: string): string {
  return url.replace(/\/src\/(.*)\.ts$/, '/dist/bundle/$1.js');
}

/** URL of a module of `@needletail/…` as this package sees it; null when there is none. */
export function ownModuleUrl(specifier: string): string | null {
  try {
    return built(pathToFileURL(require.resolve(specifier)).href);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'MODULE_NOT_FOUND' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return null;
    throw error;
  }
}
