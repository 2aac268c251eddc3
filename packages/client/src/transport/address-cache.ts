import { resolveHost, type Clock } from '@needletail/wire';

/** Addresses of a name; rejects with a `LinkError` (DNS_FAILED). */
export type ResolveName = (host: string) => Promise<readonly string[]>;

interface Entry {
  readonly addresses: readonly string[];
  readonly expiresAt: number;
}

/** The system's resolver does not tell how long an answer holds; so long a wrong one is borne with. */
const KEPT_MS = 10_000;
const KEPT_NAMES = 1024;

/** Remembers addresses for ten seconds and asks once for a name that many want at the same time. Failures are not kept. */
export class AddressCache {
  readonly #clock: Clock;
  readonly #resolve: ResolveName;
  readonly #kept = new Map<string, Entry>();
  readonly #asked = new Map<string, Promise<readonly string[]>>();

  constructor(clock: Clock, resolve: ResolveName = resolveHost) {
    this.#clock = clock;
    this.#resolve = resolve;
  }

  /** At once where they are known. */
  addressesOf(host: string): readonly string[] | Promise<readonly string[]> {
    const entry = this.#kept.get(host);
    if (entry !== undefined && this.#clock.now() < entry.expiresAt) return entry.addresses;
    let answer = this.#asked.get(host);
    if (answer === undefined) {
      answer = this.#ask(host);
      this.#asked.set(host, answer);
    }
    return answer;
  }

  async #ask(host: string): Promise<readonly string[]> {
    try {
      const addresses = await this.#resolve(host);
      this.#kept.delete(host);
      if (this.#kept.size >= KEPT_NAMES) this.#kept.delete(this.#kept.keys().next().value!);
      this.#kept.set(host, { addresses, expiresAt: this.#clock.now() + KEPT_MS });
      return addresses;
    } finally {
      this.#asked.delete(host);
    }
  }
}
