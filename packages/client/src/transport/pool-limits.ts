import type { PoolLimits } from '../model/client-options.ts';

/** `limits` with what holds where they say nothing. */
export function poolLimitsOf(limits: PoolLimits): Required<PoolLimits> {
  const { maxConnections = 100 } = limits;
  return {
    maxConnections,
    maxConnectionsPerOrigin: limits.maxConnectionsPerOrigin ?? 50,
    maxKeepAlive: limits.maxKeepAlive ?? maxConnections,
    keepAliveExpiry: limits.keepAliveExpiry ?? 4000,
  };
}
