import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BENCH = fileURLToPath(new URL('../../', import.meta.url));
const COMMAND = fileURLToPath(new URL('../../../packages/cli/bin/needletail.js', import.meta.url));

const PEER_FOLDERS = [join(BENCH, 'peers/node_modules/.bin'), join(BENCH, 'peers/bin')];

/** A load generator on this machine, told to keep 50 connections busy with one GET for so many seconds. */
export interface Tool {
  readonly name: string;
  /** Null when it is not installed here. */
  readonly program: string | null;
  /** Its arguments, or a `bash -c` line for a tool that needs a pipe. */
  arguments(url: string, seconds: number, connections: number): readonly string[];
  readonly inShell?: true;
  /** Requests answered, read from what it printed. */
  requests(output: string, seconds: number): number;
}

function number(pattern: RegExp, output: string, name: string): number {
  const match = pattern.exec(output);
  if (match === null) throw new Error(`${name} printed no count of requests:\n${output}`);
  return Number(match[1]!.replaceAll(',', ''));
}

/** Where a program is: on the PATH, or among the peers installed by `npm run peers` in this folder. */
function locate(program: string): string | null {
  const folders = [...PEER_FOLDERS, ...(process.env['PATH'] ?? '').split(delimiter)];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path)) ?? null;
}

const OURS = (url: string, seconds: number, connections: number): string[] => [
  COMMAND,
  url,
  '-c',
  String(connections),
  '-d',
  `${seconds}s`,
  '-k',
  '--quiet',
  '--threshold',
  'none',
  '--json',
  '-',
];

const answeredByUs = (output: string): number => {
  const { ledger } = JSON.parse(output) as { ledger: { ok: number } };
  return ledger.ok;
};

export const needletailOnNode: Tool = {
  name: 'needletail (node)',
  program: process.execPath,
  arguments: OURS,
  requests: answeredByUs,
};

export const needletailOnBun: Tool = {
  name: 'needletail (bun)',
  program: locate('bun'),
  arguments: OURS,
  requests: answeredByUs,
};

export const wrk: Tool = {
  name: 'wrk',
  program: locate('wrk'),
  arguments: (url, seconds, connections) => ['-t1', `-c${connections}`, `-d${seconds}s`, url],
  requests: (output) => number(/(\d+) requests in/, output, 'wrk'),
};

const h2load: Tool = {
  name: 'h2load',
  program: locate('h2load'),
  arguments: (url, seconds, connections) => [
    '--h1',
    '-t1',
    `-c${connections}`,
    '-D',
    String(seconds),
    url,
  ],
  requests: (output) => number(/(\d+) succeeded/, output, 'h2load'),
};

const oha: Tool = {
  name: 'oha',
  program: locate('oha'),
  arguments: (url, seconds, connections) => [
    '--no-tui',
    '--insecure',
    '-c',
    String(connections),
    '-z',
    `${seconds}s`,
    '--output-format',
    'json',
    url,
  ],
  requests: (output) => {
    const { statusCodeDistribution } = JSON.parse(output) as {
      statusCodeDistribution: Record<string, number>;
    };
    return statusCodeDistribution['200'] ?? 0;
  },
};

const bombardier: Tool = {
  name: 'bombardier',
  program: locate('bombardier'),
  arguments: (url, seconds, connections) => [
    '-k',
    '-c',
    String(connections),
    '-d',
    `${seconds}s`,
    '-p',
    'r',
    url,
  ],
  requests: (output) => number(/2xx - (\d+)/, output, 'bombardier'),
};

const vegeta: Tool = {
  name: 'vegeta',
  program: locate('vegeta'),
  inShell: true,
  // Rate 0 with a fixed number of workers is its closed loop.
  arguments: (url, seconds, connections) => {
    const attack = `vegeta attack -insecure -rate 0 -max-workers ${connections} -duration ${seconds}s`;
    return ['-c', `echo 'GET ${url}' | ${attack} | vegeta report -type=json`];
  },
  requests: (output) => (JSON.parse(output) as { requests: number }).requests,
};

const hey: Tool = {
  name: 'hey',
  program: locate('hey'),
  arguments: (url, seconds, connections) => ['-c', String(connections), '-z', `${seconds}s`, url],
  requests: (output) => number(/\[200\]\s+(\d+) responses/, output, 'hey'),
};

const k6: Tool = {
  name: 'k6',
  program: locate('k6'),
  arguments: (url, seconds, connections) => {
    const folder = mkdtempSync(join(tmpdir(), 'needletail-k6-'));
    const script = join(folder, 'script.js');
    writeFileSync(
      script,
      `import http from 'k6/http'; export default function () { http.get('${url}'); }`,
    );
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    return [
      'run',
      '--quiet',
      '--no-usage-report',
      '--insecure-skip-tls-verify',
      '-u',
      String(connections),
      '-d',
      `${seconds}s`,
      script,
    ];
  },
  requests: (output) => number(/http_reqs\.*:\s+(\d+)/, output, 'k6'),
};

const autocannon: Tool = {
  name: 'autocannon',
  program: locate('autocannon'),
  arguments: (url, seconds, connections) => [
    '-c',
    String(connections),
    '-d',
    String(seconds),
    '-j',
    url,
  ],
  requests: (output) => (JSON.parse(output.slice(output.indexOf('{'))) as { '2xx': number })['2xx'],
};

const artillery: Tool = {
  name: 'artillery',
  program: locate('artillery'),
  inShell: true,
  // Its "quick" mode is a closed loop of so many requests for each of so many users; the report goes to a file only.
  arguments: (url, seconds, connections) => {
    const perUser = Math.round(12 * seconds);
    const load = `artillery quick --quiet -k -c ${connections} -n ${perUser} -o "$report" ${url}`;
    return ['-c', `report=$(mktemp); ${load} >/dev/null && cat "$report"; rm -f "$report"`];
  },
  requests: (output) => number(/"http\.codes\.200":\s*(\d+)/, output, 'artillery'),
};

/** Tools that people use today, in the order in which the table shows them. */
export const peers: readonly Tool[] = [
  h2load,
  oha,
  bombardier,
  vegeta,
  hey,
  k6,
  autocannon,
  artillery,
];

/** Runs one command to its end and gives its output and the processor time of it and its children, in seconds. */
export function timed(
  tool: Tool,
  argv: readonly string[],
): { readonly output: string; readonly cpuSeconds: number } {
  // bash times its children with the resolution of getrusage.
  const program = tool.inShell === true ? 'bash' : tool.program!;
  const ran = spawnSync(
    'bash',
    ['-c', 'TIMEFORMAT="cpu %3U %3S"; time "$@"', 'bash', program, ...argv],
    {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      env: {
        ...process.env,
        NO_COLOR: '1',
        PATH: `${PEER_FOLDERS.join(delimiter)}${delimiter}${process.env['PATH']}`,
      },
    },
  );
  const times = /cpu ([\d.]+) ([\d.]+)\s*$/.exec(ran.stderr);
  if (times === null || ran.status !== 0) {
    throw new Error(`${tool.name} ended with ${ran.status}:\n${ran.stdout}\n${ran.stderr}`);
  }
  return { output: ran.stdout, cpuSeconds: Number(times[1]) + Number(times[2]) };
}
