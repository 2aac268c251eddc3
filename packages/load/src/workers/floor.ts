import { Dialer, listen } from '@needletail/wire';
import type { Link, LinkHandler } from '@needletail/wire';
import { Attack } from '../attack.ts';
import { Tally } from '../collect/tally.ts';
import { Tickets } from '../drive/tickets.ts';
import { plainPlan } from '../plan/plain-plan.ts';
import type { Floor } from './messages.ts';

const REQUESTS = 1500;
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const HOST = '127.0.0.1';

/**
 * Measures what the generator itself adds: one connection to a target in the same thread that answers at once. Nothing
 * below this can be told apart from the generator. Running before the load also lets the engine be compiled.
 */
export function measureFloor(): Promise<Floor> {
  return withNullTarget(async (url, address, port) => {
    const tally = new Tally(1);
    const attack = new Attack({
      plan: plainPlan(url, { maxRequests: REQUESTS, connections: 1 }),
      worker: 0,
      workers: 1,
      dialer: new Dialer({ host: HOST, port, addresses: [address] }),
      tally,
      tickets: Tickets.createShared(),
    });
    await attack.run(performance.now());
    return floorOf(tally);
  });
}

/** Gives `work` a target in this thread that answers at once. */
export async function withNullTarget<T>(
  work: (url: string, address: string, port: number) => Promise<T>,
): Promise<T> {
  const listener = await listen({ host: HOST, port: 0 }, (link) => new NullTarget(link));
  try {
    return await work(`http://${HOST}:${listener.port}/`, HOST, listener.port);
  } finally {
    await listener.close();
  }
}

export function floorOf({ latency }: Tally): Floor {
  return { p50: latency.quantile(0.5) / 1000, p99: latency.quantile(0.99) / 1000 };
}

/** One request is one read here: a single small request is in flight at a time. */
class NullTarget implements LinkHandler {
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  onOpen(): void {}
  onBytes(): void {
    this.#link.write(ANSWER);
  }
  onDrain(): void {}
  onEnd(): void {
    this.#link.end();
  }
  onClose(): void {}
}
