import type { Plan } from './plan.ts';

/** GETs of one address by one user for a second, one request at a time; nothing judged, nothing left out; `change` over it. */
export function plainPlan(url: string, change: Partial<Plan> = {}): Plan {
  return {
    name: null,
    target: url,
    requests: [{ name: 'GET /', method: 'GET', url, headers: [], body: null, weight: 1 }],
    order: 'sequence',
    load: { kind: 'constant', users: 1, durationMs: 1000 },
    maxRequests: null,
    maxIterations: null,
    connections: 100,
    preopen: 0,
    workers: 1,
    timeoutMs: 1000,
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
