import type { NetworkConnectors } from './connectors.ts';
import type { ConnectionWatch } from './exchange-watch.ts';
import type { NetworkTransportOptions } from './network-transport.ts';
import type { Transport } from './transport.ts';

export interface PartitionedNetworkOptions extends NetworkTransportOptions {
  readonly watch?: ConnectionWatch;
}

/** One user's share of a network: connections that no other user gets. */
export interface NetworkPartition extends Transport {
  /** For WebSockets, over the same proxies and TLS settings. */
  readonly connector: NetworkConnectors['tunnelled'];
  /** Drops the connections of this partition; it opens new ones when asked again. */
  reset(): void;
}

/**
 * One pool for thousands of users who must not share connections: TLS settings, resolved names, timers and limits of time
 * are shared, connections are not. Requests leave in the very turn they are made in; nothing is sent a second time.
 */
export interface PartitionedNetwork {
  partition(): NetworkPartition;
  close(): Promise<void>;
}
