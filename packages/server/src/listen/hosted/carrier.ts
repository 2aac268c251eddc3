import type { FieldMap } from '@needletail/wire';
import type { BodySource } from '../received-body.ts';
import type { StreamOutput } from '../reply-stream.ts';

/** Field lines that were checked, as pairs in order. */
export type FieldPairs = readonly (readonly [name: string, value: string])[];

/** One request on a server that is not ours (node:http, node:http2, Bun.serve), as far as its exchange is concerned. */
export interface Carrier extends BodySource {
  readonly method: string;
  /** Origin form. */
  readonly target: string;
  readonly httpVersion: '1.0' | '1.1' | '2';
  readonly remoteAddress: string;
  readonly isSecure: boolean;
  /** Bytes as announced; null when chunked, 0 when there is none. */
  readonly bodyLength: number | null;
  /** The end of the body has been received. */
  readonly isBodyComplete: boolean;
  /** The client waits for `100 Continue` and has not been told. */
  readonly owesContinue: boolean;
  readFields(): FieldMap;
  /** Sends an informational response, where the server has a way to. */
  interim(status: number, fields: FieldPairs): void;
  /** Sends an answer. `isLast` ends the connection with it. */
  respond(answer: CarriedAnswer): void;
  /** Sends the head of an answer whose body goes through the output that it gives; `finish` ends it. */
  begin(answer: CarriedHead): StreamOutput;
  finish(): void;
  /** Finds out whether a client that sends no more is there, where the server has a way to: see `ReplyStream.probe`. */
  probe?(): void;
  /** Breaks the connection or the stream, so that nobody takes what was sent for complete. */
  abort(): void;
}

export interface CarriedHead {
  readonly status: number;
  readonly fields: FieldPairs;
  /** What Content-Length says, null for no such field; of an answer with a body the carrier knows that itself. */
  readonly length: number | null;
  readonly isLast: boolean;
}

export interface CarriedAnswer extends CarriedHead {
  readonly body: string | Uint8Array | null;
}
