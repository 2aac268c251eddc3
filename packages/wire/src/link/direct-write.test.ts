import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { beforeEach, describe, expect, it, vi } from 'vitest';

const READER = `
const { createServer } = require('node:net');
const { parentPort } = require('node:worker_threads');
const server = createServer((socket) => {
  let bytes = 0;
  socket.on('data', (chunk) => (bytes += chunk.length));
  socket.on('end', () => { socket.end(); parentPort.postMessage({ bytes }); });
}).listen(0, '127.0.0.1', () => parentPort.postMessage({ port: server.address().port }));
`;

/** A request of a handle that takes nothing at once, by what the test sets. */
class FakeRequest {
  asyncId = -1;
  oncomplete: ((status: number) => void) | undefined;

  getAsyncId(): number {
    return this.asyncId;
  }
}

class FakeHandle {
  readonly requests: FakeRequest[] = [];
  /** What is left says nothing: the kernel made room meanwhile. */
  readonly writeQueueSize = 0;
  isFull = false;

  writeBuffer(request: FakeRequest): number {
    if (request.asyncId !== -1) throw new Error('the request is in flight');
    if (this.isFull) request.asyncId = 7;
    this.requests.push(request);
    return 0;
  }

  writeLatin1String(request: FakeRequest): number {
    return this.writeBuffer(request);
  }
}

describe('directWriterOf', () => {
  beforeEach(() => void vi.resetModules());

  it('never uses a request that is in flight, whatever is left in the queue', async () => {
    const { directWriterOf } = await import('./direct-write.ts');
    const handle = new FakeHandle();
    const socket = { _handle: handle, destroyed: false } as unknown as Socket;
    let drains = 0;
    const onDrain = (): void => void (drains += 1);
    expect(directWriterOf(socket, { drained: onDrain })).toBeNull();
    handle.writeBuffer(new FakeRequest());
    const writer = directWriterOf(socket, { drained: onDrain })!;
    const piece = Buffer.from('piece');
    expect(writer.write(piece)).toBe(true);
    expect(writer.write('text')).toBe(true);
    expect(handle.requests[2]).toBe(handle.requests[1]);
    handle.isFull = true;
    expect(writer.write(piece)).toBe(false);
    handle.isFull = false;
    expect(writer.write(piece)).toBe(true);
    expect(drains).toBe(0);
    handle.requests[3]!.oncomplete!(0);
    expect(drains).toBe(1);
  });

  it('sends all of what a reader in another thread takes as it comes', async () => {
    const { directWriterOf } = await import('./direct-write.ts');
    const reader = new Worker(READER, { eval: true });
    const [{ port }] = (await once(reader, 'message')) as [{ port: number }];
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    let wake: (() => void) | null = null;
    const onDrain = (): void => wake?.();
    directWriterOf(socket, { drained: onDrain });
    socket.write(Buffer.from('x'));
    const writer = directWriterOf(socket, { drained: onDrain })!;
    const piece = Buffer.alloc(65_536);
    const pieces = 5_000;
    for (let sent = 0; sent < pieces; sent += 1) {
      if (writer.write(piece)) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    socket.end();
    const [{ bytes }] = (await once(reader, 'message')) as [{ bytes: number }];
    expect(bytes).toBe(1 + pieces * piece.length);
    await reader.terminate();
  });
});
