import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { linkOverSocket } from '@needletail/wire';
import { TakeOverError } from '../../errors.ts';
import { HostedExchange } from '../hosted/hosted-exchange.ts';
import type { HostedServer } from '../hosted/hosted-server.ts';
import type { ServerOptions, TakeOver } from '../server-options.ts';
import { Http1Carrier, lengthOf } from './http1-carrier.ts';
import { ruleBrokenBy } from './request-rules.ts';
import type { NodeServer } from './serve-on-node.ts';

/** What node:http gave away: a request, its connection, and what came behind the head. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
}

/** Offers requests to switch protocols to the application. */
export class NodeUpgrades {
  readonly #hosted: HostedServer;
  readonly #server: NodeServer;
  readonly #onUpgrade: NonNullable<ServerOptions['onUpgrade']>;

  constructor(
    hosted: HostedServer,
    server: NodeServer,
    onUpgrade: NonNullable<ServerOptions['onUpgrade']>,
  ) {
    this.#hosted = hosted;
    this.#server = server;
    this.#onUpgrade = onUpgrade;
  }

  offer(upgrade: Upgrade): void {
    const { request, socket } = upgrade;
    // A request with a body is answered like any other (RFC 9110 §7.8 lets a server ignore the wish).
    if (lengthOf(request) !== 0) return this.#giveBack(upgrade);
    // One that breaks a rule is refused like any other.
    if (ruleBrokenBy(request, this.#hosted.limits) !== null) return this.#giveBack(upgrade);
    socket.on('error', ignoreError);
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.on('finish', () => {
      response.detachSocket(socket);
      socket.destroySoon();
    });
    const carrier = new Http1Carrier(request, response, false, this.#hosted.timeouts.drainMs);
    const exchange = new HostedExchange(carrier, this.#hosted);
    const ended = (): void => this.#hosted.ended(exchange);
    carrier.carry(exchange, ended);
    const takeOver: TakeOver = (accept) => {
      if (exchange.isAnswered || socket.destroyed) throw new TakeOverError(exchange.where);
      exchange.handOver();
      ended();
      response.detachSocket(socket);
      linkOverSocket(socket, upgrade.head, accept);
    };
    this.#hosted.watch(exchange);
    this.#hosted.offer(exchange, () => {
      if (this.#onUpgrade(exchange, exchange, takeOver)) return;
      exchange.handOver();
      ended();
      response.detachSocket(socket);
      socket.off('error', ignoreError);
      this.#giveBack(upgrade);
    });
  }

  /** Has node:http read the request once more, without the wish to switch. */
  #giveBack({ request, socket, head }: Upgrade): void {
    const { method, url, httpVersion, rawHeaders } = request;
    let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = rawHeaders[index]!;
      if (!/^(upgrade|http2-settings)$/i.test(name)) {
        text += `${name}: ${rawHeaders[index + 1]}\r\n`;
      }
    }
    socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]));
    this.#server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket);
  }
}

function ignoreError(): void {}
