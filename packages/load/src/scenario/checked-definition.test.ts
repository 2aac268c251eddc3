import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { resolveDefinition } from '../plan/resolve-definition.ts';
import { findTypeScript } from '../script/find-typescript.ts';

// What was built is what an editor sees.
const DECLARATIONS = fileURLToPath(new URL('../../dist/scenario.d.ts', import.meta.url));

/** What the compiler says of a definition, in the end; null if nothing. */
interface Said {
  readonly column: number;
  readonly text: string;
}

/** Compiles definitions, one a line, as an editor would; what was said of each, in their order. */
function compile(definitions: readonly string[]): readonly (readonly Said[])[] {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'checked-definition-')));
  const head =
    "import { defineLoad } from 'needletail'; declare const text: string; declare const limit: number;";
  const lines = definitions.map((definition) => `defineLoad(${definition});`);
  writeFileSync(join(folder, 'load.ts'), [head, ...lines].join('\n'));
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'es2022',
    module: 'esnext',
    moduleResolution: 'bundler',
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [fileURLToPath(new URL('../../../../node_modules/@types', import.meta.url))],
    paths: { needletail: [DECLARATIONS] },
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['load.ts'] }),
  );
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [findTypeScript(import.meta.filename)!, '-p', folder, '--pretty', 'false'],
    { encoding: 'utf8', cwd: folder },
  );
  rmSync(folder, { recursive: true });
  const said: Said[][] = definitions.map(() => []);
  for (const entry of stdout.split(/\n(?! )/).filter((line) => line !== '')) {
    const place = /^load\.ts\((\d+),(\d+)\): error TS\d+: /.exec(entry);
    if (place === null) throw new Error(`${entry}\n${stderr}`);
    const text = entry.slice(place[0].length).split('\n').at(-1)!.trim();
    const column = Number(place[2]) - 'defineLoad('.length;
    said[Number(place[1]) - 2]!.push({ column, text });
  }
  return said;
}

const USER = 'user: ({ http }) => http.get("/")';
const written = (settings: object): string =>
  `{ target: 'http://h', ${JSON.stringify(settings).slice(1, -1)}, ${USER} }`;

const DURATIONS = {
  good: ['500ms', '10s', '1m30s', '1.5h', '1d2h3m4s5ms', ' 2h ', '30', '0.5'],
  bad: ['30 bananas', 'fast', '', '10 s', '1s1m', '1m1m', '-5s', 's', '10S', '1,5s'],
};
const COUNTS = {
  good: ['10', '1k', '1.5K', '1_000', '2,000', '10 k'],
  bad: ['many', '', 'k', '-5', '5x'],
};
const RATES = {
  good: ['20', '0.5', '2k', '600/m', '36k/h', '100 /s'],
  bad: ['fast', '5/x', '/s', '-5'],
};
const STATUSES = {
  good: [404, '404', '200-399', ' 200 - 299 '],
  bad: [99, 600, '4xx', '', '20', '200-', '200-700', '200..299'],
};
const THRESHOLDS = {
  good: [
    'none',
    'None',
    'p99 < 50ms',
    'p99.9 <= 1s',
    'p99.99<1.5s',
    ' median  <  800 us ',
    'latency time p50 < 1m',
    'max >= 1s',
    'service time max < 20ms',
    'error rate < 1%',
    'error-rate <= 0.05 %',
    'errors < 10',
    'RPS > 1000',
    'apdex > 0.9',
    'checks > 99%',
    'check[a < b] > 99%',
    'checks [a[0]] >= 1%',
    'counter[ orders ] > 100',
    'timing[checkout / pay] p95 < 300ms',
    'iteration p95 < 5s',
    'iteration time max < 5s',
    'iteration error rate < 1%',
    'iterations > 1000',
    '[GET /a[0]] p95 < 80ms for 1m30s, abort',
    '[GET /] error rate < 1%',
    'p99 < 1s , abort',
  ],
  bad: [
    'p99 < fifty',
    'p99',
    'p99 == 5ms',
    'p99 < 50',
    'p99 < 50%',
    'p99 < -5ms',
    'p99th < 1s',
    'latency < 1s',
    'error rate < 0.01',
    'rps > 10ms',
    'apdex > 5s',
    'check > 99%x',
    'check[a] > 1',
    'counter[a] > 1%',
    'timing[login] < 1s',
    'timing[login] p95 < 1',
    'iteration < 1s',
    'p99 < 5ms and p50 < 1ms',
    'p99 < 5ms, error rate < 1%',
    'p99 < 5ms for ever',
    '[GET /] apdex > 0.5',
    '[GET /] check[a] > 1%',
    '[GET /] service p99 < 5ms',
    'nnone',
    '',
  ],
};

/** The least of each shape, and every setting with a value that is right in itself. */
const SHAPES = [
  {},
  { scenario: 'constant' },
  { scenario: 'gradual', rampUp: '1s' },
  { scenario: 'spike', users: 5, spikeUsers: 5, spikeDuration: '1s' },
  { stages: [{ duration: '5s', users: 3 }] },
  { scenario: 'stages', stages: [{ duration: '5s', users: 3 }] },
  { stages: [{ duration: '5s', rate: 3 }] },
  { rate: 5 },
  { scenario: 'rate', rate: 5 },
  { scenario: 'rate-ramp', rate: 5, duration: '5s' },
  { scenario: 'poisson', rate: 5 },
  { scenario: 'iterations', iterations: 5 },
];
const SETTINGS = {
  users: 5,
  rate: 5,
  start: 1,
  duration: '5s',
  rampUp: '1s',
  think: '10ms',
  iterations: 10,
  arrivals: 'poisson',
  spikeUsers: 5,
  spikeDuration: '1s',
  maxUsers: 10,
};

function without(shape: object, key: string): object {
  return Object.fromEntries(Object.entries(shape).filter(([name]) => name !== key));
}

const CASES: readonly object[] = [
  ...['timeout', 'warmup', 'apdex'].flatMap((key) => [{ [key]: '1s500ms' }, { [key]: 'soon' }]),
  ...['workers', 'seed'].flatMap((key) => [{ [key]: '1' }, { [key]: 'some' }]),
  { load: { rate: 5, arrivals: 'evenly' } },
  ...[...DURATIONS.good, ...DURATIONS.bad].flatMap((text) => [
    { load: { duration: text } },
    {
      load: {
        stages: [
          { duration: '1s', users: 2 },
          { duration: text, users: 5 },
        ],
      },
    },
  ]),
  ...[...COUNTS.good, ...COUNTS.bad].map((text) => ({ load: { users: text } })),
  ...[...RATES.good, ...RATES.bad].map((text) => ({ load: { rate: text } })),
  ...[...STATUSES.good, ...STATUSES.bad].map((status) => ({ success: [200, status] })),
  ...[...THRESHOLDS.good, ...THRESHOLDS.bad].map((text) => ({ thresholds: ['rps > 1', text] })),
  ...SHAPES.flatMap((shape) => [
    { load: shape },
    ...Object.entries(SETTINGS).map(([key, value]) => ({ load: { [key]: value, ...shape } })),
    ...Object.keys(shape).map((key) => ({ load: without(shape, key) })),
  ]),
];

const MISTAKES: readonly (readonly [definition: string, at: string, message: string])[] = [
  [
    written({ load: { users: 5, duration: '30 bananas' } }),
    '"duration"',
    `Type '"30 bananas"' is not assignable to type '"not a duration: write it like 500ms, 10s, 1m30s or 2h"'.`,
  ],
  [
    written({ thresholds: ['error rate < 1%', 'p99 < fifty'] }),
    '"p99 < fifty"',
    `Type '"p99 < fifty"' is not assignable to type '"compare p99 with a time such as 50ms; only 'for 10s' and ', abort' may follow it"'.`,
  ],
  [
    written({ success: ['200-299', '4xx'] }),
    '"4xx"',
    `Type '"4xx"' is not assignable to type '"not a status from 100 to 599 or a range of them: write it like 404 or '200-399'"'.`,
  ],
  [
    written({ load: { rate: 50, users: 5 } }),
    '"users"',
    `Type 'number' is not assignable to type '"leave it out: a load with a rate has rate, duration, iterations, arrivals and maxUsers"'.`,
  ],
  [
    `{ target: 'http://h', ${USER}, scenarios: { buy: { ${USER} } } }`,
    'scenarios',
    `is not assignable to type '"a definition has one user or several scenarios: make the user one of the scenarios"'.`,
  ],
  [
    `{ target: 'http://h' }`,
    '{',
    `Property 'user' is missing in type '{ target: string; }' but required in type 'UserOrScenarios'.`,
  ],
  [
    `{ target: 'http://h', scenarios: { buy: { load: { users: 2, think: 'long' }, ${USER} } } }`,
    'think',
    `Type '"long"' is not assignable to type '"not a duration: write it like 500ms, 10s, 1m30s or 2h"'.`,
  ],
  [
    `{ target: 'http://h', scenarios: { buy: { weight: 2, load: { users: 2 }, ${USER} } } }`,
    'weight',
    `Type 'number' is not assignable to type '"a weight is a share of the load at the top: leave out weight or load"'.`,
  ],
  [
    `{ target: 'http://h', user: ({ think }) => think('1s', 'soon') }`,
    "'soon'",
    `Argument of type '"soon"' is not assignable to parameter of type '"not a duration: write it like 500ms, 10s, 1m30s or 2h"'.`,
  ],
  [
    written({ data: { people: { file: 'people.csv', pikc: 'random' } } }),
    '"people"',
    `is not assignable to type '"pikc is no setting of a feed, which has file or rows, format and pick"'.`,
  ],
  [
    `{ target: 'http://h', treshold: [], ${USER} }`,
    'treshold',
    `Did you mean to write 'thresholds'?`,
  ],
];

/** What is right although the compiler cannot know the text. */
const OPEN = [
  `{ target: 'http://h', load: { users: 5, duration: text }, ${USER} }`,
  `{ target: 'http://h', timeout: text, thresholds: [text, \`p99 < \${limit}ms\`], success: [text, limit], ${USER} }`,
  `{ target: 'http://h', thresholds: [50, 80].map((most) => \`p99 < \${most}ms\`), ${USER} }`,
  `{ target: 'http://h', vars: { most: '50ms' }, thresholds: ['p99 < {{most}}'], timeout: '{{most}}', ${USER} }`,
  `{ target: 'http://h', load: limit > 5 ? { users: 5 } : { rate: 5, maxUsers: 3 }, ${USER} }`,
];

let said: readonly (readonly Said[])[];
beforeAll(() => {
  said = compile([...CASES.map(written), ...MISTAKES.map(([definition]) => definition), ...OPEN]);
}, 60_000);

describe('defineLoad, as the compiler sees it', () => {
  it('refuses what is refused when it is loaded, and nothing else', async () => {
    const differing: unknown[] = [];
    for (const [index, settings] of CASES.entries()) {
      const definition = { target: 'http://h', user: () => undefined, ...settings };
      const atRun = await resolveDefinition(definition).then(
        () => null,
        (error: unknown) => (error as Error).message,
      );
      if ((atRun === null) === (said[index]!.length === 0)) continue;
      differing.push([settings, { atRun, inEditor: said[index] }]);
    }
    expect(differing).toEqual([]);
  });

  it.each(MISTAKES.map((mistake, index) => [mistake[2], mistake, index] as const))(
    'says %s',
    (_, [definition, at, message], index) => {
      const [first, ...more] = said[CASES.length + index]!;
      expect(more).toEqual([]);
      expect(first!.text).toContain(message);
      expect(definition.slice(first!.column - 1, first!.column - 1 + at.length)).toBe(at);
    },
  );

  it.each(OPEN.map((definition, index) => [definition, index] as const))('takes %s', (_, index) => {
    expect(said[CASES.length + MISTAKES.length + index]).toEqual([]);
  });
});
