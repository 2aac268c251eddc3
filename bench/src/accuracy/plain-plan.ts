import type { Plan } from '@needletail/load';

/** GETs of one address with the defaults of the command, `change` apart; no threshold, so only the measurement is judged. */
export function plainPlan(url: string, load: Plan['load'], change: Partial<Plan> = {}): Plan {
  const closedUsers = load.kind === 'constant' ? load.users : 200;
  return {
    name: null,
    target: url,
    requests: [{ name: 'GET /', method: 'GET', url, headers: [], body: null, weight: 1 }],
    order: 'sequence',
    load,
    maxRequests: null,
    maxIterations: null,
    connections: closedUsers,
    preopen: 'arrivals' in load ? 50 : 0,
    workers: 1,
    timeoutMs: 10_000,
    warmupMs: 0,
    thinkMs: 0,
    keepAlive: true,
    pipelining: 1,
    tls: { insecure: false, servername: null, ca: null },
    success: [{ from: 200, to: 399 }],
    onlyOk: false,
    thresholds: [],
    apdexMs: 500,
    seed: 1,
    feed: null,
    watch: [],
    script: null,
    ...change,
  };
}

/** So many requests a second, evenly spaced or as a Poisson process. */
export function atRate(
  rate: number,
  seconds: number,
  arrivals: 'even' | 'poisson' = 'even',
): Plan['load'] {
  return { kind: 'rate', rate, durationMs: seconds * 1000, arrivals };
}

/** So many users, each asking again as soon as it is answered. */
export function withUsers(users: number, seconds: number): Plan['load'] {
  return { kind: 'constant', users, durationMs: seconds * 1000 };
}
