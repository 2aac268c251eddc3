import type { Plan } from './plan.ts';

/** Where a plan's connections go; every request of a plan goes to the same origin. */
export interface PlanTarget {
  readonly host: string;
  readonly port: number;
  /** Null over plain TCP. */
  readonly tls: {
    readonly servername: string;
    readonly insecure: boolean;
    readonly ca?: string;
  } | null;
}

export function targetOf(plan: Plan): PlanTarget {
  const url = new URL(plan.requests[0]?.url ?? plan.target);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const isTls = url.protocol === 'https:';
  const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port);
  if (!isTls) return { host, port, tls: null };
  const { insecure, servername, ca } = plan.tls;
  return {
    host,
    port,
    tls: { servername: servername ?? host, insecure, ...(ca === null ? {} : { ca }) },
  };
}
