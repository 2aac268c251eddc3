import type {
  ClientRequest as NodeRequest,
  IncomingMessage,
  Server,
  ServerResponse,
} from 'node:http';
import { duplexPair, type Duplex } from 'node:stream';
import { systemClock, type Clock, type FieldMap, type FieldValue } from '@needletail/wire';
import { ClientError, LocalProtocolError, ReadError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { transportClosed } from './closed-transport.ts';
import { fieldMapOf, toTransportResponse } from './made-response.ts';
import { appFailed, PulledBody } from './pulled-body.ts';
import { checkFields, sentPieces } from './sent-body.ts';
import type { Transport, TransportResponse } from './transport.ts';
import { withinLimits } from './within-limits.ts';

/** An application in the form that node:http has: Express and Connect, Koa's `callback()`, Fastify's `routing`. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => unknown;

/**
 * Hands requests to a listener of node:http in this process: real messages over a connection in memory, without a socket.
 * What the listener throws, or rejects with, is the cause of an AppError. Node only: a server of Bun takes no connection
 * but from its own sockets.
 */
export function listenerTransport(
  listener: NodeListener,
  options: { readonly clock?: Clock } = {},
): Transport {
  return new ListenerTransport(listener, options.clock ?? systemClock);
}

/** One connection for one request. */
interface Connection {
  readonly near: Duplex;
  readonly far: Duplex;
  readonly request: ClientRequest;
  /** What the listener threw, in an object since it may be anything. */
  thrown: { readonly error: unknown } | null;
}

/** node:http, which takes tens of milliseconds to load, comes with the first request. */
interface Loaded {
  readonly http: typeof import('node:http');
  readonly server: Server;
}

class ListenerTransport implements Transport {
  readonly #listener: NodeListener;
  readonly #clock: Clock;
  readonly #connections = new Map<Duplex, Connection>();
  #loaded: Promise<Loaded> | null = null;
  #isClosed = false;

  constructor(listener: NodeListener, clock: Clock) {
    this.#listener = listener;
    this.#clock = clock;
  }

  async send(request: ClientRequest): Promise<TransportResponse> {
    if (this.#isClosed) throw transportClosed(request);
    checkFields(request);
    this.#loaded ??= this.#load();
    const { http, server } = await this.#loaded;
    const connection = this.#connect(server, request);
    try {
      const response = this.#exchange(http, connection);
      return await withinLimits(response, request, this.#clock, 0);
    } catch (error) {
      connection.near.destroy();
      throw explain(error, connection, 'head');
    }
  }

  close(): Promise<void> {
    this.#isClosed = true;
    for (const { near } of this.#connections.values()) near.destroy();
    return Promise.resolve();
  }

  async #load(): Promise<Loaded> {
    const http = await import('node:http');
    const server = http.createServer((request, response) => void this.#handle(request, response));
    return { http, server };
  }

  #connect(server: Server, request: ClientRequest): Connection {
    const [near, far] = duplexPair();
    const connection: Connection = { near, far, request, thrown: null };
    this.#connections.set(far, connection);
    // A pair does not end together, as the two ends of a socket do.
    near.once('close', () => far.destroy());
    far.once('close', () => {
      this.#connections.delete(far);
      near.destroy();
    });
    server.emit('connection', far);
    return connection;
  }

  /** Never rejects: an exception in a listener ends its exchange, not the process. */
  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#listener(request, response);
    } catch (error) {
      const connection = this.#connections.get(request.socket);
      if (connection !== undefined) connection.thrown = { error };
      request.socket.destroy();
    }
  }

  #exchange(http: Loaded['http'], connection: Connection): Promise<TransportResponse> {
    const { request, near } = connection;
    return new Promise((resolve, reject) => {
      const interim: { status: number; headers: FieldMap }[] = [];
      const outgoing = outgoingOf(http, request, near);
      outgoing.on('error', reject);
      outgoing.on('information', ({ statusCode, rawHeaders }) => {
        interim.push({ status: statusCode, headers: fieldMapOf(pairsOf(rawHeaders)) });
      });
      outgoing.on('response', (incoming) => {
        resolve(this.#toResponse(incoming, connection, interim));
      });
      sendBody(request, outgoing).catch(reject);
    });
  }

  #toResponse(
    incoming: IncomingMessage,
    connection: Connection,
    interim: TransportResponse['interim'],
  ): TransportResponse {
    const { request, near } = connection;
    const chunks = chunksOf(incoming, connection);
    const body = new PulledBody(chunks, request, this.#clock, () => void near.destroy());
    const { statusCode: status = 0, statusMessage: reason = '' } = incoming;
    const headers = pairsOf(incoming.rawHeaders);
    const response = toTransportResponse({ status, reason, headers, body, interim }, request);
    return Object.defineProperty(response, 'trailers', {
      get: () => {
        const trailers = pairsOf(incoming.rawTrailers);
        return trailers.length === 0 ? null : fieldMapOf(trailers);
      },
    });
  }
}

async function* chunksOf(
  incoming: IncomingMessage,
  connection: Connection,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of incoming) yield chunk as Buffer;
  } catch (error) {
    throw explain(error, connection, 'body');
  }
}

function outgoingOf(http: Loaded['http'], request: ClientRequest, near: Duplex): NodeRequest {
  const { method, url, headers, body } = request;
  let outgoing: NodeRequest | null = null;
  try {
    outgoing = http.request({
      method,
      path: url.target,
      setHost: false,
      createConnection: () => near,
    });
    outgoing.setHeader('Host', url.host);
    for (const [name, value] of headers) outgoing.appendHeader(name, fieldOf(value));
    if (body !== null && body.length !== null) outgoing.setHeader('Content-Length', body.length);
    return outgoing;
  } catch (error) {
    // Nobody will listen to it: what it says when its connection goes is said below.
    outgoing?.on('error', () => undefined);
    throw new LocalProtocolError({
      code: 'UNSENDABLE',
      phase: 'send',
      problem: 'Request cannot be handed to the application',
      reason: 'its head cannot be sent',
      remedy: 'See the cause for what is wrong with it',
      method,
      url: url.href,
      cause: error,
    });
  }
}

async function sendBody(request: ClientRequest, outgoing: NodeRequest): Promise<void> {
  const { body } = request;
  if (body === null) {
    outgoing.end();
    return;
  }
  for await (const piece of sentPieces(request, body)) {
    if (outgoing.destroyed) return;
    if (!outgoing.write(piece)) {
      await new Promise<void>((resolve) => {
        outgoing.once('drain', resolve);
        outgoing.once('close', resolve);
      });
    }
  }
  outgoing.end();
}

/** What broke an exchange off: the listener's own error where there is one. */
function explain(error: unknown, connection: Connection, phase: 'head' | 'body'): ClientError {
  const { thrown, request } = connection;
  if (thrown !== null) return appFailed(thrown.error, request, phase);
  if (error instanceof ClientError) return error;
  return new ReadError({
    code: 'CLOSED_EARLY',
    phase,
    problem: 'Response broken off',
    reason: 'the application closed the connection before its end',
    remedy: 'See the cause, and what the application does with its response',
    method: request.method,
    url: request.url.href,
    cause: error,
  });
}

function fieldOf(value: FieldValue): string | readonly string[] {
  return Array.isArray(value) ? (value as readonly string[]) : String(value);
}

/** Names and values by turns, as node:http has them. */
function pairsOf(raw: readonly string[]): [name: string, value: string][] {
  const pairs: [name: string, value: string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at]!, raw[at + 1]!]);
  return pairs;
}
