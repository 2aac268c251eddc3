import {
  CLOSE_ABNORMAL,
  CLOSE_INTERNAL_ERROR,
  FrameError,
  HandshakeError,
} from '@needletail/wire/websocket';
import { WireError } from '@needletail/wire';
import { InvalidRequestError, WebSocketError } from '../errors.ts';

const CHECK_PEER = 'Check what the server, or a proxy on the way, logged; reconnect';

/** A connection that went away without a close handshake. */
export function closedAbnormally(url: string, reason: string, cause?: unknown): WebSocketError {
  return new WebSocketError(
    { code: 'ABNORMAL_CLOSE', reason, remedy: CHECK_PEER, url, cause },
    { closeCode: CLOSE_ABNORMAL },
  );
}

/** What ended the decoding: a rule that the server broke, or what the handler of messages threw. */
export function brokenOff(url: string, cause: unknown): WebSocketError {
  if (cause instanceof FrameError) {
    return new WebSocketError(
      { ...partsOf(cause), code: cause.code, url, cause },
      { closeCode: cause.closeCode },
    );
  }
  return new WebSocketError(
    {
      code: 'HANDLER_FAILED',
      reason: 'onMessage threw',
      remedy: 'See the cause; catch in the handler what it can recover from',
      url,
      cause,
    },
    { closeCode: CLOSE_INTERNAL_ERROR },
  );
}

/** The handshake was answered by something that is not a server agreeing to it. */
export function handshakeBroken(url: string, cause: WireError, status?: number): WebSocketError {
  const parts = partsOf(cause);
  return new WebSocketError(
    {
      problem: cause instanceof HandshakeError ? 'Handshake failed' : 'Handshake broken off',
      ...parts,
      code: cause.code,
      url,
      cause,
    },
    { status },
  );
}

export function handshakeRefused(url: string, status: number, excerpt: string): WebSocketError {
  return new WebSocketError(
    {
      problem: 'Handshake refused',
      code: 'HANDSHAKE_REFUSED',
      reason: `the server answered with status ${status}`,
      remedy: 'Check path, credentials and origin; the body may say more (bodyExcerpt)',
      url,
    },
    { status, bodyExcerpt: excerpt },
  );
}

export function handshakeTimedOut(url: string, limitMs: number): WebSocketError {
  return new WebSocketError({
    problem: 'Handshake took too long',
    code: 'HANDSHAKE_TIMEOUT',
    reason: `no answer within ${limitMs} ms`,
    remedy: 'Check that the URL is that of a WebSocket server, or raise handshakeTimeoutMs',
    url,
  });
}

export function pongMissing(url: string, limitMs: number): WebSocketError {
  return new WebSocketError(
    {
      code: 'PONG_TIMEOUT',
      reason: `a ping was not answered within ${limitMs} ms`,
      remedy: CHECK_PEER,
      url,
    },
    { closeCode: CLOSE_ABNORMAL },
  );
}

export function notOpen(url: string): WebSocketError {
  return new WebSocketError({
    problem: 'Not sent',
    code: 'NOT_OPEN',
    reason: 'the connection is closing or closed',
    remedy: 'Stop sending after close, or when the connection has ended',
    url,
  });
}

export function sendQueueFull(url: string, queuedBytes: number): WebSocketError {
  return new WebSocketError({
    problem: 'Not sent',
    code: 'SEND_QUEUE_FULL',
    reason: `${queuedBytes} bytes wait already`,
    remedy: 'Await drained() when send answers false, or raise maxQueuedBytes',
    url,
  });
}

/** A close code or reason that must not be sent. */
export function invalidClose(url: string, cause: WireError): InvalidRequestError {
  return new InvalidRequestError({
    ...partsOf(cause),
    code: 'INVALID_OPTION',
    phase: 'websocket',
    problem: 'Not closed',
    url,
    cause,
  });
}

/** Takes a message of the wire, `Problem: reason. Remedy.`, apart again. */
function partsOf({ message }: WireError): { readonly reason: string; readonly remedy: string } {
  const remedyAt = message.lastIndexOf('. ', message.length - 2);
  return { reason: message.slice(0, remedyAt), remedy: message.slice(remedyAt + 2, -1) };
}
