import type { AnyContext } from '../app/middleware.ts';
import { EventStream } from './event-stream.ts';
import type { SseEvent } from './event-text.ts';
import { pairsOf, stream, type Reply, type ReplyOptions } from './reply.ts';

/** What the producer of an event stream is told. */
export interface SseSource {
  /** The id of the last event the client got before it lost the connection; empty for a new one. */
  readonly lastEventId: string;
  /** Aborts when the client leaves, when the application is closed, and when the producer is at its end. */
  readonly signal: AbortSignal;
}

export type SseProducer = (source: SseSource) => AsyncIterable<SseEvent | string>;

export interface SseOptions extends Pick<ReplyOptions, 'headers'> {
  /** A comment is sent when nothing was for so long, so that nobody in between closes the connection; 15,000, and 0 for none. */
  readonly keepAliveMs?: number;
}

const FIELDS = [
  ['Cache-Control', 'no-store'],
  // nginx would keep events until its buffer is full.
  ['X-Accel-Buffering', 'no'],
] as const;

/**
 * Server-Sent Events (HTML Living Standard §9.2): `return sse(c, async function* ({ lastEventId, signal }) { yield … })`. An event
 * is asked for when the one before was taken; a client that leaves ends the producer, and so does the end of the application:
 * clients connect anew by themselves.
 */
export function sse(
  c: Pick<AnyContext, 'header'> & Partial<Pick<AnyContext, 'closing'>>,
  producer: SseProducer,
  options: SseOptions = {},
): Reply {
  const lastEventId = c.header('last-event-id') ?? '';
  const events = new EventStream(
    (signal) => producer({ lastEventId, signal }),
    options.keepAliveMs ?? 15_000,
    c.closing,
  );
  const headers = [...FIELDS, ...pairsOf(options.headers)];
  return stream(events, { type: 'text/event-stream', headers });
}
