import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createDelaySampler, type DelayDistribution } from './delay-distribution.ts';
import { misbehaviours, type Exchange, type FaultOutcome } from './misbehaviour.ts';
import { machineNowMs, PreciseTimer } from './precise-timer.ts';

export interface FaultyServerOptions {
  /** What `/drawn` waits and what `/queue` takes to serve; 1 ms unless set. */
  readonly delay?: DelayDistribution;
  readonly seed?: number;
}

/** One request as the server saw it. Times are those of `machineNowMs`. */
export interface Arrival {
  readonly arrivedMs: number;
  /** When the answer was written; 0 when there was none. */
  readonly repliedMs: number;
  /** What was drawn for it from the distribution; 0 when nothing was. */
  readonly drawnMs: number;
  readonly path: string;
  readonly outcome: FaultOutcome;
  /** Counts connections from 1. */
  readonly connection: number;
}

type OpenArrival = { -readonly [Key in keyof Arrival]: Arrival[Key] };

/**
 * A raw TCP server that breaks HTTP in every way a path names (see `misbehaviours`) and keeps the truth about it, so
 * that a client's own account can be compared with it. It uses none of the code it is there to test.
 */
export class FaultyServer {
  readonly arrivals: readonly Arrival[];
  readonly #arrivals: OpenArrival[] = [];
  readonly #timer = new PreciseTimer();
  readonly #sockets = new Set<Socket>();
  readonly #drawMs: () => number;
  readonly #server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  #connections = 0;
  #queueFreeAtMs = 0;

  constructor(options: FaultyServerOptions = {}) {
    const { delay = { kind: 'constant', delayMs: 1 }, seed = 1 } = options;
    this.arrivals = this.#arrivals;
    this.#drawMs = createDelaySampler(delay, seed);
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, resolve);
    });
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Connections accepted so far. */
  get connections(): number {
    return this.#connections;
  }

  /** How many requests ended each way. */
  counts(): Record<FaultOutcome, number> {
    const counts = { ok: 0, status: 0, reset: 0, truncated: 0, protocol: 0, timeout: 0 };
    for (const arrival of this.#arrivals) counts[arrival.outcome] += 1;
    return counts;
  }

  /** Forgets the arrivals so far. */
  clear(): void {
    this.#arrivals.length = 0;
  }

  /** Neither reads nor answers for `durationMs`; connections are still accepted, by the system as for a stopped one. */
  freeze(durationMs: number): void {
    this.#timer.freeze(durationMs);
  }

  async close(): Promise<void> {
    this.#timer.close();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    this.#connections += 1;
    const connection = new FaultyConnection(socket, (method, path, done) =>
      this.#answer({ method, path, socket, done, connection: number }),
    );
    const number = this.#connections;
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // A client that gives up resets the connection: that is its account to give, not a fault here.
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      if (this.#timer.isFrozen) this.#timer.at(machineNowMs(), () => connection.feed(chunk));
      else connection.feed(chunk);
    });
  }

  #answer(request: {
    method: string;
    path: string;
    socket: Socket;
    done: () => void;
    connection: number;
  }): void {
    const [name, argument = ''] = request.path.slice(1).split('?')[0].split('/');
    const behaviour = misbehaviours.get(name);
    const outcome = behaviour?.outcome ?? 'status';
    const arrival: OpenArrival = {
      arrivedMs: machineNowMs(),
      repliedMs: 0,
      drawnMs: 0,
      path: request.path,
      outcome: typeof outcome === 'function' ? outcome(argument) : outcome,
      connection: request.connection,
    };
    this.#arrivals.push(arrival);
    const exchange = this.#createExchange(request, argument, arrival);
    if (behaviour === undefined) exchange.reply(404, 'no such fault\n');
    else behaviour.run(exchange);
  }

  #createExchange(
    { method, socket, done }: { method: string; socket: Socket; done: () => void },
    argument: string,
    arrival: OpenArrival,
  ): Exchange {
    const at = (dueMs: number, callback: () => void): void =>
      this.#timer.at(dueMs, () => {
        if (!socket.destroyed) callback();
      });
    const finish = (bytes: string | Buffer): void => {
      arrival.repliedMs = machineNowMs();
      socket.write(bytes as string, 'latin1');
      done();
    };
    const drawMs = (): number => (arrival.drawnMs = this.#drawMs());
    return {
      method,
      socket,
      argument,
      finish,
      drawMs,
      reply: (status, body) => finish(renderReply(status, body, method)),
      after: (delayMs, callback) => at(machineNowMs() + delayMs, callback),
      serve: (callback) => {
        // First come, first served, without drift: a service starts when the one before it was due to end.
        const startMs = Math.max(arrival.arrivedMs, this.#queueFreeAtMs);
        this.#queueFreeAtMs = startMs + drawMs();
        at(this.#queueFreeAtMs, callback);
      },
    };
  }
}

/** Starts one on a free port of 127.0.0.1. */
export function startFaultyServer(options: FaultyServerOptions = {}): Promise<FaultyServer> {
  return new FaultyServer(options).start();
}

const HEAD_END = '\r\n\r\n';

/** Cuts one connection into requests, answered one after the other; just enough HTTP for well-behaved clients. */
class FaultyConnection {
  readonly #answer: (method: string, path: string, done: () => void) => void;
  readonly #socket: Socket;
  #text = '';
  #bodyBytes = 0;
  #isBusy = false;

  constructor(socket: Socket, answer: (method: string, path: string, done: () => void) => void) {
    this.#socket = socket;
    this.#answer = answer;
  }

  feed(chunk: Buffer): void {
    this.#text += chunk.toString('latin1');
    this.#next();
  }

  #next(): void {
    while (!this.#isBusy && !this.#socket.destroyed) {
      const skipped = Math.min(this.#bodyBytes, this.#text.length);
      this.#bodyBytes -= skipped;
      this.#text = this.#text.slice(skipped);
      const end = this.#text.indexOf(HEAD_END);
      if (this.#bodyBytes > 0 || end < 0) return;
      const head = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + HEAD_END.length);
      this.#bodyBytes = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      const [method, path] = head.split(' ', 2);
      this.#isBusy = true;
      this.#answer(method, path, () => {
        this.#isBusy = false;
        setImmediate(() => this.#next());
      });
    }
  }
}

function renderReply(status: number, body: string | Buffer, method: string): string | Buffer {
  const head = `HTTP/1.1 ${status} Status\r\nContent-Length: ${body.length}\r\n\r\n`;
  if (method === 'HEAD') return head;
  return typeof body === 'string'
    ? head + body
    : Buffer.concat([Buffer.from(head, 'latin1'), body]);
}
