import { systemClock, type Clock, type TimerHandle } from '@needletail/wire';
import { CLOSE_GOING_AWAY } from '@needletail/wire/websocket';
import type { SendResult, ServerWebSocket } from './server-websocket.ts';
import { SharedMessage } from './shared-message.ts';

/** A connection as the hub sees it. */
export interface HubMember {
  readonly socket: ServerWebSocket;
  sendShared(message: SharedMessage): SendResult;
  /** Called twice a second with the time. */
  check(nowMs: number): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

export interface TopicHubOptions {
  /** What handlers threw that have no `error` of their own; printed to stderr unless set. */
  readonly onError?: (error: unknown, socket: ServerWebSocket) => void;
  readonly clock?: Clock;
}

/** Leaves one socket out: usually the one that the message came from. */
export interface PublishOptions {
  readonly except?: ServerWebSocket;
}

const TICK_MS = 500;
const DEFAULT_GRACE_MS = 10_000;

/**
 * The WebSockets of one server: their topics, one timer for all of them, and their common end. A published message is encoded
 * once, and once compressed; every subscriber is sent the same bytes, some hundred of them in each turn of the event loop.
 */
export class TopicHub {
  readonly #members = new Set<HubMember>();
  readonly #topics = new Map<string, Set<HubMember>>();
  readonly #clock: Clock;
  readonly #onError: (error: unknown, socket: ServerWebSocket) => void;
  readonly #emptied: (() => void)[] = [];
  #tick: TimerHandle = null;
  #isClosing = false;
  /** The clock as of the last tick; precise enough for time limits of seconds. */
  nowMs = 0;

  constructor(options: TopicHubOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#onError = options.onError ?? printError;
  }

  /** Connections that are not gone, those that are closing included. */
  get socketCount(): number {
    return this.#members.size;
  }

  /** Whether `closeAll` was called: handshakes are answered with 503. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Sends to all that subscribed to `topic`; to how many, without those it was left out for. */
  publish(topic: string, message: string | Uint8Array, options: PublishOptions = {}): number {
    const members = this.#topics.get(topic);
    return members === undefined ? 0 : sendToAll(members, message, options.except);
  }

  /** Sends to all sockets. */
  broadcast(message: string | Uint8Array, options: PublishOptions = {}): number {
    return sendToAll(this.#members, message, options.except);
  }

  subscriberCount(topic: string): number {
    return this.#topics.get(topic)?.size ?? 0;
  }

  /** Topics that somebody is subscribed to. */
  topics(): string[] {
    return [...this.#topics.keys()];
  }

  /**
   * Closes every socket with 1001, waits until all are gone, and drops those that are not after `graceMs`, 10 seconds unless
   * given. Lets nobody in from now on.
   */
  async closeAll(graceMs: number = DEFAULT_GRACE_MS): Promise<void> {
    this.#isClosing = true;
    for (const member of this.#members) member.close(CLOSE_GOING_AWAY, '');
    if (this.#members.size === 0) return;
    const force = this.#clock.setTimer(graceMs, () => {
      for (const member of this.#members) member.terminate();
    });
    await new Promise<void>((resolve) => this.#emptied.push(resolve));
    this.#clock.clearTimer(force);
  }

  /** For connections only, as all that follows. */
  join(member: HubMember): void {
    this.#members.add(member);
    if (this.#tick === null) this.#startTicking();
  }

  leave(member: HubMember): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    this.#clock.clearTimer(this.#tick);
    this.#tick = null;
    for (const resolve of this.#emptied.splice(0)) resolve();
  }

  subscribe(member: HubMember, topic: string): void {
    const members = this.#topics.get(topic);
    if (members === undefined) this.#topics.set(topic, new Set([member]));
    else members.add(member);
  }

  unsubscribe(member: HubMember, topic: string): void {
    const members = this.#topics.get(topic);
    if (members?.delete(member) === true && members.size === 0) this.#topics.delete(topic);
  }

  report(error: unknown, socket: ServerWebSocket): void {
    this.#onError(error, socket);
  }

  #startTicking(): void {
    this.nowMs = this.#clock.now();
    this.#tick = this.#clock.setTimer(TICK_MS, () => {
      this.nowMs = this.#clock.now();
      for (const member of this.#members) member.check(this.nowMs);
      if (this.#members.size > 0) this.#startTicking();
    });
    this.#clock.unrefTimer?.(this.#tick);
  }
}

function sendToAll(
  members: ReadonlySet<HubMember>,
  message: string | Uint8Array,
  except: ServerWebSocket | undefined,
): number {
  const shared = new SharedMessage(message);
  let sent = 0;
  for (const member of members) {
    if (member.socket === except) continue;
    const result = member.sendShared(shared);
    if (result === 'sent' || result === 'queued') sent += 1;
  }
  return sent;
}

function printError(error: unknown, socket: ServerWebSocket): void {
  console.error(`WebSocket handler failed (${socket.remoteAddress}):`, error);
}
