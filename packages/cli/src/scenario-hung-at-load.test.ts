import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScenarioFolder } from './scenario-runs.fixture.ts';

// The built command on files that never finish loading: it ends all the same, before anything is sent.
let folder: ScenarioFolder;
beforeAll(async () => {
  folder = await ScenarioFolder.create('http://127.0.0.1:9');
});
afterAll(() => folder.remove());

const LONGEST_MS = 60_000;

const start = `import { defineLoad } from 'needletail';\n`;
const end = `export default defineLoad({ target: 'TARGET', user: ({ http }) => http.get('/') });\n`;

describe.concurrent('needletail run <scenario>, a file that never finishes loading', () => {
  it.each([
    [
      'an endless loop in it',
      { 'loop.ts': `${start}while (true) {}\n${end}` },
      /Scenario hung while it was loaded: .* s without giving way, at loop\.ts:2:\d+ \(loop\.ts\)\. Look for a loop/,
    ],
    [
      'an endless loop in what it imports',
      {
        'outer.ts': `${start}import { stock } from './lib/stock.ts';\nvoid stock;\n${end}`,
        'lib/stock.ts': `export let stock = 0;\nfor (;;) stock = Math.random();\n`,
      },
      /Scenario hung while it was loaded: .* at lib\/stock\.ts:2:\d+ \(outer\.ts\)\./,
    ],
    [
      'a top-level await of what never comes',
      { 'await.ts': `${start}await new Promise(() => {});\n${end}` },
      /Top-level await without an end: it is not done after 10 s \(await\.ts\)\. Wait in setup/,
    ],
    [
      'one in what it imports, with timers going',
      {
        'awaits.ts': `${start}import './lib/connect.ts';\n${end}`,
        'lib/connect.ts': `setInterval(() => {}, 10);\nawait new Promise(() => {});\nexport {};\n`,
      },
      /Top-level await without an end: it is not done after 10 s \(awaits\.ts\)\./,
    ],
  ])('gives up %s', { timeout: 2 * LONGEST_MS }, async (_, files, message) => {
    for (const [name, text] of Object.entries(files)) await folder.write(name, text);
    const ended = await folder.refusedFile(Object.keys(files)[0]!);
    expect(ended.stderr).toMatch(message);
    expect(ended.tookMs).toBeLessThan(LONGEST_MS);
  });
});
