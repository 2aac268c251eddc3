import type { ServerReply, ServerRequest } from '../listen/exchange.ts';
import type { TakeOver } from '../listen/server-options.ts';
import { empty } from '../reply/reply.ts';
import { RadixRouter } from '../router/radix-router.ts';
import type { SlashPolicy } from '../router/router.ts';
import { acceptWebSocket, webSocketEndpoint } from '../websocket/accept-websocket.ts';
import type { ServerWebSocket } from '../websocket/server-websocket.ts';
import type { TopicHub } from '../websocket/topic-hub.ts';
import type { WebSocketOptions } from '../websocket/websocket-options.ts';
import { compileMiss, type CompiledRoute } from './compile-route.ts';
import { Context, type ContextHome } from './context.ts';
import type { Hooks } from './hooks.ts';
import type { AnyContext } from './middleware.ts';
import { scopesOf, type AnyHandler, type Route, type ScopeSettings } from './route.ts';

/** A path that speaks WebSocket, as it was registered. */
export interface SocketRoute {
  readonly pattern: string;
  readonly options: WebSocketOptions<unknown, AnyContext>;
  readonly scope: ScopeSettings;
  readonly where: string;
}

/** What a handler gives when the request has been dealt with, and there is nothing left to send. */
export const DEALT_WITH: unique symbol = Symbol('dealt with');

/** The context of a handshake: it can be answered by what comes after HTTP. */
export class UpgradeContext extends Context {
  readonly reply: ServerReply;
  readonly takeOver: TakeOver;

  constructor(
    home: ContextHome,
    { request, reply, takeOver }: UpgradeRequest,
    { route, match }: FoundSocket,
  ) {
    super(home, request, route, match);
    this.reply = reply;
    this.takeOver = takeOver;
  }
}

export interface UpgradeRequest {
  readonly request: ServerRequest;
  readonly reply: ServerReply;
  readonly takeOver: TakeOver;
}

export interface FoundSocket {
  readonly route: CompiledRoute;
  readonly match: { readonly params: Readonly<Record<string, string>> };
}

/** Finds the route of a handshake; null where there is none, and the request is one like any other. */
export type FindSocket = (path: string) => FoundSocket | null;

/** Decides everything about the paths that speak WebSocket. Throws RouteError and WebSocketError. */
export function compileSockets(
  sockets: readonly SocketRoute[],
  hub: TopicHub,
  trailingSlash: SlashPolicy,
): FindSocket | null {
  if (sockets.length === 0) return null;
  const router = new RadixRouter<CompiledRoute>({ trailingSlash });
  for (const { pattern, scope, options, where } of sockets) {
    const route = compileMiss(scope, upgradeHandler(withHooks(options, scope), hub), pattern);
    router.add('GET', pattern, route, where);
  }
  return (path) => {
    const found = router.find('GET', path);
    return found.outcome === 'found' ? { route: found.value, match: found } : null;
  };
}

/** What GET without a handshake is answered where no other route has the path (RFC 9110 §15.5.22). */
export function plainRoute({ pattern, scope, where }: SocketRoute): Route {
  const reply = empty({ status: 426, headers: { 'Sec-WebSocket-Version': '13' } });
  return {
    method: 'GET',
    pattern,
    scope,
    where,
    options: { isHidden: true },
    handler: () => reply,
  };
}

function upgradeHandler(options: WebSocketOptions<unknown, AnyContext>, hub: TopicHub): AnyHandler {
  const endpoint = webSocketEndpoint(options);
  return (context) => {
    const { request, reply, takeOver } = context as unknown as UpgradeContext;
    context.status = 101;
    const send: ServerReply['send'] = (status, head, body) => {
      context.status = status;
      reply.send(status, head, body);
    };
    const waiting = acceptWebSocket(endpoint, { request, reply: { send }, takeOver, hub, context });
    return waiting === undefined ? DEALT_WITH : waiting.then(() => DEALT_WITH);
  };
}

/** Hooks of the scopes before what the route says itself. */
function withHooks(
  options: WebSocketOptions<unknown, AnyContext>,
  scope: ScopeSettings,
): WebSocketOptions<unknown, AnyContext> {
  const hooksOf = <Name extends 'ws:open' | 'ws:message' | 'ws:close'>(name: Name): Hooks[Name][] =>
    scopesOf(scope).flatMap((each) => each.hooks[name] as Hooks[Name][]);
  const opens = hooksOf('ws:open');
  const messages = hooksOf('ws:message');
  const closes = hooksOf('ws:close');
  if (opens.length + messages.length + closes.length === 0) return options;
  return {
    ...options,
    open: (socket: ServerWebSocket<unknown>) => {
      for (const hook of opens) hook(socket);
      return options.open?.(socket);
    },
    message: (socket, message, isBinary) => {
      if (messages.some((hook) => hook(socket, message, isBinary) === false)) return undefined;
      return options.message?.(socket, message, isBinary);
    },
    close: (socket, code, reason) => {
      for (const hook of closes) hook(socket, code, reason);
      return options.close?.(socket, code, reason);
    },
  };
}
