import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { linkOverSocket } from '@needletail/wire';
import { TakeOverError } from '../../errors.ts';
import { HostedExchange } from '../hosted/hosted-exchange.ts';
import type { HostedServer } from '../hosted/hosted-server.ts';
import type { ServerOptions, TakeOver } from '../server-options.ts';
import { Http1Carrier } from './http1-carrier.ts';

/**
 * Offers a request to switch protocols. node:http has given the socket away by then, so the answer of one that is declined is
 * the last of its connection.
 */
export function offerUpgrade(
  server: HostedServer,
  onUpgrade: NonNullable<ServerOptions['onUpgrade']>,
  { request, socket, head }: { request: IncomingMessage; socket: Socket; head: Buffer },
): void {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.on('finish', () => {
    response.detachSocket(socket);
    socket.destroySoon();
  });
  const carrier = new Http1Carrier(request, response, false, server.timeouts.drainMs);
  const exchange = new HostedExchange(carrier, server);
  const ended = (): void => server.ended(exchange);
  carrier.carry(exchange, ended);
  socket.on('error', ignoreError);
  // The rest of a body is among what the parser gave up.
  if (carrier.bodyLength !== 0) return exchange.failed(400);
  const takeOver: TakeOver = (accept) => {
    if (exchange.isAnswered || socket.destroyed) throw new TakeOverError(exchange.where);
    exchange.handOver();
    ended();
    response.detachSocket(socket);
    linkOverSocket(socket, head, accept);
  };
  server.run(exchange, () => onUpgrade(exchange, exchange, takeOver));
}

function ignoreError(): void {}
