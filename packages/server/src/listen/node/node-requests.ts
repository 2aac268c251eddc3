import type { EventEmitter } from 'node:events';
import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import { REASON_PHRASES } from '@needletail/wire';
import { HostedExchange } from '../hosted/hosted-exchange.ts';
import type { HostedServer } from '../hosted/hosted-server.ts';
import { lastAnswer } from '../refusal.ts';
import type { ServerOptions } from '../server-options.ts';
import { Http1Carrier } from './http1-carrier.ts';
import { Http2Carrier } from './http2-carrier.ts';
import { isLingering } from './linger.ts';
import { ruleBrokenBy, ruleBrokenByHttp2 } from './request-rules.ts';
import type { NodeServer } from './serve-on-node.ts';
import type { NodeCarrier, NodeRequest, NodeResponse } from './node-carrier.ts';
import { NodeUpgrades } from './node-upgrade.ts';

/** What node:http calls the errors of its parser and its limits, and the status for each; others are 400. */
const STATUSES: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
};

/** Makes exchanges of what node:http and node:http2 emit, and refuses what they leave to be refused. */
export class NodeRequests {
  readonly #server: HostedServer;
  readonly #onUpgrade: ServerOptions['onUpgrade'];
  /** The last exchange of each connection that is not over. */
  readonly #current = new WeakMap<Socket, HostedExchange>();

  constructor(server: HostedServer, options: ServerOptions) {
    this.#server = server;
    this.#onUpgrade = options.onUpgrade;
  }

  serve(server: NodeServer): void {
    const emitter = server as EventEmitter;
    emitter.on('request', (request: NodeRequest, response: NodeResponse) =>
      this.#run(request, response, false),
    );
    emitter.on('checkContinue', (request: NodeRequest, response: NodeResponse) =>
      this.#run(request, response, true),
    );
    emitter.on('checkExpectation', (request: NodeRequest, response: NodeResponse) =>
      this.#start(request, response, false).refuse(417, 'unknown expectation'),
    );
    emitter.on('connect', (_request: NodeRequest, target: Socket | Http2ServerResponse) =>
      refuseTunnel(target),
    );
    emitter.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
      this.#refuseBroken(error, socket),
    );
    for (const event of ['connection', 'secureConnection']) {
      emitter.on(event, (socket: Socket) =>
        socket.on('end', () => this.#current.get(socket)?.peerEnded()),
      );
    }
    const onUpgrade = this.#onUpgrade;
    if (onUpgrade === undefined) return;
    const upgrades = new NodeUpgrades(this.#server, server, onUpgrade);
    emitter.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) =>
      upgrades.offer({ request, socket, head }),
    );
  }

  #run(request: NodeRequest, response: NodeResponse, expectsContinue: boolean): void {
    if (isLingering(request.socket)) return;
    const exchange = this.#start(request, response, expectsContinue);
    const { limits } = this.#server;
    const rule =
      response instanceof ServerResponse
        ? ruleBrokenBy(request as IncomingMessage, limits)
        : ruleBrokenByHttp2(request as Http2ServerRequest, limits);
    if (rule !== null) return exchange.refuse(rule.status, rule.reason);
    this.#server.watch(exchange);
    this.#server.run(exchange);
  }

  #start(request: NodeRequest, response: NodeResponse, expectsContinue: boolean): HostedExchange {
    const carrier: NodeCarrier<NodeRequest, NodeResponse> =
      response instanceof ServerResponse
        ? new Http1Carrier(
            request as IncomingMessage,
            response,
            expectsContinue,
            this.#server.timeouts.drainMs,
          )
        : new Http2Carrier(request as Http2ServerRequest, response, expectsContinue);
    const { socket } = request;
    const exchange = new HostedExchange(carrier, this.#server);
    if (carrier.httpVersion !== '2') this.#current.set(socket, exchange);
    carrier.carry(exchange, () => {
      this.#server.ended(exchange);
      if (this.#current.get(socket) === exchange) this.#current.delete(socket);
    });
    return exchange;
  }

  /** What the parser could not read: nothing after it can be trusted. */
  #refuseBroken(error: NodeJS.ErrnoException, socket: Socket): void {
    const status = STATUSES[error.code ?? ''] ?? 400;
    const reason = error.code ?? 'broken request';
    const exchange = this.#current.get(socket);
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy(error);
    if (exchange !== undefined) return exchange.refuse(status, reason, error);
    socket.end(lastAnswer(opening(status), status, reason), 'latin1');
    setTimeout(() => socket.destroy(), this.#server.timeouts.drainMs).unref();
  }
}

/** Bytes after a refused CONNECT could be meant for the tunnel: the connection ends (RFC 9110 §9.3.6). */
function refuseTunnel(target: Socket | Http2ServerResponse): void {
  // By what it is: the version of a request line is whatever the client says.
  if ('writeHead' in target) target.writeHead(501).end();
  else target.end(lastAnswer(opening(501), 501, 'no tunnels here'), 'latin1');
}

function opening(status: number): string {
  return `HTTP/1.1 ${status} ${REASON_PHRASES[status]}\r\nDate: ${new Date().toUTCString()}\r\n`;
}
