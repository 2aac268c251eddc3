import type { TracedBody, TracedHeaders } from './traced-exchange.ts';

/** What happened on a WebSocket or an event stream, plain data. */
export type TracedMessage = {
  /** As in the report: `WS /chat`, `GET /events`, or the name that was given. */
  readonly name: string;
  /** Tells connections of one name apart; from 1 in each thread. */
  readonly connection: number;
  /** Milliseconds since the connection was asked for. */
  readonly atMs: number;
} & (
  | {
      readonly type: 'opened';
      readonly url: string;
      /** Of the answer to the handshake. */
      readonly headers: TracedHeaders;
    }
  | { readonly type: 'refused'; readonly url: string; readonly error: string }
  | { readonly type: 'sent' | 'received'; readonly isText: boolean; readonly data: TracedBody }
  | {
      readonly type: 'event';
      readonly event: string;
      /** That of the last event which had one; empty before. */
      readonly id: string;
      readonly data: TracedBody;
    }
  /** This side closes it. */
  | { readonly type: 'closing'; readonly code: number; readonly reason: string }
  /** It is closed: the server's code and reason, and why it was not clean. */
  | {
      readonly type: 'closed';
      readonly code: number;
      readonly reason: string;
      readonly error: string | null;
    }
  /** An event stream is over; the error when it did not end well. */
  | { readonly type: 'ended'; readonly error: string | null }
);
