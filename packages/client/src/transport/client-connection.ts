import type { ClientOptions } from '../model/client-options.ts';
import { invalidOption } from '../model/invalid-option.ts';
import { openNetwork, type Network } from './network-transport.ts';
import type { Transport } from './transport.ts';

type NetworkOptions = Pick<
  ClientOptions,
  'limits' | 'tls' | 'proxy' | 'trustEnv' | 'http2' | 'socketPath'
>;

const OF_THE_NETWORK = ['limits', 'tls', 'proxy', 'trustEnv', 'http2', 'socketPath'] as const;

/** What a client sends over: a network of its own, that of the client it extends, or a transport it was given. */
export class ClientConnection {
  readonly transport: Transport;
  readonly #network: Network | null;
  readonly #options: NetworkOptions;
  readonly #isOwn: boolean;

  private constructor(
    transport: Transport,
    network: Network | null,
    options: NetworkOptions,
    isOwn: boolean,
  ) {
    this.transport = transport;
    this.#network = network;
    this.#options = options;
    this.#isOwn = isOwn;
  }

  /** Throws InvalidRequestError for options that cannot work. */
  static of(options: ClientOptions): ClientConnection {
    return ClientConnection.#make(networkOptionsOf(options), options.transport);
  }

  /** The way that a client with these options goes: the same, unless they ask for another. */
  extend(options: ClientOptions): ClientConnection {
    const changes = networkOptionsOf(options);
    if (options.transport === undefined && Object.keys(changes).length === 0) {
      return new ClientConnection(this.transport, this.#network, this.#options, false);
    }
    return ClientConnection.#make({ ...this.#options, ...changes }, options.transport);
  }

  static #make(options: NetworkOptions, given: Transport | undefined): ClientConnection {
    if (given === undefined) {
      const network = openNetwork(options);
      return new ClientConnection(network.transport, network, options, true);
    }
    if (typeof given?.send !== 'function') {
      throw invalidOption('transport', given, 'has no method send', 'Give a Transport');
    }
    return new ClientConnection(given, null, options, false);
  }

  /** For a WebSocket, which needs links instead of responses; null over a transport that has none. */
  get connector(): Network['connectors']['tunnelled'] | null {
    return this.#network?.connectors.tunnelled ?? this.transport.connector ?? null;
  }

  /** Closes what was opened here; what was given or belongs to another client stays. */
  async close(): Promise<void> {
    if (this.#isOwn) await this.transport.close();
  }
}

function networkOptionsOf(options: ClientOptions): NetworkOptions {
  const given = OF_THE_NETWORK.filter((name) => options[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, options[name]]));
}
