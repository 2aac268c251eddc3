import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export interface CatalogueOptions {
  /** Items there are, numbered from 1; 1 000 000 unless set. */
  readonly items?: number;
  /** What one request takes; 0 unless set. */
  readonly serviceMs?: number;
  /** Requests served at once; the others wait in line. No limit unless set. */
  readonly capacity?: number;
  /** Each so many-th request of `/items/<id>` is answered 500. */
  readonly failEvery?: number;
  /** More than so many at once are turned away with 429 and `Retry-After: 0`. */
  readonly refusesAbove?: number;
  /** Items on a page of the listing; 10 unless set. */
  readonly pageSize?: number;
}

export interface CatalogueItem {
  readonly id: number;
  readonly name: string;
  readonly price: number;
}

/**
 * A shop to collect from: `/items/<id>`, and `/items?page=<n>` whose next page is in the Link field and at `next` in the JSON.
 * It serves as many at once as it has capacity for, fails as often as it is told, and counts what it sees.
 */
export class CatalogueServer {
  requests = 0;
  refused = 0;
  /** Most requests it had at once, in line or in service. */
  peak = 0;
  readonly #options: Required<CatalogueOptions>;
  #url = '';
  readonly #server: Server = createServer(
    (request, response) => void this.#serve(request, response),
  );
  readonly #line: (() => void)[] = [];
  #present = 0;
  #serving = 0;

  constructor(options: CatalogueOptions = {}) {
    this.#options = {
      items: 1_000_000,
      serviceMs: 0,
      capacity: Infinity,
      failEvery: Infinity,
      refusesAbove: Infinity,
      pageSize: 10,
      ...options,
    };
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  /** Once started; it stays, for answers that are still under way when the server closes. */
  get url(): string {
    return this.#url;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1;
    if (this.#present >= this.#options.refusesAbove) {
      this.refused += 1;
      response.writeHead(429, { 'retry-after': '0' }).end();
      return;
    }
    const number = this.requests;
    this.#present += 1;
    this.peak = Math.max(this.peak, this.#present);
    await this.#turn();
    if (this.#options.serviceMs > 0) await wait(this.#options.serviceMs);
    this.#leave();
    this.#answer(new URL(request.url ?? '/', this.url), number, response);
  }

  #turn(): Promise<void> | undefined {
    if (this.#serving < this.#options.capacity) {
      this.#serving += 1;
      return undefined;
    }
    return new Promise((resolve) => this.#line.push(resolve));
  }

  /** The place goes to the next in line. */
  #leave(): void {
    this.#present -= 1;
    const next = this.#line.shift();
    if (next === undefined) this.#serving -= 1;
    else next();
  }

  #answer(url: URL, number: number, response: ServerResponse): void {
    const { items, failEvery } = this.#options;
    if (url.pathname === '/items') {
      this.#list(url, response);
      return;
    }
    const id = Number(/^\/items\/(\d+)$/.exec(url.pathname)?.[1]);
    if (!(id >= 1 && id <= items)) sendJson(response, 404, { error: 'no such item' });
    else if (number % failEvery === 0) sendJson(response, 500, { error: 'on purpose' });
    else sendJson(response, 200, itemNumber(id));
  }

  #list(url: URL, response: ServerResponse): void {
    const { items, pageSize } = this.#options;
    const page = Number(url.searchParams.get('page') ?? 1);
    const first = (page - 1) * pageSize + 1;
    const count = Math.max(0, Math.min(pageSize, items - first + 1));
    const next = first + pageSize <= items ? `/items?page=${page + 1}` : null;
    if (next !== null) response.setHeader('link', `<${next}>; rel="next"`);
    const listed = Array.from({ length: count }, (_, index) => itemNumber(first + index));
    sendJson(response, 200, { items: listed, next });
  }
}

/** The same item for the same number, on every server. */
export function itemNumber(id: number): CatalogueItem {
  return { id, name: `item ${id}`, price: (id * 7919) % 10_000 };
}

function sendJson(response: ServerResponse, status: number, json: unknown): void {
  const text = JSON.stringify(json);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
