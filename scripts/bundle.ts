// Joins what the compiler made of a package into few files, beside it in `dist/bundle`: a module costs the loader 0.3 ms of
// processor, and the wire and the client have two hundred. Other packages stay imports, so that each exists once.
import { build } from 'esbuild';
import { readdirSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Entries of each package: by name in the bundle, the compiled file. */
const PACKAGES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  wire: { index: 'index.js', websocket: 'websocket.js' },
  // The worker is started by its address, beside whoever starts it.
  client: {
    index: 'index.js',
    websocket: 'websocket.js',
    'parse-worker': 'batch/parse-worker.js',
  },
  server: {
    index: 'index.js',
    inject: 'inject.js',
    middleware: 'middleware.js',
    openapi: 'openapi.js',
    router: 'router.js',
  },
};

for (const [name, entries] of Object.entries(PACKAGES)) {
  const dist = `${ROOT}packages/${name}/dist`;
  const { metafile } = await build({
    entryPoints: Object.fromEntries(
      Object.entries(entries).map(([entry, file]) => [entry, `${dist}/${file}`]),
    ),
    outdir: `${dist}/bundle`,
    bundle: true,
    splitting: true,
    chunkNames: 'part-[hash]',
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: true,
    logLevel: 'warning',
    metafile: true,
  });
  const made = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
  for (const file of readdirSync(`${dist}/bundle`)) {
    if (!made.has(file)) rmSync(`${dist}/bundle/${file}`);
  }
}
