import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ImportKind, OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild';
import { isOwnPackage, ownModuleUrl, type ScriptPackages } from './script-packages.ts';

/** Names that stand in a bundle for what `import.meta` gives in the file they came from. */
export const META_DEFINES: Readonly<Record<string, string>> = {
  'import.meta.url': 'needletailMeta.url',
  'import.meta.dirname': 'needletailMeta.dirname',
  'import.meta.filename': 'needletailMeta.filename',
};

const OWN = 'needletail-own';
const META = 'needletail-meta';
const IS_TYPESCRIPT = /\.[cm]?tsx?$/;

/**
 * Decides what becomes part of a scenario's bundle: files of the user's, and packages that are TypeScript. Packages of
 * JavaScript stay where they are and are imported by absolute URL; those of this tool are the ones that are running.
 */
export function scriptImports(packages: ScriptPackages): Plugin {
  return {
    name: 'scenario',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, (given) => resolveBare(build, packages, given));
      build.onLoad({ filter: /.*/, namespace: OWN }, ({ path }) => ownModule(path, packages));
      build.onResolve({ filter: new RegExp(`^${META}:`) }, ({ path }) => ({
        path: path.slice(META.length + 1),
        namespace: META,
      }));
      build.onLoad({ filter: /.*/, namespace: META }, ({ path }) => metaModule(path));
      build.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: 'file' }, ({ path }) => source(path));
    },
  };
}

async function resolveBare(
  build: PluginBuild,
  packages: ScriptPackages,
  { path, importer, kind, resolveDir, namespace, pluginData, with: attributes }: OnResolveArgs,
): Promise<OnResolveResult | undefined> {
  if (pluginData === META || kind === 'entry-point' || path.startsWith(`${META}:`))
    return undefined;
  // What our own modules name are URLs already.
  if (namespace === OWN) return { path, external: true, sideEffects: false };
  if (isOwnPackage(path)) return resolveOwn(path, packages);
  const resolved = await build.resolve(path, {
    importer,
    kind,
    resolveDir,
    with: attributes,
    pluginData: META,
  });
  if (resolved.errors.length > 0 || resolved.external) return resolved;
  const isPackage = resolved.path.includes(`${sep}node_modules${sep}`);
  if (!isPackage || IS_TYPESCRIPT.test(resolved.path))
    return { ...resolved, pluginData: undefined };
  return { path: externalPath(resolved.path, kind), external: true };
}

function externalPath(path: string, kind: ImportKind): string {
  return kind === 'require-call' || kind === 'require-resolve' ? path : pathToFileURL(path).href;
}

function resolveOwn(path: string, packages: ScriptPackages): OnResolveResult | undefined {
  if (packages.has(path)) return { path, namespace: OWN, sideEffects: false };
  const url = ownModuleUrl(path);
  return url === null ? undefined : { path: url, external: true };
}

/**
 * Names one by one, so that what a scenario does not use is not imported: `needletail` brings the whole command, and each
 * thread would pay for it.
 */
async function ownModule(path: string, packages: ScriptPackages): Promise<{ contents: string }> {
  const scenarioUrl = ownModuleUrl('@needletail/load/scenario')!;
  const light = new Set(Object.keys((await import('../scenario.ts')) as object));
  const { url, exports } = packages.get(path)!;
  const exportOf = (names: readonly string[], from: string): string =>
    `export { ${names.join(', ')} } from ${JSON.stringify(from)};`;
  const contents = [
    exportOf(
      exports.filter((name) => light.has(name)),
      scenarioUrl,
    ),
    exportOf(
      exports.filter((name) => !light.has(name)),
      url,
    ),
  ].join('\n');
  return { contents };
}

function metaModule(path: string): { contents: string } {
  const meta = { url: pathToFileURL(path).href, dirname: dirname(path), filename: path };
  return { contents: `export default ${JSON.stringify(meta)};` };
}

const LOADERS = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.jsx': 'jsx',
} as const;

/** Imports are evaluated before the module they stand in, wherever they stand in it: at its end they move no line. */
async function source(
  path: string,
): Promise<{ contents: string; loader: (typeof LOADERS)[keyof typeof LOADERS] }> {
  const text = await readFile(path, 'utf8');
  const loader = LOADERS[extname(path) as keyof typeof LOADERS];
  if (/\bimport\s*\.\s*meta\b/.test(text)) {
    const wanted = JSON.stringify(`${META}:${path}`);
    return { contents: `${text}\nimport needletailMeta from ${wanted};`, loader };
  }
  // Only CommonJS has these two, and there everything stays on the first line.
  if (/\b__(?:dirname|filename)\b/.test(text) && !/^\s*(?:import|export)\b/m.test(text)) {
    const here = `var __dirname = ${JSON.stringify(dirname(path))}, __filename = ${JSON.stringify(path)};`;
    return { contents: text.startsWith('#!') ? text : here + text, loader };
  }
  return { contents: text, loader };
}

/** Name of the bundle of a file. */
export function bundleName(file: string): string {
  return `${basename(file).replace(/\.[^.]*$/, '')}.mjs`;
}
