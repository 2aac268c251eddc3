import { SharedHeads, systemClock } from '@needletail/wire';
import type { PoolLimits } from '../model/client-options.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { AnswerTurn } from './answer-turn.ts';
import type { NetworkConnectors } from './connectors.ts';
import { Deadlines } from './deadlines.ts';
import type { ConnectionWatch } from './exchange-watch.ts';
import {
  openConnectors,
  transportOver,
  type NetworkParts,
  type NetworkTransportOptions,
} from './network-transport.ts';
import { NO_CONNECTIONS } from './no-connections.ts';
import { PartitionLinks } from './partition-links.ts';
import { ampleLimitsOf } from './pool-limits.ts';
import { closedError } from './pool.ts';
import { PoolTurns } from './pool-turns.ts';
import { sendTo } from './send-to.ts';
import type { PoolStatus, ResponseReceiver, Transport, TransportResponse } from './transport.ts';
import { WireRoutes } from './wire-routes.ts';
import type { SharedWire } from './wire-transport.ts';

export interface PartitionedNetworkOptions extends NetworkTransportOptions {
  /** For each partition; none unless set. Idle connections are kept as long as the server keeps them. */
  readonly limits?: PoolLimits | undefined;
  readonly watch?: ConnectionWatch | undefined;
}

/** One user's share of a network: connections that no other user gets. */
export interface NetworkPartition extends Transport {
  readonly pool: PoolStatus;
  /** For WebSockets, over the same proxies and TLS settings. */
  readonly connector: NetworkConnectors['tunnelled'];
  /** Drops the connections of this partition, and rejects what is under way on them; it opens new ones when asked again. */
  reset(): void;
}

/**
 * One pool for thousands of users who must not share connections: TLS settings, resolved names, timers and limits of time
 * are shared, connections are not. Requests leave in the very turn they are made in; nothing is sent a second time.
 */
export interface PartitionedNetwork {
  partition(): NetworkPartition;
  /** Closes every partition; later calls of their `send` reject with ClosedError. */
  close(): Promise<void>;
}

/** Throws InvalidRequestError (INVALID_OPTION) for options that cannot work. */
export function openPartitionedNetwork(options: PartitionedNetworkOptions): PartitionedNetwork {
  return new Partitions(options);
}

class Partitions implements PartitionedNetwork {
  readonly #connectors: NetworkConnectors;
  readonly #parts: NetworkParts;
  readonly #watch: ConnectionWatch | null;
  /** Those that have, or may have, connections. */
  readonly #inUse = new Set<Partition>();
  #isClosed = false;

  constructor(options: PartitionedNetworkOptions) {
    const { http2, limits = {}, clock = systemClock, watch = null } = options;
    this.#connectors = openConnectors(options);
    this.#watch = watch;
    const source = lent(this.#connectors);
    const { maxKeepAlive, keepAliveExpiry } = ampleLimitsOf(limits);
    const shared: SharedWire = {
      turns: new PoolTurns(clock),
      deadlines: new Deadlines(clock),
      routes: new WireRoutes(source, maxKeepAlive > 0 && keepAliveExpiry > 0),
      isPrompt: true,
      answerTurn: new AnswerTurn(clock),
      sharedHeads: new SharedHeads(),
      watch,
    };
    this.#parts = { source, http2, limits, clock, shared };
  }

  partition(): NetworkPartition {
    return new Partition(this);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#inUse].map((partition) => partition.close()));
    this.#connectors.close();
  }

  // ── from the partitions ──

  get isClosed(): boolean {
    return this.#isClosed;
  }

  transportFor(partition: Partition): Transport {
    this.#inUse.add(partition);
    return transportOver(this.#parts);
  }

  linksFor(partition: Partition): PartitionLinks {
    this.#inUse.add(partition);
    return new PartitionLinks(this.#connectors.tunnelled, this.#watch);
  }

  forget(partition: Partition): void {
    this.#inUse.delete(partition);
  }
}

/** Costs nothing to speak of before its first request. */
class Partition implements NetworkPartition {
  readonly #network: Partitions;
  #transport: Transport | null = null;
  #links: PartitionLinks | null = null;
  #isClosed = false;

  constructor(network: Partitions) {
    this.#network = network;
  }

  get pool(): PoolStatus {
    return this.#transport?.pool ?? NO_CONNECTIONS;
  }

  get connector(): NetworkConnectors['tunnelled'] {
    return (this.#links ??= this.#network.linksFor(this));
  }

  send(request: ClientRequest): Promise<TransportResponse> {
    const transport = this.#transport ?? this.#open();
    return transport === null ? Promise.reject(closedError(request)) : transport.send(request);
  }

  sendTo(request: ClientRequest, receiver: ResponseReceiver): void {
    const transport = this.#transport ?? this.#open();
    if (transport === null) receiver.failed(closedError(request));
    else sendTo(transport, request, receiver);
  }

  reset(): void {
    void this.#drop();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.#drop();
  }

  /** Null once it is too late. */
  #open(): Transport | null {
    if (this.#isClosed || this.#network.isClosed) return null;
    return (this.#transport = this.#network.transportFor(this));
  }

  #drop(): Promise<void> {
    const transport = this.#transport;
    this.#transport = null;
    this.#links?.drop();
    this.#links = null;
    this.#network.forget(this);
    return transport === null ? Promise.resolve() : transport.close();
  }
}

/** The same ways, for those who must not close them. */
function lent(connectors: NetworkConnectors): NetworkParts['source'] {
  return {
    keyOf: (url) => connectors.keyOf(url),
    connectorFor: (url) => connectors.connectorFor(url),
    requestForm: (url) => connectors.requestForm(url),
    extraHeaders: (url) => connectors.extraHeaders(url),
    openSocket: (url, alpn, signal) => connectors.openSocket(url, alpn, signal),
    close: () => {},
  };
}
