import { isIP, type OnReadOpts, type Socket } from 'node:net';
import type { Clock, TimerHandle } from '../clock.ts';
import { classifySocketError, LinkError } from './errors.ts';
import type { OpenTimings } from './link.ts';
import type { OpenSocket, TcpTarget } from './tcp.ts';

export interface OpeningPlan {
  readonly target: TcpTarget;
  readonly open: OpenSocket;
  readonly isTls: boolean;
  readonly noDelay: boolean;
  readonly clock: Clock;
  /** Infinity for no limit. */
  readonly timeoutMs: number;
  /** How long one address has before the next is tried beside it; Infinity to wait for its failure. */
  readonly attemptDelayMs: number;
  readonly firstAddress: number;
  readonly onAnswered: (index: number) => void;
}

/** What becomes of an opening: one of the two calls, once. */
export interface OpeningOutcome {
  /** Where a socket reads to; without it, it emits 'data'. */
  readonly reading?: () => OnReadOpts;
  onOpened(socket: Socket, timings: OpenTimings): void;
  /** Null when it was cancelled. */
  onFailed(error: LinkError | null): void;
}

/**
 * Opens one socket to a target. Its addresses are tried in order, the next when one fails or, if the plan says so, when
 * one is slow (RFC 8305 §5); the first to be connected wins and the others are dropped.
 */
export class Opening {
  readonly #plan: OpeningPlan;
  readonly #outcome: OpeningOutcome;
  readonly #startedAt: number;
  readonly #racing = new Set<Socket>();
  #deadline: TimerHandle = null;
  #nextAttempt: TimerHandle = null;
  #tried = 0;
  /** Null until one has answered. */
  #connectedAt: number | null = null;
  #isCancelled = false;
  #isDone = false;
  #error: LinkError | null = null;

  constructor(plan: OpeningPlan, outcome: OpeningOutcome) {
    this.#plan = plan;
    this.#outcome = outcome;
    this.#startedAt = plan.clock.now();
  }

  start(): void {
    const { clock, timeoutMs } = this.#plan;
    if (timeoutMs !== Infinity) {
      this.#deadline = clock.setTimer(timeoutMs, () => this.#expire(timeoutMs));
    }
    this.#tryNext();
  }

  /** Gives up; `onFailed` follows when the sockets are gone, unless the opening had come to its end. */
  cancel(): void {
    if (this.#isDone) return;
    this.#isCancelled = true;
    this.#stopTimers();
    for (const socket of this.#racing) socket.destroy();
  }

  get #addressCount(): number {
    return Math.max(1, this.#plan.target.addresses.length);
  }

  #tryNext(): void {
    const { clock, open, target, firstAddress, attemptDelayMs } = this.#plan;
    const index = (firstAddress + this.#tried) % this.#addressCount;
    this.#tried += 1;
    const socket = open(target.addresses[index] ?? '', this.#outcome.reading?.());
    this.#racing.add(socket);
    this.#follow(socket, index);
    if (attemptDelayMs !== Infinity && this.#tried < this.#addressCount) {
      this.#nextAttempt = clock.setTimer(attemptDelayMs, () => this.#tryNext());
    }
  }

  #follow(socket: Socket, index: number): void {
    let failure: Error | null = null;
    socket.on('connect', () => this.#connected(socket, index));
    if (this.#plan.isTls) socket.on('secureConnect', () => this.#succeed(socket));
    socket.on('error', (error) => (failure ??= error));
    socket.on('close', () => {
      if (this.#racing.delete(socket)) this.#lost(failure, index);
    });
  }

  #connected(socket: Socket, index: number): void {
    if (this.#isCancelled || !this.#racing.has(socket)) return;
    this.#connectedAt = this.#plan.clock.now();
    this.#plan.onAnswered(index);
    this.#clear(this.#nextAttempt);
    for (const other of this.#racing) {
      if (other === socket) continue;
      this.#racing.delete(other);
      other.destroy();
    }
    socket.setNoDelay(this.#plan.noDelay);
    if (!this.#plan.isTls) this.#succeed(socket);
  }

  #succeed(socket: Socket): void {
    if (this.#isCancelled) return;
    const now = this.#plan.clock.now();
    const connectedAt = this.#connectedAt ?? now;
    this.#stopTimers();
    this.#isDone = true;
    this.#racing.delete(socket);
    this.#outcome.onOpened(socket, {
      connectMs: connectedAt - this.#startedAt,
      tlsMs: this.#plan.isTls ? now - connectedAt : 0,
    });
  }

  #lost(cause: Error | null, index: number): void {
    if (this.#isCancelled) return this.#failWhenQuiet();
    const phase = this.#connectedAt === null ? 'connect' : 'tls';
    const where = describeAddress(this.#plan.target, index);
    const error = classifySocketError(cause ?? new Error('the peer closed it'), phase, where);
    this.#error = phase === 'tls' ? error : (this.#error ?? error);
    if (phase === 'connect' && this.#tried < this.#addressCount) {
      this.#clear(this.#nextAttempt);
      this.#tryNext();
    } else {
      this.#failWhenQuiet();
    }
  }

  #failWhenQuiet(): void {
    if (this.#racing.size > 0 || this.#isDone) return;
    this.#isDone = true;
    this.#stopTimers();
    this.#outcome.onFailed(this.#error);
  }

  #expire(timeoutMs: number): void {
    const phase = this.#connectedAt === null ? 'connect' : 'tls';
    const { target, firstAddress } = this.#plan;
    const where = describeAddress(target, (firstAddress + this.#tried - 1) % this.#addressCount);
    this.#error = new LinkError('CONNECT_TIMEOUT', phase, where, {
      reason: `no answer within ${timeoutMs} ms`,
      remedy: 'Check the address and the firewall, or allow more time.',
    });
    this.cancel();
  }

  #stopTimers(): void {
    this.#clear(this.#deadline);
    this.#clear(this.#nextAttempt);
  }

  #clear(timer: TimerHandle): void {
    if (timer !== null) this.#plan.clock.clearTimer(timer);
  }
}

export function describeTarget(target: TcpTarget): string {
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
