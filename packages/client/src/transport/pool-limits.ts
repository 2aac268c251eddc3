import type { PoolLimits } from '../model/client-options.ts';

/** `limits` with none where they say nothing. */
export function ampleLimitsOf(limits: PoolLimits): Required<PoolLimits> {
  const { maxConnections = Infinity } = limits;
  return {
    maxConnections,
    maxConnectionsPerOrigin: limits.maxConnectionsPerOrigin ?? Infinity,
    maxKeepAlive: limits.maxKeepAlive ?? maxConnections,
    keepAliveExpiry: limits.keepAliveExpiry ?? Infinity,
  };
}

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
