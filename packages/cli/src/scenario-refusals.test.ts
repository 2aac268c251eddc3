import { describe, expect, it } from 'vitest';
import { folder, shop, useShop } from './scenario-runs.fixture.ts';

// Whole runs of the built command on scenario files, against a shop that keeps its own books: what the report says is held
// against them.
useShop();

const valid = `import { defineLoad } from 'needletail';\n`;

describe('needletail run <scenario>: what is refused before the run', () => {
  it.each([
    [
      'a syntax error',
      `${valid}export default defineLoad({\n  target: 'TARGET',\n  user: async ( => {},\n});`,
      [/bad\.ts:4:\d+/, /user: async \( =>/],
    ],
    [
      'a type error',
      `${valid}const users: number = 'many';\nexport default defineLoad({\n  target: 'TARGET',\n  load: { users },\n  user: () => {},\n});`,
      [/bad\.ts:2:\d+/, /const users: number = 'many'/, /TS2322/],
    ],
    [
      'a text that is no duration, by its type',
      `${valid}export default defineLoad({\n  target: 'TARGET',\n  load: { users: 1, duration: '30 bananas' },\n  user: () => {},\n});`,
      [/Type error: not a duration: write it like 500ms.* \(TS2322, bad\.ts:4:21\)/],
    ],
    [
      'a user beside scenarios, by its type',
      `${valid}export default defineLoad({\n  target: 'TARGET',\n  user: () => {},\n  scenarios: { buy: { user: () => {} } },\n});`,
      [/Type error: a definition has one user or several scenarios.*bad\.ts:5:3\)/],
    ],
    [
      'a setting that there is not, by its type',
      `${valid}export default defineLoad({\n  target: 'TARGET',\n  treshold: [],\n  user: () => {},\n});`,
      [/'treshold' does not exist in a definition\. Did you mean to write 'thresholds'\?/],
    ],
    [
      'a missing export',
      `${valid}export const load = defineLoad({ target: 'TARGET', user: () => {} });`,
      [/default export/i],
    ],
    ['a default export that is none', `export default 42;`, [/42|number/]],
    [
      'a wrong option',
      `export default { target: 'TARGET', treshold: ['p99 < 1s'], user: () => {} };`,
      [/treshold/, /thresholds/],
    ],
    [
      'an import that is not there',
      `${valid}import { x } from './nowhere.ts';\nexport default defineLoad({ target: 'TARGET', user: () => x });`,
      [/nowhere/, /bad\.ts:2:/],
    ],
    [
      'a package that is not there',
      `${valid}import x from 'no-such-package-at-all';\nexport default defineLoad({ target: 'TARGET', user: () => x });`,
      [/no-such-package-at-all/, /bad\.ts:2:/],
    ],
    [
      'a module that throws',
      `${valid}throw new Error('not today');\nexport default defineLoad({ target: 'TARGET', user: () => {} });`,
      [/not today/, /bad\.ts:2:/],
    ],
    [
      'neither user nor scenarios',
      `${valid}export default defineLoad({ target: 'TARGET' });`,
      [/user/, /scenarios/i],
    ],
    [
      'a feed that is not there',
      `${valid}export default defineLoad({ target: 'TARGET', data: 'nowhere.csv', user: () => {} });`,
      [/nowhere\.csv/],
    ],
    [
      'a bad threshold',
      `${valid}export default defineLoad({ target: 'TARGET', thresholds: ['p99 <> 1s'], user: () => {} });`,
      [/p99 <> 1s/],
    ],
    [
      'a bad load',
      `${valid}export default defineLoad({ target: 'TARGET', load: { users: -1 }, user: () => {} });`,
      [/load\.users/],
    ],
    [
      'a setup that throws',
      `${valid}export default defineLoad({ target: 'TARGET', setup: () => { throw new Error('no database'); }, user: () => {} });`,
      [/setup failed: no database \(bad\.ts:2:\d+\)\./],
    ],
  ])('refuses %s', async (_, text, patterns) => {
    const { stderr } = await folder.refused(text);
    for (const pattern of patterns) expect(stderr).toMatch(pattern);
    expect(shop.seen).toEqual([]);
  });
});
