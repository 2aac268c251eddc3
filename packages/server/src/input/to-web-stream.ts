import type { IncomingBody } from '../listen/exchange.ts';

/** A body as a web stream of bytes, which reads when it is read, and gives up the rest when it is cancelled. */
export function toWebStream(body: Pick<IncomingBody, 'stream'>): ReadableStream<Uint8Array> {
  let pieces: AsyncIterator<Buffer> | null = null;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        // Asking for the stream is what tells a client that waits for 100 Continue to go on.
        pieces ??= body.stream()[Symbol.asyncIterator]();
        const next = await pieces.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await pieces?.return?.();
      },
    },
    // Nothing is read ahead: the body has a queue, and a limit to it.
    { highWaterMark: 0 },
  );
}
