import type { Socket } from 'node:net';
import { systemClock, type Clock } from '../clock.ts';
import { LinkError } from './errors.ts';
import type { Connector, Link, LinkHandler, OpenTimings } from './link.ts';
import { describeTarget, Opening, type OpeningOutcome } from './opening.ts';
import { takeReadBuffer } from './read-buffer.ts';
import { SocketLink } from './socket-link.ts';
import { tcpOpener, type OpenSocket, type TcpTarget } from './tcp.ts';
import { tlsOpener, type TlsSettings } from './tls.ts';

export interface DialerOptions {
  /** Speak TLS over the connection; without it the link is plain TCP. */
  readonly tls?: TlsSettings;
  /** Sends small writes at once (TCP_NODELAY); true unless set. */
  readonly noDelay?: boolean;
  /** From `connect` to `onOpen`, all addresses and the TLS handshake together; 10 000 unless set, Infinity for no limit. */
  readonly connectTimeoutMs?: number;
  /**
   * How long an address may stay silent before the next is tried beside it; RFC 8305 §8 recommends 250. Unless set, the
   * next is tried only when one has failed.
   */
  readonly attemptDelayMs?: number;
  /** Puts the failure to open a link in the words of whoever dials. */
  readonly explain?: (error: LinkError) => Error;
  readonly clock?: Clock;
}

/** A socket that is connected, and over TLS handshaken and verified; whoever takes it listens for 'error'. */
export interface OpenedSocket {
  readonly socket: Socket;
  readonly timings: OpenTimings;
}

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

/**
 * Opens links to one target and remembers what it learnt: the address that answered is tried first next time, and a
 * TLS session is resumed. Addresses are tried in order when one refuses or cannot be reached.
 */
export class Dialer implements Connector {
  readonly target: TcpTarget;
  readonly #open: OpenSocket;
  readonly #options: DialerOptions;
  #preferred = 0;

  constructor(target: TcpTarget, options: DialerOptions = {}) {
    this.target = target;
    this.#open =
      options.tls === undefined
        ? tcpOpener(target)
        : tlsOpener(target, { session: {}, ...options.tls });
    this.#options = options;
    if (target.socketPath === undefined && target.addresses.length === 0) {
      throw new LinkError('DNS_FAILED', 'resolve', target.host, {
        reason: 'there is no address to try',
        remedy: 'Give the addresses that resolveHost answers.',
      });
    }
  }

  /** Starts opening a link; never throws, `onClose` tells of a failure with a `LinkError`, or what `explain` made of it. */
  connect(handler: LinkHandler): Link {
    const link = new SocketLink(describeTarget(this.target));
    link.attach(handler);
    const opening = this.#openingFor({
      reading: () => {
        const buffer = takeReadBuffer();
        return {
          buffer,
          callback: (end) => {
            link.receive(buffer, end);
            return true;
          },
        };
      },
      onOpened: (socket, timings) => {
        link.follow(socket);
        link.opened(timings);
      },
      onFailed: (error) => link.closed(this.#explained(error)),
    });
    link.whileOpening(() => opening.cancel());
    opening.start();
    return link;
  }

  /**
   * Opens a socket in place of a link, for what Node itself will speak over it. Rejects as `connect` fails, or with the
   * reason of an aborted `signal`.
   */
  open(signal?: AbortSignal): Promise<OpenedSocket> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const onAbort = (): void => opening.cancel();
      const opening = this.#openingFor({
        onOpened: (socket, timings) => {
          signal?.removeEventListener('abort', onAbort);
          resolve({ socket, timings });
        },
        onFailed: (error) => {
          signal?.removeEventListener('abort', onAbort);
          reject((this.#explained(error) ?? signal?.reason) as Error);
        },
      });
      signal?.addEventListener('abort', onAbort, { once: true });
      opening.start();
    });
  }

  #openingFor(outcome: OpeningOutcome): Opening {
    const { tls, noDelay, connectTimeoutMs, attemptDelayMs, clock } = this.#options;
    const plan = {
      target: this.target,
      open: this.#open,
      isTls: tls !== undefined,
      noDelay: noDelay ?? true,
      clock: clock ?? systemClock,
      timeoutMs: connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
      attemptDelayMs: attemptDelayMs ?? Infinity,
      firstAddress: this.#preferred,
      onAnswered: (index: number) => (this.#preferred = index),
    };
    return new Opening(plan, outcome);
  }

  #explained(error: LinkError | null): Error | null {
    return error === null ? null : (this.#options.explain?.(error) ?? error);
  }
}
