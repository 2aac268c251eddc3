import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { bundleScript } from './bundle-script.ts';
import { mapStack, stackMapperFor } from './map-stack.ts';
import { ScriptTree } from './script-tree.fixture.ts';

let tree: ScriptTree;
afterEach(() => tree.remove());

async function sourceOf(files: Readonly<Record<string, string>>) {
  tree = new ScriptTree(files);
  const bundle = await bundleScript(`${tree.path}/load.ts`, tree.path, new Map());
  const lineOf = (text: string): string => {
    const lines = bundle.code.split('\n');
    const line = lines.findIndex((one) => one.includes(text));
    return `${line + 1}:${lines[line].indexOf(text) + 1}`;
  };
  const moduleUrl = pathToFileURL('/tmp/made/load.mjs').href;
  return { source: { moduleUrl, map: bundle.map, cwd: tree.path }, lineOf };
}

const FILES = {
  'load.ts': `import { pay } from './steps/pay.ts';
import { typed } from 'typed';
interface Cart { id: number }

export async function checkout(cart: Cart): Promise<void> {
  await pay(cart.id); typed('called by checkout');
}
`,
  'steps/pay.ts': `type Id = number;
export function pay(id: Id): never {
  throw new TypeError(\`no cart \${id}\`);
}
`,
  'node_modules/typed/package.json': '{ "main": "typed.ts" }',
  'node_modules/typed/typed.ts':
    'export function typed(text: string): void {\n  throw new Error(text);\n}',
};

describe('mapStack', () => {
  it('shows lines of the files that were written, whatever the runtime calls the bundle', async () => {
    const { source, lineOf } = await sourceOf(FILES);
    const frames = (place: string): string =>
      [
        'TypeError: no cart 7',
        '  on two lines',
        `    at pay (${place}:${lineOf('new TypeError')})`,
        `    at async checkout (${place}:${lineOf('pay(cart.id)')})`,
      ].join('\n');
    const expected = [
      'TypeError: no cart 7',
      '  on two lines',
      '    at pay (steps/pay.ts:3:9)',
      '    at checkout (load.ts:6:9)',
    ].join('\n');
    expect(mapStack(frames('file:///tmp/made/load.mjs'), source)).toBe(expected);
    expect(mapStack(frames('/tmp/made/load.mjs'), source)).toBe(expected);
  });

  it('folds packages, the runtime and this tool to one line, and leaves them out below the last line of the user', async () => {
    const { source, lineOf } = await sourceOf(FILES);
    const stack = [
      'Error: x',
      `    at typed (file:///tmp/made/load.mjs:${lineOf('new Error(text)')})`,
      '    at emit (node:events:518:28)',
      `    at file:///tmp/made/load.mjs:${lineOf('typed("called')}`,
      '    at VirtualUser.run (file:///elsewhere/virtual-user.js:1:2)',
      '    at <anonymous>',
    ].join('\n');
    expect(mapStack(stack, source)).toBe(
      'Error: x\n    … 2 calls outside the scenario\n    at load.ts:6:23',
    );
  });

  it('leaves alone what is no stack', async () => {
    const { source } = await sourceOf(FILES);
    expect(mapStack('thrown text', source)).toBe('thrown text');
  });
});

describe('stackMapperFor', () => {
  it('maps what the module of a plan throws when it is called', async () => {
    tree = new ScriptTree({
      'load.ts': `interface A {}

function deep(value: A): never { throw new RangeError('from deep'); }
export default { target: 'http://h', user(): void { deep({}); } };
`,
    });
    const { script } = await tree.load('load.ts');
    const module = (await import(script!.moduleUrl)) as { default: { user: () => void } };
    let stack = '';
    try {
      module.default.user();
    } catch (error) {
      stack = (error as Error).stack!;
    }
    const mapped = stackMapperFor(script!)(stack).split('\n');
    expect(mapped).toHaveLength(3);
    expect(mapped[0]).toBe('RangeError: from deep');
    expect(mapped[1]).toMatch(/^ {4}at deep \(\S*load\.ts:3:40\)$/);
    expect(mapped[2]).toMatch(/^ {4}at user \(\S*load\.ts:4:53\)$/);
  });

  it('leaves stacks of a definition in the code of a test as they are', async () => {
    tree = new ScriptTree({ 'load.ts': 'export default { target: "http://h", user() {} };' });
    const { script } = await tree.load('load.ts');
    const stack = 'Error: x\n    at y (/a/b.ts:1:2)';
    expect(stackMapperFor({ ...script!, moduleUrl: '' })(stack)).toBe(stack);
  });
});
