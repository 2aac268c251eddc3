import type { Socket } from 'node:net';
import { BODY_TUNNEL, encodeRequestHead, ResponseDecoder } from '@needletail/wire';
import { ProxyError } from '../errors.ts';
import { proxyGarbled, proxyHungUp, proxyRefused } from './proxy-failure.ts';
import type { ProxyServer } from './proxy-rules.ts';

/**
 * Asks the proxy at the other end of `socket` for a tunnel to `authority`, a `host:port` (RFC 9110 §9.3.6). The socket is
 * left paused; bytes that came behind the answer are read from it first. Rejects with ProxyError or the reason of `signal`;
 * the socket is gone then.
 */
export async function connectTunnel(
  socket: Socket,
  authority: string,
  proxy: ProxyServer,
  signal: AbortSignal,
): Promise<void> {
  try {
    await askForTunnel(socket, authority, proxy, signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function askForTunnel(
  socket: Socket,
  authority: string,
  proxy: ProxyServer,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const answer = new TunnelAnswer(authority, proxy);
    const finish = (error: unknown): void => {
      socket.off('data', onData).off('error', onLost).off('end', onLost).off('close', onLost);
      signal.removeEventListener('abort', onAbort);
      socket.pause();
      if (error === null) resolve();
      else reject(error as Error);
    };
    const onAbort = (): void => finish(signal.reason);
    const onLost = (cause?: unknown): void => finish(proxyHungUp(proxy, authority, cause));
    const onData = (chunk: Buffer): void => {
      try {
        const usedBytes = answer.take(chunk);
        if (usedBytes === null) return;
        finish(null);
        if (usedBytes < chunk.length) socket.unshift(chunk.subarray(usedBytes));
      } catch (error) {
        finish(error);
      }
    };
    socket.on('data', onData).on('error', onLost).on('end', onLost).on('close', onLost);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) return onAbort();
    const { headers } = proxy;
    const head = { method: 'CONNECT', target: authority, host: authority, headers };
    socket.write(encodeRequestHead(head), 'latin1');
  });
}

/** Reads what a proxy answers to CONNECT. */
class TunnelAnswer {
  readonly #proxy: ProxyServer;
  readonly #decoder: ResponseDecoder;
  #isGranted = false;

  constructor(authority: string, proxy: ProxyServer) {
    this.#proxy = proxy;
    this.#decoder = new ResponseDecoder({
      onHead: ({ status }) => {
        if (status < 200 || status > 299) throw proxyRefused(proxy, authority, status);
        this.#isGranted = true;
        return BODY_TUNNEL;
      },
      onBody() {},
      onEnd: () => false,
    });
  }

  /** How many of the bytes belong to the answer when the tunnel is there, else null; throws ProxyError when it will not be. */
  take(chunk: Buffer): number | null {
    try {
      const usedBytes = this.#decoder.feed(chunk, 0, chunk.length);
      return this.#isGranted ? usedBytes : null;
    } catch (error) {
      if (error instanceof ProxyError) throw error;
      throw proxyGarbled(this.#proxy, 'its answer is no HTTP response', error);
    }
  }
}
