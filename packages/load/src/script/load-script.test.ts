import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { LoadDefinition } from '../scenario/definition.ts';
import type { ScriptLoadError } from './script-load-error.ts';
import { ScriptTree } from './script-tree.fixture.ts';

let tree: ScriptTree;
afterEach(() => tree.remove());

/** What the module of a plan exports. */
async function definitionIn(moduleUrl: string): Promise<LoadDefinition> {
  return ((await import(moduleUrl)) as { readonly default: LoadDefinition }).default;
}

const WRAPPED = (body: string): string =>
  `import { defineLoad } from 'needletail';\nexport default defineLoad({ target: 'http://h', ${body} });\n`;

describe('loadScript', () => {
  it('makes the plan of the default export and the flags, and a module that threads can import', async () => {
    tree = new ScriptTree({
      'load.ts': WRAPPED(
        "load: { users: 3 }, async user(): Promise<void> {}, name: 'shop' as string",
      ),
    });
    const plan = await tree.load('load.ts', { durationMs: 1000 });
    expect(plan).toMatchObject({ name: 'shop', load: { users: 3, durationMs: 1000 } });
    expect(plan.script).toMatchObject({ file: 'load.ts' });
    expect(await definitionIn(plan.script!.moduleUrl)).toMatchObject({ name: 'shop' });
  });

  it.each(['load.ts', 'load.mts', 'load.tsx', 'load.js', 'load.mjs'])('takes %s', async (file) => {
    tree = new ScriptTree({ [file]: WRAPPED('user() {}') });
    expect((await tree.load(file)).script!.file).toBe(file);
  });

  it.each(['load.cjs', 'load.cts'])(
    'takes CommonJS in %s, which may ask where it stands',
    async (file) => {
      tree = new ScriptTree({
        [file]: `const { defineLoad } = require('needletail');\nconst { sep } = require('node:path');\nmodule.exports = defineLoad({ target: 'http://h', name: __dirname + sep + __filename, user() {} });`,
      });
      expect((await tree.load(file)).name).toBe(`${tree.path}/${join(tree.path, file)}`);
    },
  );

  it('bundles a tree of local files, JSON, text, aliases and packages in TypeScript; others stay where they are', async () => {
    tree = new ScriptTree({
      'tsconfig.json':
        '{ // comments too\n "compilerOptions": { "paths": { "@lib/*": ["./src/lib/*"] } } }',
      'load/main.ts': `
        import { defineLoad, feed } from 'needletail';
        import { cart } from './steps/cart';
        import settings from '../settings.json';
        import query from './query.graphql';
        import { alias } from '@lib/alias.js';
        import { typed } from 'workspace-types';
        import legacy, { named } from 'legacy';
        import { modern } from 'modern/deep';
        import { scoped } from '@scope/only-import';
        import { EOL } from 'os';
        const later = await import('./steps/later.ts');
        const waited = await Promise.resolve('waited');
        export default defineLoad({
          target: 'http://h',
          data: feed<{ id: number }>([{ id: 1 }]),
          vars: {
            cart, port: settings.port, query, alias, typed, legacy: legacy.kind, named, modern, scoped,
            later: later.later, waited, eol: EOL,
            url: import.meta.url, dirname: import.meta.dirname, filename: import.meta.filename,
          },
          user() {},
        });`,
      'load/steps/cart.ts':
        "import { where } from './deep/where.ts';\nexport const cart: string = where;",
      'load/steps/deep/where.ts':
        'enum Kind { Deep = "deep" }\nexport const where = Kind.Deep + import.meta.url.slice(-8);',
      'load/steps/later.ts': "export const later = 'later';",
      'load/query.graphql': '{ a }',
      'settings.json': '{ "port": 81 }',
      'src/lib/alias.ts': "export const alias = 'alias';",
      'packages/types/package.json': '{ "name": "workspace-types", "exports": "./src/index.ts" }',
      'packages/types/src/index.ts': "export const typed: string = 'typed';",
      'node_modules/legacy/package.json': '{ "name": "legacy", "main": "main.js" }',
      'node_modules/legacy/main.js':
        "exports.kind = 'cjs ' + require('./part').part + ' ' + (typeof __filename);\nexports.named = 'named';",
      'node_modules/legacy/part.js': "exports.part = 'part';",
      'node_modules/modern/package.json':
        '{ "name": "modern", "type": "module", "exports": { "./deep": { "import": "./deep.mjs", "require": "./deep.cjs" } } }',
      'node_modules/modern/deep.mjs':
        "export const modern = import.meta.url.endsWith('/node_modules/modern/deep.mjs');",
      'node_modules/modern/deep.cjs': 'exports.modern = "wrong";',
      'node_modules/@scope/only-import/package.json':
        '{ "name": "@scope/only-import", "exports": { "import": "./i.mjs" } }',
      'node_modules/@scope/only-import/i.mjs': "export const scoped = 'scoped';",
    });
    tree.link('node_modules/workspace-types', 'packages/types');
    const { script } = await tree.load('load/main.ts');
    expect(script!.vars).toEqual({
      cart: 'deepwhere.ts',
      port: 81,
      query: '{ a }',
      alias: 'alias',
      typed: 'typed',
      legacy: 'cjs part string',
      named: 'named',
      modern: true,
      scoped: 'scoped',
      later: 'later',
      waited: 'waited',
      eol: '\n',
      url: `file://${tree.path}/load/main.ts`,
      dirname: join(tree.path, 'load'),
      filename: join(tree.path, 'load/main.ts'),
    });
  });

  it('lets CommonJS among the files ask for packages, and code have a require of its own', async () => {
    tree = new ScriptTree({
      'load.ts': `import { createRequire } from 'node:module';\nimport { part } from './part.cjs';\nconst require = createRequire(import.meta.url);\nconst again: { kind: string } = require('legacy');\n${WRAPPED('vars: { part, again: again.kind }, user() {}')}`,
      'part.cjs': "module.exports = { part: require('legacy').kind };",
      'node_modules/legacy/package.json': '{ "name": "legacy" }',
      'node_modules/legacy/index.js': "exports.kind = 'legacy';",
    });
    expect((await tree.load('load.ts')).script!.vars).toEqual({ part: 'legacy', again: 'legacy' });
  });

  it('imports of needletail only what the scenario uses', async () => {
    const packages = new Map([
      [
        'needletail',
        { url: 'file:///not/there.mjs', exports: ['defineLoad', 'formatSummary'], types: null },
      ],
    ]);
    tree = new ScriptTree({ 'load.ts': WRAPPED('user() {}') });
    expect(await tree.load('load.ts', {}, { packages })).toMatchObject({ target: 'http://h/' });
    tree.write({
      'uses.ts': `import { formatSummary } from 'needletail';\n${WRAPPED('user: formatSummary')}`,
    });
    await expect(tree.load('uses.ts', {}, { packages })).rejects.toThrow('not/there.mjs');
  });

  it('leaves nothing behind when the scenario cannot be loaded', async () => {
    tree = new ScriptTree({ 'load.ts': 'throw new Error(import.meta.url);' });
    const error = (await tree.load('load.ts').catch((cause: unknown) => cause)) as ScriptLoadError;
    const bundled = /\/[^\s:]*needletail-script-[^\s:]+?\.mjs/.exec(
      (error.cause as Error).stack!,
    )![0];
    expect(existsSync(dirname(bundled))).toBe(false);
  });
});

describe('loadScript, bad input', () => {
  const good = WRAPPED('user() {}');
  it.each<[string, Readonly<Record<string, string>>, string]>([
    [
      'a syntax error',
      { 'load.ts': 'const a = 1;\nconst ü = a +;\n' },
      'Syntax error: unexpected ";" (load.ts:2:14). Mend it.\n  2 | const ü = a +;\n    |              ^',
    ],
    [
      'an import of a file that is not there',
      { 'load.ts': "import { a } from './crat.ts';\nexport default a;", 'cart.ts': '' },
      'Import not found: there is no "./crat.ts" beside load.ts (load.ts:1:19). Did you mean "cart.ts"? Looked in TREE.\n  1 | import { a } from \'./crat.ts\';\n    |                   ^',
    ],
    [
      'an import by the wrong extension',
      { 'load.ts': "export * from './cart.mjs';", 'cart.json': '{}' },
      'Did you mean "cart.json"?',
    ],
    [
      'an import from a folder that is not there',
      { 'load.ts': "import './a/b.ts';" },
      'There is no folder TREE/a either.',
    ],
    [
      'a package that is not installed',
      { 'load.ts': "import 'fakre';", 'node_modules/faker/package.json': '{}' },
      'Import not found: no package "fakre" is installed (load.ts:1:8). Did you mean "faker"? Install it: npm install fakre.',
    ],
    [
      'an entry that a package does not have',
      { 'load.ts': "import '@a/b/c';", 'node_modules/@a/b/package.json': '{ "exports": {} }' },
      '@a/b is installed, but has no such entry (@a/b/c).',
    ],
    [
      'a name that needletail does not have',
      { 'load.ts': "import { defineLod } from 'needletail';\nexport default defineLod({});" },
      'Export not found: needletail has no defineLod (load.ts:1:10).',
    ],
    [
      'an entry that needletail does not have',
      { 'load.ts': "import 'needletail/nothing';" },
      'Import not found: needletail has no "needletail/nothing" (load.ts:1:8). Import from needletail.',
    ],
    [
      'no default export',
      { 'load.ts': 'export const user = 1;' },
      'Not a scenario: there is no default export (load.ts). Write export default defineLoad(',
    ],
    [
      'another default export',
      { 'load.ts': 'export default 5;' },
      'Not a load definition: the default export is number 5 (load.ts).',
    ],
    [
      'an application for a target',
      { 'load.ts': 'export default { target: () => 1, user() {} };' },
      'Target without an address: target is an application',
    ],
    ['a wrong option', { 'load.ts': good.replace('user()', 'usr()') }, 'Did you mean "user"?'],
    [
      'a feed that is not there',
      { 'load.ts': WRAPPED("data: 'skus.csv', user() {}") },
      'skus.csv: there is no such file (data). Looked for TREE/skus.csv',
    ],
    ['an empty file', { 'load.ts': '' }, 'there is no default export (load.ts)'],
    [
      'a broken JSON import',
      { 'load.ts': "import './a.json';", 'a.json': '{"a": }' },
      'Syntax error: unexpected "}" in JSON (a.json:1:7)',
    ],
    [
      'a module that throws',
      {
        'load.ts': "import './cart.ts';\nexport default 1;",
        'cart.ts':
          "interface A {}\n\nfunction add(): never {\n  throw new TypeError('no cart.');\n}\nadd();",
      },
      'Scenario not loaded: it threw TypeError: no cart (load.ts). What stands at the top level of a module runs when it is loaded.\n    at add (cart.ts:4:9)\n    at cart.ts:6:1',
    ],
    [
      'a module that throws no error',
      { 'load.ts': "throw 'nothing';" },
      'it threw a value: nothing (load.ts)',
    ],
    [
      'a file that is not there',
      {},
      'Scenario not read: there is no such file (load.ts). Check the path.',
    ],
    ['a folder', { 'load.ts/x': '' }, 'Scenario not read: it is not a file (load.ts).'],
  ])('refuses %s', async (_, files, message) => {
    tree = new ScriptTree(files);
    const error: unknown = await tree.load('load.ts').catch((cause: unknown) => cause);
    expect((error as Error).message).toContain(message.replaceAll('TREE', tree.path));
    expect((error as ScriptLoadError).code).toMatch(/^(?:SCRIPT|PLAN)_/);
  });

  it('refuses a top-level await without an end', async () => {
    tree = new ScriptTree({ 'load.ts': `await new Promise(() => {});\n${good}` });
    await expect(tree.load('load.ts', {}, { loadTimeoutMs: 20 })).rejects.toThrow(
      'Top-level await without an end: it is not done after 0.02 s (load.ts). Wait in setup',
    );
  });

  it('refuses a loop without an end, and says where it stands', async () => {
    tree = new ScriptTree({
      'load.ts': `import { total } from './stock.ts';\nconsole.assert(total === 1);\n${good}`,
      'stock.ts': `export let total = 0;
function count(): void {
  while (total >= 0) {
    total = Math.abs(Math.cos(total));
  }
}
count();
`,
    });
    const refused = tree.load('load.ts', {}, { loadTimeoutMs: 1000 });
    await expect(refused).rejects.toThrow(
      /^Scenario hung while it was loaded: it kept its thread busy for 2 s without giving way, at count \(stock\.ts:[34]:\d+\) \(load\.ts\)\. Look for a loop without an end\./,
    );
  });

  it('refuses a module that ends its process', async () => {
    tree = new ScriptTree({ 'load.ts': `process.exit(0);\n${good}` });
    await expect(tree.load('load.ts')).rejects.toThrow(
      'Scenario not loaded: it ended its process, as process.exit() does (load.ts).',
    );
  });

  it('shows five faults and counts the others', async () => {
    const imports = Array.from({ length: 8 }, (_, index) => `import './none${index}.ts';`);
    tree = new ScriptTree({ 'load.ts': imports.join('\n') });
    const error = (await tree.load('load.ts').catch((cause: unknown) => cause)) as Error;
    expect(error.message.match(/Import not found/g)).toHaveLength(5);
    expect(error.message).toMatch(/\n… and 3 more\.$/);
  });
});
