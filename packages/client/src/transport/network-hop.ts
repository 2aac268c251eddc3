import { Dialer, LinkError, type Clock, type TcpTarget, type TlsSettings } from '@needletail/wire';
import type { AddressCache } from './address-cache.ts';

export interface HopSettings {
  readonly host: string;
  readonly port: number;
  readonly socketPath?: string | undefined;
  readonly tls?: TlsSettings | undefined;
  /** Puts failures to get there, name resolution included, in the words of whoever asks. */
  readonly explain?: ((error: LinkError) => Error) | undefined;
  readonly addresses: AddressCache;
  readonly clock: Clock;
}

/** RFC 8305 §8. */
const ATTEMPT_DELAY_MS = 250;

/** One machine to connect to, by name: the target, or a proxy. Keeps its dialer as long as the name stands for the same. */
export class NetworkHop {
  readonly #settings: HopSettings;
  #dialer: Dialer | null = null;
  #known: readonly string[] = [];

  constructor(settings: HopSettings) {
    this.#settings = settings;
  }

  /** At once when the addresses are known; rejects with DNS_FAILED. Limits of time are the caller's. */
  dialer(): Dialer | Promise<Dialer> {
    const { socketPath, addresses, host } = this.#settings;
    if (socketPath !== undefined) return (this.#dialer ??= this.#dialerFor([]));
    const answer = addresses.addressesOf(host);
    return answer instanceof Promise ? this.#whenResolved(answer) : this.#dialerTo(answer);
  }

  async #whenResolved(answer: Promise<readonly string[]>): Promise<Dialer> {
    const { explain } = this.#settings;
    try {
      return this.#dialerTo(await answer);
    } catch (error) {
      throw error instanceof LinkError && explain !== undefined ? explain(error) : error;
    }
  }

  #dialerTo(addresses: readonly string[]): Dialer {
    if (this.#dialer === null || !isSame(addresses, this.#known)) {
      this.#known = addresses;
      this.#dialer = this.#dialerFor(addresses);
    }
    return this.#dialer;
  }

  #dialerFor(addresses: readonly string[]): Dialer {
    const { host, port, socketPath, tls, explain, clock } = this.#settings;
    const target: TcpTarget = {
      host,
      port,
      addresses,
      ...(socketPath === undefined ? {} : { socketPath }),
    };
    return new Dialer(target, {
      connectTimeoutMs: Infinity,
      attemptDelayMs: ATTEMPT_DELAY_MS,
      clock,
      ...(tls === undefined ? {} : { tls }),
      ...(explain === undefined ? {} : { explain }),
    });
  }
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return (
    some === others ||
    (some.length === others.length && some.every((one, index) => one === others[index]))
  );
}
