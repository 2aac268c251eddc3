// Joins what the compiler made of a package into few files, beside it in `dist/bundle`: a module costs the loader 0.3 ms of
// processor, and a run of the command has three hundred. Other packages stay imports, so that each exists once.
import { build } from 'esbuild';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LICENCES = 'LICENSES.txt';

/** Each package, with what it has beside its `exports`: programs and threads, which are started by their address. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  wire: [],
  stats: [],
  client: ['batch/parse-worker'],
  server: [],
  load: ['script/definition-worker'],
  report: [],
  cli: ['main', 'process/demo-target-process'],
};

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly default: string }>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Manifest;
}

/** What users install beside it stays an import; libraries among the `devDependencies` become part of the bundle. */
function externalOf(name: string): string[] {
  return Object.keys(manifestOf(`${ROOT}packages/${name}`).dependencies ?? {});
}

/** By its name in the bundle, the compiled file. */
function entriesOf(name: string): Record<string, string> {
  const folder = `${ROOT}packages/${name}`;
  const manifest = manifestOf(folder);
  const exported = Object.values(manifest.exports).map((entry) => basename(entry.default, '.js'));
  const paths = [...exported, ...PACKAGES[name]!];
  return Object.fromEntries(paths.map((path) => [basename(path), `${folder}/dist/${path}.js`]));
}

/** The licences of the libraries that became part of a bundle, each once, as they ask for. */
function licencesOf(inputs: readonly string[]): string {
  const folders = inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  return [...new Set(folders)]
    .filter((folder) => folder !== undefined)
    .map((folder) => {
      const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
      const file = readdirSync(`${ROOT}${folder}`).find((entry) => /^licen[cs]e/i.test(entry));
      if (file === undefined) throw new Error(`${name} has no licence to ship with the bundle.`);
      return `${name}\n\n${readFileSync(`${ROOT}${folder}/${file}`, 'utf8')}`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

for (const name of Object.keys(PACKAGES)) {
  const outdir = `${ROOT}packages/${name}/dist/bundle`;
  const { metafile } = await build({
    entryPoints: entriesOf(name),
    outdir,
    bundle: true,
    splitting: true,
    chunkNames: 'part-[hash]',
    external: externalOf(name),
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: true,
    logLevel: 'warning',
    metafile: true,
    absWorkingDir: ROOT,
  });
  const made = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
  const licences = licencesOf(Object.keys(metafile.inputs));
  if (licences !== '') {
    writeFileSync(`${outdir}/${LICENCES}`, licences);
    made.add(LICENCES);
  }
  for (const file of readdirSync(outdir)) {
    if (!made.has(file)) rmSync(`${outdir}/${file}`);
  }
}
