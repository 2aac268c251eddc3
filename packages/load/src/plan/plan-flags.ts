/** Settings from the command line, all optional; they override those of a plan file. */
export interface PlanFlags {
  /** Users in the closed model, the most connections at a time in the open one. */
  readonly connections?: number | undefined;
  readonly users?: number | undefined;
  readonly durationMs?: number | undefined;
  readonly requests?: number | undefined;
  /** Per second; with stages, the rate they begin at. */
  readonly rate?: number | undefined;
  readonly iterations?: number | undefined;
  /** `30s:50` is 50 users, or with a rate 50 requests per second, reached 30 s later. */
  readonly stages?: readonly string[] | undefined;
  readonly rampUpMs?: number | undefined;
  readonly thinkMs?: number | undefined;
  readonly poisson?: boolean | undefined;
  readonly warmupMs?: number | undefined;
  readonly workers?: number | undefined;
  readonly pipelining?: number | undefined;
  readonly keepAlive?: boolean | undefined;
  readonly name?: string | undefined;
  readonly method?: string | undefined;
  /** `Name: value` lines; each replaces the headers of that name. */
  readonly headers?: readonly string[] | undefined;
  /** Text, or `@file` to send a file as it is. */
  readonly body?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly insecure?: boolean | undefined;
  /** PEM file. */
  readonly ca?: string | undefined;
  readonly servername?: string | undefined;
  /** Over TLS it is offered, without TLS it is spoken. Scenarios only. */
  readonly http2?: boolean | undefined;
  /** Replace those of the plan; `none` drops the error rate that is judged by default. */
  readonly thresholds?: readonly string[] | undefined;
  readonly onlyOk?: boolean | undefined;
  readonly feed?: string | undefined;
  /** `name=value` pairs. */
  readonly env?: readonly string[] | undefined;
  readonly seed?: number | undefined;
}

/** How a flag is called in messages. */
export const FLAG_LABEL: Readonly<Record<keyof PlanFlags, string>> = {
  connections: '-c/--connections',
  users: '-u/--users',
  durationMs: '-d/--duration',
  requests: '-n/--requests',
  rate: '-R/--rate',
  iterations: '-i/--iterations',
  stages: '-s/--stage',
  rampUpMs: '--ramp-up',
  thinkMs: '--think',
  poisson: '--poisson',
  warmupMs: '--warmup',
  workers: '-w/--workers',
  pipelining: '--pipelining',
  keepAlive: '--no-keepalive',
  name: '--name',
  method: '-m/--method',
  headers: '-H/--header',
  body: '-b/--body',
  timeoutMs: '--timeout',
  insecure: '-k/--insecure',
  ca: '--ca',
  servername: '--servername',
  http2: '--http2',
  thresholds: '--threshold',
  onlyOk: '--only-ok',
  feed: '--feed',
  env: '-e/--env',
  seed: '--seed',
};
