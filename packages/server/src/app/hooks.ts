import type { ServerWebSocket } from '../websocket/server-websocket.ts';
import type { BackendName } from '../listen/backend.ts';
import type { AnyContext, Outcome } from './middleware.ts';

/** Where a server listens. */
export interface ListenAddress {
  readonly port: number;
  readonly host: string;
  /** `http://127.0.0.1:3000`; of a unix socket `unix:/run/app.sock`. */
  readonly url: string;
  readonly backend: BackendName;
}

/**
 * Moments that a program may have a say in, in this order:
 *
 *     ready ── listen ── request ── before ── (handler) ── after ── response ── drain ── close
 *                           └──────────┴──────────┴── error ──▲
 */
export interface Hooks {
  /** Before anything of the route runs, where there is none too. What it returns, unless undefined, is the answer. */
  readonly request: (c: AnyContext) => unknown;
  /** Before the handler, its input validated. What it returns, unless undefined, is the answer. */
  readonly before: (c: AnyContext) => unknown;
  /** After the handler, with what it returned; what this returns, unless undefined, takes its place. */
  readonly after: (c: AnyContext, value: unknown) => unknown;
  /** What was thrown. What it returns, unless undefined, is the answer; else the next hook is asked, at last the server. */
  readonly error: (error: unknown, c: AnyContext) => unknown;
  /** The answer was sent, or could not be. */
  readonly response: (c: AnyContext, outcome: Outcome) => void;
  /** A WebSocket is there; before the `open` of its route. */
  readonly 'ws:open': (socket: ServerWebSocket<unknown>) => void;
  /** A message came; before the `message` of its route, which does not get it when this returns false. */
  readonly 'ws:message': (
    socket: ServerWebSocket<unknown>,
    message: string | Buffer,
    isBinary: boolean,
  ) => false | void;
  /** A WebSocket is gone; before the `close` of its route. */
  readonly 'ws:close': (socket: ServerWebSocket<unknown>, code: number, reason: string) => void;
  /** Everything is registered and singletons are made; what is thrown here keeps the application from starting. */
  readonly ready: () => void | Promise<void>;
  /** Connections are accepted. */
  readonly listen: (address: ListenAddress) => void | Promise<void>;
  /** The server was told to close, and accepts until these have ended: time for a load balancer to see it. */
  readonly drain: () => void | Promise<void>;
  /** The server has stopped; databases may go now. */
  readonly close: () => void | Promise<void>;
}

export type HookName = keyof Hooks;

export type HookLists = { readonly [Name in HookName]: Hooks[Name][] };

export function noHooks(): HookLists {
  return {
    request: [],
    before: [],
    after: [],
    error: [],
    response: [],
    'ws:open': [],
    'ws:message': [],
    'ws:close': [],
    ready: [],
    listen: [],
    drain: [],
    close: [],
  };
}

/** The server starts and ends once, for all scopes. */
export function isOfServer(name: HookName): boolean {
  return name === 'ready' || name === 'listen' || name === 'drain' || name === 'close';
}
