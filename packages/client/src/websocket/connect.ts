import { EncodeError, systemClock, type Connector } from '@needletail/wire';
import { encodeUpgradeRequest, type UpgradeRequest } from '@needletail/wire/websocket';
import { basicCredentials } from '../auth/basic.ts';
import { AbortedError, InvalidUrlError } from '../errors.ts';
import { HeaderList } from '../model/header-list.ts';
import { parseUrl, type RequestUrl } from '../model/request-url.ts';
import { createConnectorSource } from '../transport/connectors.ts';
import { explainConnect, explainEncode } from '../transport/explain.ts';
import { proxyRulesFor } from '../transport/proxy-rules.ts';
import { Handshake } from './handshake.ts';
import { WebSocketConnection } from './websocket-connection.ts';
import { handshakeTimedOut } from './websocket-failure.ts';
import type { WebSocketOptions } from './websocket-options.ts';

const DEFAULT_HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * Opens a WebSocket (RFC 6455) to a ws, wss, http or https URL. User info in it becomes Authorization.
 *
 * Rejects with WebSocketError when the handshake fails (HANDSHAKE_REFUSED with `status` and `bodyExcerpt`,
 * HANDSHAKE_TIMEOUT), with ConnectError, TlsError or ProxyError when there is no connection, with AbortedError, and with
 * UsageErrors for what cannot be sent.
 */
export async function connectWebSocket(
  url: string | URL,
  options: WebSocketOptions = {},
): Promise<WebSocketConnection> {
  const { signal } = options;
  const target = webSocketUrl(`${url as string}`);
  if (signal?.aborted === true) throw AbortedError.of(signal, 'GET', target.href);
  const source =
    options.connector ??
    createConnectorSource({
      tls: options.tls ?? {},
      proxies: proxyRulesFor({ proxy: null, trustEnv: false, env: {} }),
    }).tunnelled;
  const request = upgradeRequestFor(target, source, options);
  const connection = await shakeHands(target, source, request, options);
  if (signal !== undefined) followSignal(connection, signal, target);
  return connection;
}

type Source = NonNullable<WebSocketOptions['connector']>;

function shakeHands(
  target: RequestUrl,
  source: Source,
  request: UpgradeRequest,
  options: WebSocketOptions,
): Promise<WebSocketConnection> {
  const {
    clock = systemClock,
    handshakeTimeoutMs = DEFAULT_HANDSHAKE_TIMEOUT_MS,
    signal,
  } = options;
  const { href } = target;
  return new Promise((resolve, reject) => {
    const over = (): void => {
      clock.clearTimer(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const fail = (error: Error): void => {
      over();
      reject(error);
    };
    const handshake = new Handshake<WebSocketConnection>(href, request, {
      upgraded(opened) {
        const connection = new WebSocketConnection(href, opened, options);
        return { connection, handler: WebSocketConnection.handlerOf(connection) };
      },
      succeeded(connection) {
        over();
        resolve(connection);
      },
      failed: fail,
    });
    const giveUp = (error: Error): void => {
      handshake.giveUp();
      fail(error);
    };
    const onAbort = (): void => giveUp(AbortedError.of(signal!, 'GET', href));
    const timer = clock.setTimer(handshakeTimeoutMs, () =>
      giveUp(handshakeTimedOut(href, handshakeTimeoutMs)),
    );
    signal?.addEventListener('abort', onAbort, { once: true });
    connectorFor(source, target).then((connector) => handshake.start(connector), fail);
  });
}

async function connectorFor(source: Source, target: RequestUrl): Promise<Connector> {
  try {
    return await source.connectorFor(target);
  } catch (error) {
    throw explainConnect(error, { method: 'GET', url: target });
  }
}

/** From here on the signal ends the connection; it is let go of when that has ended. */
function followSignal(connection: WebSocketConnection, signal: AbortSignal, url: RequestUrl): void {
  const onAbort = (): void => connection.abort(AbortedError.of(signal, 'GET', url.href));
  signal.addEventListener('abort', onAbort, { once: true });
  void connection.closed.then(() => signal.removeEventListener('abort', onAbort));
}

/** ws and wss are http and https with another name (RFC 6455 §3); a fragment has no meaning. */
function webSocketUrl(text: string): RequestUrl {
  const url = parseUrl(text.replace(/^ws(?=s?:)/i, 'http'));
  if (url.fragment === '') return url;
  throw new InvalidUrlError({
    code: 'INVALID_URL',
    phase: 'build',
    problem: 'Cannot connect to that URL',
    reason: 'it has a fragment, which a WebSocket cannot have (RFC 6455 §3)',
    remedy: 'Remove what begins with #, or percent-encode it',
    url: text,
  });
}

function upgradeRequestFor(
  target: RequestUrl,
  source: Source,
  options: WebSocketOptions,
): UpgradeRequest {
  const headers = new HeaderList(options.headers);
  if (!headers.has('authorization') && (target.username !== '' || target.password !== '')) {
    headers.set('Authorization', basicCredentials(target.username, target.password));
  }
  const extra = source.extraHeaders(target);
  if (extra !== null) headers.appendAll(extra);
  const { compression = false } = options;
  try {
    return encodeUpgradeRequest({
      target: source.requestForm(target) === 'absolute' ? target.href : target.target,
      host: target.host,
      headers,
      ...(options.protocols === undefined ? {} : { protocols: options.protocols }),
      ...(options.origin === undefined ? {} : { origin: options.origin }),
      ...(compression === false ? {} : { deflate: compression === true ? {} : compression }),
    });
  } catch (error) {
    if (error instanceof EncodeError) throw explainEncode(error, { method: 'GET', url: target });
    throw error;
  }
}
