import { isIP, type Socket } from 'node:net';
import { systemClock, type Clock, type TimerHandle } from '../clock.ts';
import { classifySocketError, LinkError } from './errors.ts';
import type { Connector, Link, LinkHandler } from './link.ts';
import { takeReadBuffer } from './read-buffer.ts';
import { SocketLink } from './socket-link.ts';
import { tcpOpener, type OpenSocket, type TcpTarget } from './tcp.ts';
import { tlsOpener, type TlsSettings } from './tls.ts';

export interface DialerOptions {
  /** Speak TLS over the connection; without it the link is plain TCP. */
  readonly tls?: TlsSettings;
  /** Sends small writes at once (TCP_NODELAY); true unless set. */
  readonly noDelay?: boolean;
  /** From `connect` to `onOpen`, all addresses and the TLS handshake together; 10 000 unless set. */
  readonly connectTimeoutMs?: number;
  readonly clock?: Clock;
}

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

/**
 * Opens links to one target and remembers what it learnt: the address that answered is tried first next time, and a
 * TLS session is resumed. Addresses are tried in order when one refuses or cannot be reached.
 */
export class Dialer implements Connector {
  readonly target: TcpTarget;
  readonly #open: OpenSocket;
  readonly #isTls: boolean;
  readonly #noDelay: boolean;
  readonly #connectTimeoutMs: number;
  readonly #clock: Clock;
  #preferred = 0;

  constructor(target: TcpTarget, options: DialerOptions = {}) {
    this.target = target;
    this.#open = options.tls === undefined ? tcpOpener(target) : tlsOpener(target, options.tls);
    this.#isTls = options.tls !== undefined;
    this.#noDelay = options.noDelay ?? true;
    this.#connectTimeoutMs = options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
    this.#clock = options.clock ?? systemClock;
    if (target.socketPath === undefined && target.addresses.length === 0) {
      throw new LinkError('DNS_FAILED', 'resolve', target.host, {
        reason: 'there is no address to try',
        remedy: 'Give the addresses that resolveHost answers.',
      });
    }
  }

  /** Starts opening a link; never throws, `onClose` tells of a failure with a `LinkError`. */
  connect(handler: LinkHandler): Link {
    const opening = new Opening({
      target: this.target,
      open: this.#open,
      isTls: this.#isTls,
      noDelay: this.#noDelay,
      clock: this.#clock,
      firstAddress: this.#preferred,
      onAnswered: (index) => (this.#preferred = index),
    });
    return opening.start(handler, this.#connectTimeoutMs);
  }
}

interface OpeningPlan {
  readonly target: TcpTarget;
  readonly open: OpenSocket;
  readonly isTls: boolean;
  readonly noDelay: boolean;
  readonly clock: Clock;
  readonly firstAddress: number;
  readonly onAnswered: (index: number) => void;
}

/** One `connect`: the addresses tried so far, and the times that `onOpen` reports. */
class Opening {
  readonly #plan: OpeningPlan;
  readonly #link: SocketLink;
  readonly #startedAt: number;
  #timer: TimerHandle;
  #tried = 0;
  #connectedAt = 0;
  #isOpen = false;
  #firstError: LinkError | null = null;

  constructor(plan: OpeningPlan) {
    this.#plan = plan;
    this.#link = new SocketLink(describeTarget(plan.target));
    this.#startedAt = plan.clock.now();
  }

  start(handler: LinkHandler, timeoutMs: number): Link {
    this.#link.attach(handler);
    this.#timer = this.#plan.clock.setTimer(timeoutMs, () => this.#expire(timeoutMs));
    this.#tryNext();
    return this.#link;
  }

  get #addressIndex(): number {
    return (
      (this.#plan.firstAddress + this.#tried) % Math.max(1, this.#plan.target.addresses.length)
    );
  }

  #tryNext(): void {
    const { open, target } = this.#plan;
    const index = this.#addressIndex;
    const buffer = takeReadBuffer();
    const link = this.#link;
    const socket = open(target.addresses[index] ?? '', {
      buffer,
      callback: (end) => {
        link.receive(buffer, end);
        return true;
      },
    });
    link.use(socket);
    this.#follow(socket, index);
  }

  #follow(socket: Socket, index: number): void {
    let failure: Error | null = null;
    socket.on('connect', () => {
      this.#connectedAt = this.#plan.clock.now();
      this.#plan.onAnswered(index);
      socket.setNoDelay(this.#plan.noDelay);
      if (!this.#plan.isTls) this.#succeed();
    });
    if (this.#plan.isTls) socket.on('secureConnect', () => this.#succeed());
    socket.on('error', (error) => {
      if (this.#isOpen) this.#link.failed(error);
      else failure ??= error;
    });
    socket.on('close', () => {
      if (this.#isOpen) this.#link.closed(null);
      else this.#fail(failure, index);
    });
  }

  #succeed(): void {
    const now = this.#plan.clock.now();
    this.#plan.clock.clearTimer(this.#timer);
    this.#isOpen = true;
    this.#link.opened({
      connectMs: this.#connectedAt - this.#startedAt,
      tlsMs: this.#plan.isTls ? now - this.#connectedAt : 0,
    });
  }

  #fail(cause: Error | null, index: number): void {
    const phase = this.#connectedAt === 0 ? 'connect' : 'tls';
    const where = describeAddress(this.#plan.target, index);
    this.#firstError ??= classifySocketError(
      cause ?? new Error('the peer closed it'),
      phase,
      where,
    );
    this.#tried += 1;
    if (!this.#link.gone && this.#mayTryAnother(phase)) return this.#tryNext();
    this.#plan.clock.clearTimer(this.#timer);
    this.#link.closed(this.#firstError);
  }

  #mayTryAnother(phase: 'connect' | 'tls'): boolean {
    return phase === 'connect' && this.#tried < this.#plan.target.addresses.length;
  }

  #expire(timeoutMs: number): void {
    if (this.#isOpen) return;
    const phase = this.#connectedAt === 0 ? 'connect' : 'tls';
    const where = describeAddress(this.#plan.target, this.#addressIndex);
    this.#link.destroy(
      new LinkError('CONNECT_TIMEOUT', phase, where, {
        reason: `no answer within ${timeoutMs} ms`,
        remedy: 'Check the address and the firewall, or allow more time.',
      }),
    );
  }
}

function describeTarget(target: TcpTarget): string {
  return target.socketPath ?? joinPort(target.host, target.port);
}

function describeAddress(target: TcpTarget, index: number): string {
  const address = target.addresses[index];
  if (target.socketPath !== undefined || address === undefined || address === target.host) {
    return describeTarget(target);
  }
  return `${describeTarget(target)} at ${joinPort(address, target.port)}`;
}

function joinPort(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
