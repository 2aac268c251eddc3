import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { exitCodes } from '../process/exit-code.ts';
import { describeFileTrouble } from '../process/file-trouble.ts';
import type { Shell } from '../process/shell.ts';
import { isScenario } from '../run/load-scenario.ts';

/** `needletail init`: writes a first scenario and nothing else; a file that is there stays as it is. */
export async function init(
  file: string,
  { target }: { readonly target: string },
  { cwd, stdout }: Pick<Shell, 'cwd' | 'stdout'>,
): Promise<number> {
  if (!isScenario(file)) {
    throw new UsageError(
      'SCENARIO_KIND',
      `Not a scenario: unknown kind of file (${file}). Name it .ts or .js.`,
    );
  }
  if (!URL.canParse(target) || !/^https?:\/\//i.test(target)) {
    throw new UsageError(
      'BAD_TARGET',
      `Not an address: a target is an http or https URL (${target}). Write it like http://localhost:3000.`,
    );
  }
  try {
    await writeFile(resolve(cwd, file), firstScenario(target), { flag: 'wx' });
  } catch (error) {
    throw notWritten(file, error as NodeJS.ErrnoException);
  }
  stdout.write(`Wrote ${file}. Run it: npx needletail run ${file}\n`);
  return exitCodes.passed;
}

function notWritten(file: string, error: NodeJS.ErrnoException): UsageError {
  const [cause, remedy] =
    error.code === 'EEXIST'
      ? ['it is there already, and stays as it is', 'Name another file.']
      : [describeFileTrouble(error), 'Choose another place.'];
  return new UsageError(
    'SCENARIO_NOT_WRITTEN',
    `Cannot write ${file}: ${cause} (${file}). ${remedy}`,
    {
      cause: error,
    },
  );
}

function firstScenario(target: string): string {
  return `import { defineLoad } from 'needletail';

export default defineLoad({
  // -e target=https://staging.example.com runs it against another one.
  vars: { target: ${JSON.stringify(target)
    .replaceAll("'", String.raw`\'`)
    .replace(/^"|"$/g, "'")} },
  target: '{{target}}',

  // Ten users, each one iteration after the other. { rate: 100 } would begin 100 iterations per second instead,
  // whatever the target does; stages, spikes and ramps: docs/scenarios.md.
  load: { users: 10, duration: '10s' },

  // What the run has to keep to pass. Error rates below 1% are judged without being asked for.
  thresholds: ['p95 < 500ms', 'checks > 99%'],

  // One iteration of one user. \`http\` has cookies and connections of its own.
  async user({ http, check, think, iteration }) {
    const home = await http.get('/');
    check(home, { 'home is there': (response) => response.status === 200 });

    // A pause, as people make them.
    await think('50ms', '150ms');

    // \`name\` makes one row of the report of all these addresses.
    await http.get(\`/?page=\${iteration}\`, { name: 'GET /?page' });
  },
});
`;
}
