import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { FakeClock } from '@needletail/testkit/fake-clock';
import { describe, expect, it } from 'vitest';
import type { LinkError } from './errors.ts';
import { Opening, type OpeningPlan } from './opening.ts';

/** A socket that does what the test says, when it says so. */
class FakeSocket extends EventEmitter {
  readonly address: string;
  isDestroyed = false;

  constructor(address: string) {
    super();
    this.address = address;
  }

  setNoDelay(): void {}

  destroy(): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    queueMicrotask(() => this.emit('close'));
  }

  fail(code: string): void {
    this.emit('error', Object.assign(new Error(code), { code }));
    this.destroy();
  }
}

function openingOf(changes: Partial<OpeningPlan> = {}) {
  const clock = new FakeClock();
  const sockets: FakeSocket[] = [];
  const events: string[] = [];
  const errors: (LinkError | null)[] = [];
  const opening = new Opening(
    {
      target: { host: 'two.test', port: 80, addresses: ['192.0.2.1', '192.0.2.2'] },
      open: (address) => {
        sockets.push(new FakeSocket(address));
        return sockets.at(-1) as unknown as Socket;
      },
      isTls: false,
      noDelay: true,
      clock,
      timeoutMs: 1000,
      attemptDelayMs: 250,
      firstAddress: 0,
      onAnswered: (index) => events.push(`answered ${index}`),
      ...changes,
    },
    {
      onOpened: (socket, timings) => {
        events.push(`open ${(socket as unknown as FakeSocket).address} after ${timings.connectMs}`);
      },
      onFailed: (error) => {
        events.push('failed');
        errors.push(error);
      },
    },
  );
  return { opening, clock, sockets, events, errors };
}

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('new Opening().start', () => {
  it('tries the next address beside one that stays silent, and drops the loser', async () => {
    const { opening, clock, sockets, events } = openingOf();
    opening.start();
    clock.advance(249);
    expect(sockets).toHaveLength(1);
    clock.advance(1);
    expect(sockets.map((socket) => socket.address)).toEqual(['192.0.2.1', '192.0.2.2']);
    clock.advance(10);
    sockets[1].emit('connect');
    await settled();
    expect(events).toEqual(['answered 1', 'open 192.0.2.2 after 260']);
    expect(sockets.map((socket) => socket.isDestroyed)).toEqual([true, false]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets the first address win although the second was begun', async () => {
    const { opening, clock, sockets, events } = openingOf();
    opening.start();
    clock.advance(300);
    sockets[0].emit('connect');
    sockets[1].emit('connect');
    await settled();
    expect(events).toEqual(['answered 0', 'open 192.0.2.1 after 300']);
    expect(sockets[1].isDestroyed).toBe(true);
  });

  it('moves on at once when an address fails', async () => {
    const { opening, sockets, events } = openingOf();
    opening.start();
    sockets[0].fail('ECONNREFUSED');
    await settled();
    sockets[1].emit('connect');
    expect(events).toEqual(['answered 1', 'open 192.0.2.2 after 0']);
  });

  it('waits for a failure when no delay is set', () => {
    const { opening, clock, sockets } = openingOf({ attemptDelayMs: Infinity });
    opening.start();
    clock.advance(999);
    expect(sockets).toHaveLength(1);
  });

  it('fails with the first error when all addresses have failed', async () => {
    const { opening, sockets, events, errors, clock } = openingOf();
    opening.start();
    sockets[0].fail('ECONNREFUSED');
    await settled();
    sockets[1].fail('ENETUNREACH');
    await settled();
    expect(events).toEqual(['failed']);
    expect(errors[0]).toMatchObject({ code: 'REFUSED', where: 'two.test:80 at 192.0.2.1:80' });
    expect(clock.pendingTimers).toBe(0);
  });

  it('tries no other address once one has answered and TLS failed', async () => {
    const { opening, sockets, events, errors } = openingOf({ isTls: true });
    opening.start();
    sockets[0].emit('connect');
    sockets[0].fail('ERR_SSL_WRONG_VERSION_NUMBER');
    await settled();
    expect(sockets).toHaveLength(1);
    expect(events).toEqual(['answered 0', 'failed']);
    expect(errors[0]).toMatchObject({ code: 'TLS_HANDSHAKE', phase: 'tls' });
  });

  it('gives up everything that races when the time is over', async () => {
    const { opening, clock, sockets, errors } = openingOf();
    opening.start();
    clock.advance(1000);
    await settled();
    expect(sockets.every((socket) => socket.isDestroyed)).toBe(true);
    expect(errors).toMatchObject([{ code: 'CONNECT_TIMEOUT', phase: 'connect' }]);
  });

  it('sets no timer for a limit that is infinite', () => {
    const { opening, clock } = openingOf({ timeoutMs: Infinity, attemptDelayMs: Infinity });
    opening.start();
    expect(clock.pendingTimers).toBe(0);
  });

  it('reports a cancellation once, without an error, when the sockets are gone', async () => {
    const { opening, clock, sockets, events, errors } = openingOf();
    opening.start();
    clock.advance(250);
    opening.cancel();
    expect(events).toEqual([]);
    await settled();
    expect(errors).toEqual([null]);
    expect(sockets.every((socket) => socket.isDestroyed)).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });
});
