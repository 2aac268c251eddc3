import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { token } from '../inject/token.ts';
import { App } from './app.ts';

const Slow = token<string>('slow');
const Next = token<string>('next');

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** An application whose factory waits until its signal aborts, and a client that asks for it. */
async function asked(): Promise<{
  readonly socket: Socket;
  readonly events: string[];
  readonly started: Promise<void>;
  readonly disposed: Promise<void>;
}> {
  const events: string[] = [];
  const started = later();
  const disposed = later();
  const app = new App({ onError: (error) => void events.push(`reported ${String(error)}`) })
    .provide(Slow, {
      scope: 'request',
      create: (_, { signal }) =>
        new Promise<string>((resolve) => {
          signal.addEventListener('abort', () => {
            events.push('aborted');
            resolve('made nevertheless');
          });
          started.resolve();
        }),
      dispose(value) {
        events.push(`disposed of what was ${value}`);
        disposed.resolve();
      },
    })
    .provide(Next, {
      scope: 'request',
      needs: { slow: Slow },
      create: () => (events.push('made next'), 'next'),
    })
    .get('/slow', { inject: { next: Next } }, () => (events.push('handled'), 'answer'));
  const listening = await app.listen();
  closing.push(() => listening.close({ graceMs: 0 }));
  const socket = connect(listening.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('GET /slow HTTP/1.1\r\nHost: h\r\n\r\n');
  return { socket, events, started: started.promise, disposed: disposed.promise };
}

function later(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe('a request that ends while its factories run', () => {
  it('tells them, disposes of what they make, starts no further one, and reports nothing', async () => {
    const { socket, events, started, disposed } = await asked();
    await started;
    socket.resetAndDestroy();
    await disposed;
    await new Promise((resolve) => setImmediate(resolve));
    expect(events).toEqual(['aborted', 'disposed of what was made nevertheless']);
  });
});
