import type { MiddlewareInput } from '../app/middleware.ts';
import type { Plugin, RouteScope } from '../app/route-scope.ts';
import { json, type Reply } from '../reply/reply.ts';
import { runChecks, type ReadinessCheck, type ReadinessReport } from './readiness.ts';
import { checkNames, type Names } from '../listen/check-names.ts';

export interface InternalOptions {
  /** `/_internal` unless given. */
  readonly prefix?: string;
  /** By name; ready while none of them rejects or gives false. None unless given. */
  readonly checks?: Readonly<Record<string, ReadinessCheck>>;
  /** For each check; 1,000 unless given. */
  readonly checkTimeoutMs?: number;
  /** How long the server goes on after it has said that it is not ready any more, so that a load balancer sees it; 0 unless given. */
  readonly drainDelayMs?: number;
  /** What `/info` says besides runtime, platform and uptime: a version, a commit. There is no `/info` unless given. */
  readonly info?: Readonly<Record<string, unknown>>;
  /** Around `/info`: `basicAuth`, `bearerAuth`; none unless given. */
  readonly infoUse?: readonly MiddlewareInput[];
}

const OPTIONS: Names<InternalOptions> = {
  prefix: true,
  checks: true,
  checkTimeoutMs: true,
  drainDelayMs: true,
  info: true,
  infoUse: true,
};

const FRESH = { 'Cache-Control': 'no-store' };

/**
 * What those who run the server ask: `/_internal/health` whether the process answers at all, `/_internal/ready` whether it
 * should be sent requests (503 while a check fails, and from the moment the server is told to close), and, only where it is
 * asked for, `/_internal/info`. Why a check failed is not told to everybody.
 */
export function internal(options: InternalOptions = {}): Plugin {
  checkNames('internal', options, OPTIONS);
  const { prefix = '/_internal', checks = {}, checkTimeoutMs = 1000, drainDelayMs = 0 } = options;
  return {
    name: 'internal',
    setup(scope) {
      let isDraining = false;
      let running: Promise<ReadinessReport> | null = null;
      scope.on('drain', async () => {
        isDraining = true;
        if (drainDelayMs > 0) await new Promise((resolve) => setTimeout(resolve, drainDelayMs));
      });
      scope.get(`${prefix}/health`, { isHidden: true }, () => say(200, { status: 'ok' }));
      scope.get(`${prefix}/ready`, { isHidden: true }, async () => {
        if (isDraining) return say(503, { status: 'draining' });
        // Probes that come together wait for the same checks.
        running ??= runChecks(checks, checkTimeoutMs).finally(() => (running = null));
        const report = await running;
        const status = report.isReady ? 'ready' : 'not ready';
        return say(report.isReady ? 200 : 503, { status, checks: report.checks });
      });
      if (options.info !== undefined) addInfo(scope, `${prefix}/info`, options);
    },
  };
}

function addInfo(scope: RouteScope, path: string, { info, infoUse = [] }: InternalOptions): void {
  const { bun } = process.versions as { readonly bun?: string };
  const runtime = bun === undefined ? `node ${process.versions.node}` : `bun ${bun}`;
  let server: string | null = null;
  let backend: string | null = null;
  scope.on('listen', (address) => {
    server = address.url;
    backend = address.backend;
  });
  scope.get(path, { isHidden: true, use: infoUse }, () =>
    say(200, {
      ...info,
      runtime,
      platform: `${process.platform} ${process.arch}`,
      server,
      backend,
      uptimeSeconds: Math.floor(process.uptime()),
    }),
  );
}

function say(status: number, body: unknown): Reply {
  return json(body, { status, headers: FRESH });
}
