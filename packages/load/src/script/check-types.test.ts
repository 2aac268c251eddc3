import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { ScriptTree } from './script-tree.fixture.ts';

let tree: ScriptTree;
afterEach(() => tree.remove());

// Tests run from source; scenarios import what was built.
const BUILT = new URL('../../dist/scenario', import.meta.url);
const packages = new Map([
  [
    'needletail',
    {
      url: `${BUILT.href}.js`,
      exports: ['defineLoad', 'feed'],
      types: fileURLToPath(`${BUILT.href}.d.ts`),
    },
  ],
]);

function load(file = 'load.ts') {
  return tree.load(file, {}, { typecheck: true, packages });
}

const SCENARIO = `import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'http://h',
  data: { rows: [{ sku: 'a', price: 3 }] },
  user({ data }) {
    const price: string = data.price;
    return price + data.skuu;
  },
});
`;

describe('loadScript, types', () => {
  it('refuses type errors with code, place and line, also where nothing is installed', async () => {
    tree = new ScriptTree({ 'load.ts': SCENARIO });
    const error = (await load().catch((cause: unknown) => cause)) as Error;
    expect(error).toMatchObject({ name: 'ScriptLoadError', code: 'SCRIPT_TYPES' });
    const lines = error.message.split('\n');
    expect(lines[0]).toBe(
      "Type error: Type 'number' is not assignable to type 'string' (TS2322, load.ts:6:11). Mend it, or run with --no-typecheck.",
    );
    expect(lines[1]).toBe('  6 |     const price: string = data.price;');
    expect(lines[2]).toBe('    |           ^');
    expect(lines[3]).toMatch(
      /^Type error: Property 'skuu' does not exist .* \(TS2551, load\.ts:7:25\)/,
    );
  });

  it('goes by the tsconfig.json beside the scenario, its aliases included', async () => {
    tree = new ScriptTree({
      'tsconfig.json':
        '{ "compilerOptions": { "strict": false, "noUnusedLocals": true, "rootDir": "src", "module": "esnext", "moduleResolution": "bundler", "paths": { "@lib/*": ["./lib/*"] } } }',
      'lib/loose.ts': 'export function loose(value) { const unused = 1; return value; }',
      'load/load.ts':
        "import { defineLoad } from 'needletail';\nimport { loose } from '@lib/loose.ts';\nexport default defineLoad({ target: 'http://h', user: loose });",
    });
    expect(await load('load/load.ts')).toMatchObject({ target: 'http://h/' });
  });

  it('leaves out what is wrong in packages and in JavaScript', async () => {
    tree = new ScriptTree({
      'load.ts':
        "import { x } from 'wrong';\nimport { defineLoad } from 'needletail';\nexport default defineLoad({ target: 'http://h', vars: { x }, user() {} });",
      'load.js': 'const a = 1; a.b.c; export default 5;'.replace('a.b.c; ', ''),
      'node_modules/wrong/package.json': '{ "main": "wrong.ts" }',
      'node_modules/wrong/wrong.ts':
        "export const x: number = 'text' as never as number;\nconst bad: number = 'text';",
    });
    expect((await load()).script!.vars).toHaveProperty('x');
    await expect(load('load.js')).rejects.toThrow('Not a load definition');
  });

  it('tells a syntax error before the type errors that it would cause', async () => {
    tree = new ScriptTree({ 'load.ts': `${SCENARIO}\nconst a = ;` });
    await expect(load()).rejects.toMatchObject({ code: 'SCRIPT_SYNTAX' });
  });
});
