import { encodeFields } from '@needletail/wire';
import {
  answerUpgrade,
  encodeUpgradeResponse,
  HandshakeError,
  type UpgradeAnswer,
} from '@needletail/wire/websocket';
import { TakeOverError } from '../errors.ts';
import type { ServerReply, ServerRequest } from '../listen/exchange.ts';
import type { TakeOver } from '../listen/server-options.ts';
import { originCheckOf, type OriginCheck } from './origin-check.ts';
import { SocketConnection } from './socket-connection.ts';
import type { TopicHub } from './topic-hub.ts';
import { UpgradeRefusal } from './upgrade-refusal.ts';
import type { WebSocketOptions } from './websocket-options.ts';
import { settingsOf, type WebSocketSettings } from './websocket-settings.ts';

/** A path that speaks WebSocket: its options, checked. */
export interface WebSocketEndpoint<Data, Context> {
  readonly options: WebSocketOptions<Data, Context>;
  readonly settings: WebSocketSettings;
  readonly isOriginAllowed: OriginCheck<Context>;
}

/** One request to such a path, as a backend hands it over. */
export interface UpgradeCall<Context> {
  readonly request: ServerRequest;
  readonly reply: Pick<ServerReply, 'send'>;
  /** Null for a request that does not ask to switch protocols: it is told to. */
  readonly takeOver: TakeOver | null;
  readonly hub: TopicHub;
  /** What the options `origins`, `upgrade` and `protocols` are given. */
  readonly context: Context;
}

/** Decides everything about a path once; throws WebSocketError INVALID_OPTION. */
export function webSocketEndpoint<Data = undefined, Context = unknown>(
  options: WebSocketOptions<Data, Context>,
): WebSocketEndpoint<Data, Context> {
  return {
    options,
    settings: settingsOf(options),
    isOriginAllowed: originCheckOf(options.origins ?? 'same'),
  };
}

/**
 * Answers a handshake (RFC 6455 §4.2): with 101, and the connection is a WebSocket from then on, or with 400, 403 for a foreign
 * origin, 426 for what is no handshake of version 13, 503 while the hub closes, or what `upgrade` says. Throws, or rejects with,
 * what `upgrade` and `protocols` throw: the request is not answered then.
 */
export function acceptWebSocket<Data, Context>(
  endpoint: WebSocketEndpoint<Data, Context>,
  call: UpgradeCall<Context>,
): void | Promise<void> {
  const { reply, hub } = call;
  let answer: UpgradeAnswer;
  try {
    answer = answerTo(endpoint, call);
  } catch (error) {
    if (!(error instanceof HandshakeError)) throw error;
    const version: [string, string][] =
      error.status === 426 ? [['Sec-WebSocket-Version', '13']] : [];
    return refuse(reply, new UpgradeRefusal(error.status, error.message, version));
  }
  if (hub.isClosing) return refuse(reply, new UpgradeRefusal(503, 'The server is closing.', []));
  const outcome = admission(endpoint, call.context);
  if (outcome instanceof Promise) {
    return outcome.then(
      (data) => conclude(endpoint, call, answer, data),
      (error: unknown) => refuseOrThrow(reply, error),
    );
  }
  return conclude(endpoint, call, answer, outcome);
}

function answerTo<Data, Context>(
  { options, settings, isOriginAllowed }: WebSocketEndpoint<Data, Context>,
  { request, takeOver, context }: UpgradeCall<Context>,
): UpgradeAnswer {
  const { protocols } = options;
  const { headers } = request;
  const asked = { method: request.method, upgrade: takeOver !== null };
  return answerUpgrade(asked, headers, {
    allowOrigin: (origin) => isOriginAllowed(origin, headers, context),
    ...(protocols === undefined
      ? {}
      : {
          chooseProtocol: (offered: readonly string[]) =>
            typeof protocols === 'function'
              ? protocols(offered, context)
              : (offered.find((one) => protocols.includes(one)) ?? null),
        }),
    ...(settings.deflate === null ? {} : { deflate: settings.deflate }),
  });
}

/** The data of the connection or why there will be none, which may also be thrown. */
function admission<Data, Context>(
  { options }: WebSocketEndpoint<Data, Context>,
  context: Context,
): unknown {
  try {
    return options.upgrade?.(context);
  } catch (error) {
    if (error instanceof UpgradeRefusal) return error;
    throw error;
  }
}

function refuseOrThrow(reply: UpgradeCall<unknown>['reply'], error: unknown): void {
  if (!(error instanceof UpgradeRefusal)) throw error;
  refuse(reply, error);
}

function conclude<Data, Context>(
  { settings }: WebSocketEndpoint<Data, Context>,
  { request, reply, takeOver, hub }: UpgradeCall<Context>,
  answer: UpgradeAnswer,
  data: unknown,
): void {
  if (data instanceof UpgradeRefusal) return refuse(reply, data);
  if (hub.isClosing) return refuse(reply, new UpgradeRefusal(503, 'The server is closing.', []));
  const { protocol, deflate } = answer;
  const { remoteAddress } = request;
  const opening = encodeUpgradeResponse(answer);
  try {
    takeOver!((link) => {
      const accepted = { data, protocol, remoteAddress, deflate, opening };
      const connection = new SocketConnection(link, accepted, settings, hub);
      connection.start();
      return connection;
    });
  } catch (error) {
    // The client did not wait: there is nobody to tell, and nothing went wrong here.
    if (!(error instanceof TakeOverError)) throw error;
  }
}

function refuse(
  reply: UpgradeCall<unknown>['reply'],
  { status, reason, headers }: UpgradeRefusal,
): void {
  const head = encodeFields([['Content-Type', 'text/plain; charset=utf-8'], ...headers]);
  reply.send(status, head, reason === '' ? null : `${reason}\n`);
}
