import {
  appTransport,
  createNetworkTransport,
  listenerTransport,
  openPartitionedNetwork,
  type ConnectionWatch,
  type FetchApp,
  type NetworkTransportOptions,
  type NodeListener,
  type Transport,
} from '@needletail/client';
import { resolveHost } from '@needletail/wire';
import type { Recorder } from '../collect/recorder.ts';
import { OPEN_CONNECTIONS, OPENED } from '../collect/tally.ts';
import type { Plan } from '../plan/plan.ts';
import type { ScriptPlan } from '../plan/script-plan.ts';
import type { TargetLines, UserLine } from './script-thread.ts';

export interface NetworkLinesOptions {
  readonly plan: Plan;
  readonly script: ScriptPlan;
  readonly recorder: Recorder;
  /** Connections that users take turns on, all users of this thread; unused unless they are shared. */
  readonly maxConnections: number;
  /** Addresses of the target, resolved once for all threads. */
  readonly addresses: readonly string[];
}

/** Lines over the network: a partition of one network for each user, or one for all. */
export function openNetworkLines(options: NetworkLinesOptions): TargetLines {
  const { plan, script, recorder, maxConnections, addresses } = options;
  const isShared = script.connections === 'shared';
  const settings = networkSettings(plan, script, addresses);
  const network = openPartitionedNetwork({
    ...settings,
    watch: new CountedConnections(recorder),
    ...(isShared ? { limits: { maxConnections, maxConnectionsPerOrigin: maxConnections } } : {}),
  });
  const shared = isShared ? network.partition() : null;
  return {
    openLine(): UserLine {
      if (shared !== null) return { transport: shared, reset: () => undefined };
      const partition = network.partition();
      return { transport: partition, reset: () => partition.reset() };
    },
    plain: network.partition(),
    close: () => network.close(),
  };
}

/** The same way for requests that are not measured. */
export function openPlainTransport(
  plan: Plan,
  script: ScriptPlan,
  addresses: readonly string[],
): Transport {
  return createNetworkTransport(networkSettings(plan, script, addresses));
}

function networkSettings(
  plan: Plan,
  script: ScriptPlan,
  addresses: readonly string[],
): NetworkTransportOptions {
  const { insecure, servername, ca } = plan.tls;
  const host = hostOf(plan.target);
  return {
    tls: {
      insecure,
      ...(servername === null ? {} : { servername }),
      ...(ca === null ? {} : { ca }),
    },
    // The target is what is measured, not a proxy that happens to be set up for this machine.
    proxy: null,
    http2: script.http2,
    resolve: (name) => (name === host ? Promise.resolve(addresses) : resolveHost(name)),
  };
}

/** Lines to an application in this process; there are no connections. */
export function openLocalLines(app: FetchApp | NodeListener, isListener: boolean): TargetLines {
  const transport: Transport = isListener
    ? listenerTransport(app as NodeListener)
    : appTransport(app as FetchApp);
  return {
    openLine: () => ({ transport, reset: () => undefined }),
    plain: transport,
    close: () => transport.close(),
  };
}

class CountedConnections implements ConnectionWatch {
  readonly #recorder: Recorder;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  opened(connectMs: number, tlsMs: number): void {
    this.#recorder.connected(connectMs, tlsMs);
    const { counters } = this.#recorder.tally;
    counters[OPEN_CONNECTIONS]! += 1;
    counters[OPENED]! += 1;
  }

  closed(): void {
    this.#recorder.tally.counters[OPEN_CONNECTIONS]! -= 1;
  }
}

function hostOf(target: string): string {
  return new URL(target).hostname.replace(/^\[(.*)\]$/, '$1');
}
