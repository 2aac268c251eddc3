import { Option, type Command } from 'commander';

/** Values of the flags as typed, before any of them is understood; absent ones are undefined. */
export interface LoadFlagValues {
  readonly connections?: string;
  readonly users?: string;
  readonly duration?: string;
  readonly z?: string;
  readonly requests?: string;
  readonly rate?: string;
  readonly r?: string;
  readonly rps?: string;
  readonly iterations?: string;
  readonly stage?: string[];
  readonly rampUp?: string;
  readonly warmup?: string;
  readonly think?: string;
  readonly poisson?: boolean;
  readonly pipelining?: string;
  readonly keepalive: boolean;
  readonly workers?: string;
  readonly seed?: string;
  readonly method?: string;
  readonly X?: string;
  readonly header?: string[];
  readonly body?: string;
  readonly data?: string;
  readonly feed?: string;
  readonly env?: string[];
  readonly timeout?: string;
  readonly insecure?: boolean;
  readonly ca?: string;
  readonly servername?: string;
  readonly http2?: boolean;
  readonly onPort?: string;
  readonly watchPid?: string[];
  readonly watchMetrics?: string[];
  readonly watchMetric?: string[];
  readonly watchNode?: string[];
  readonly control?: string | true;
  readonly smoke?: boolean;
  readonly trace?: boolean;
  readonly controlToken?: string;
  readonly threshold?: string[];
  readonly onlyOk?: boolean;
  readonly json?: string;
  readonly csv?: string;
  readonly hgrm?: string;
  readonly quiet?: boolean;
  readonly live: boolean;
}

type Row = readonly [flags: string, description: string, kind?: 'repeat' | 'hidden'];

const groups: readonly (readonly [heading: string, rows: readonly Row[]])[] = [
  [
    'Load (closed loop unless a rate is given):',
    [
      [
        '-c, --connections <n>',
        'connections, each sending one request after another; with -R the most at a time (50)',
      ],
      ['-u, --users <n>', 'users with a connection each: the same as -c without a rate'],
      ['-d, --duration <time>', 'how long: 500ms, 10s, 1m30s; also -z (10s)'],
      ['-n, --requests <n>', 'end after this many requests: 10000, 10k, 1m'],
      [
        '-R, --rate <n>',
        'requests per second in total, due whether or not the target keeps up; also -r, --rps',
      ],
      ['-i, --iterations <n>', 'end after this many passes through the requests of a plan'],
      [
        '-s, --stage <time:n>',
        'ramp to n users (with -R: n requests/s) over this time; repeatable',
        'repeat',
      ],
      ['--ramp-up <time>', 'start the users one by one over this time'],
      ['--warmup <time>', 'load first for this long and leave it out of every figure (none)'],
      ['--think <time>', 'pause of a user between answer and next request'],
      [
        '--poisson',
        'with -R: random arrivals, as from many independent clients, instead of even ones',
      ],
      ['--pipelining <n>', 'requests in flight on one connection (1)'],
      ['--no-keepalive', 'open a new connection for each request'],
      ['-w, --workers <n>', 'generator threads (1)'],
      ['--seed <n>', 'for everything random; the same seed replays the same run (1)'],
      ['-z <time>', '', 'hidden'],
      ['-r <n>', '', 'hidden'],
      ['--rps <n>', '', 'hidden'],
    ],
  ],
  [
    'Request:',
    [
      ['-m, --method <name>', 'method; also -X (GET, or POST with a body)'],
      ['-H, --header <line>', "header, 'Name: value'; repeatable", 'repeat'],
      ['-b, --body <text>', 'body, or @file to read it from a file; also --data'],
      [
        '--feed <file>',
        'CSV, JSON or NDJSON rows for {{column}} slots in address, headers and body',
      ],
      ['-e, --env <name=value>', 'variable of a plan file, {{name}}; repeatable', 'repeat'],
      ['--timeout <time>', 'for one request, from when it was sent (10s)'],
      ['-k, --insecure', 'accept any certificate'],
      [
        '--ca <file>',
        'PEM file of the certificate authorities to trust, in place of those the runtime brings',
      ],
      ['--servername <name>', 'name to ask for and verify in TLS when it is not the host'],
      ['--http2', 'of a scenario: speak HTTP/2, offered over TLS, assumed without it'],
      ['-X <name>', '', 'hidden'],
      ['--data <text>', '', 'hidden'],
    ],
  ],
  [
    'Target:',
    [
      ['--on-port <port>', 'start the command after --, wait for this port, stop it after the run'],
      [
        '--watch-pid <pid>',
        'show processor, memory, threads and files of this process and all it started; repeatable',
        'repeat',
      ],
      [
        '--watch-metrics <url>',
        'show well-known figures of this Prometheus endpoint; repeatable',
        'repeat',
      ],
      ['--watch-metric <filter>', 'show these instead: \'name{label="x"}\'; repeatable', 'repeat'],
      [
        '--watch-node <host:port>',
        'show event loop and memory of a Node process started with --inspect; repeatable',
        'repeat',
      ],
    ],
  ],
  [
    'Judging:',
    [
      [
        '--threshold <rule>',
        "'p99 < 50ms', 'error rate < 1%', 'rps > 1000', '[GET /a] p95 < 80ms'; repeatable; none drops the error rate rule that applies by default",
        'repeat',
      ],
      ['--only-ok', 'leave failures, timeouts and drops out of the latency figures'],
    ],
  ],
  [
    'Output:',
    [
      ['--json <file>', 'everything measured; - prints it alone on standard output'],
      ['--csv <file>', 'one row per second'],
      ['--hgrm <file>', 'latency percentiles for HdrHistogram plotters'],
      ['--quiet', 'only errors and the verdict line, on standard error'],
      ['--no-live', 'a line a second instead of the live panel'],
      [
        '--smoke',
        'no load: send each request, or one iteration of each scenario, once and show which fail and why',
      ],
      [
        '--trace',
        'print each exchange in full on standard error: scenarios, best with -i 1, and anything with --smoke',
      ],
      [
        '--control [port]',
        'a local HTTP API to pause, change or end the run; prints its address and token',
      ],
      ['--control-token <text>', 'its token, instead of one made up'],
    ],
  ],
];

/** Gives a command the flags of a load test, grouped for `--help`; `without` names those it does not have. */
export function addLoadFlags(command: Command, without: readonly string[] = []): Command {
  for (const [heading, rows] of groups) {
    for (const [flags, description, kind] of rows) {
      const option = new Option(flags, description).helpGroup(heading).hideHelp(kind === 'hidden');
      if (without.includes(option.long ?? option.short ?? '')) continue;
      if (kind === 'repeat') option.argParser(collect);
      command.addOption(option);
    }
  }
  return command;
}

function collect(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value];
}
