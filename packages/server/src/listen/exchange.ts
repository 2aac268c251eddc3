import type { FieldMap } from '@needletail/wire';
import type { Closing } from './cluster/cluster-options.ts';
import type { TlsOptions } from './tls/tls-options.ts';

/** The body of one request; read once, or left: what is left is drained or the connection is closed. */
export interface IncomingBody {
  /** Bytes as announced; null when chunked, 0 when there is none. */
  readonly length: number | null;
  /** The whole body; rejects with BodyTooLargeError (413) above the limit, and when the client goes away. */
  bytes(maxBytes?: number): Promise<Buffer>;
  /**
   * The whole body where it is here already, so that nobody has to wait for a promise; null, and not read, where it is not.
   * Throws what `bytes` rejects with. Not there where a backend cannot tell.
   */
  arrived?(maxBytes?: number): Buffer | null;
  /** The body as it comes, held back while nobody reads. */
  stream(): AsyncIterable<Buffer>;
}

/** One request as a backend hands it over; strings are made when they are asked for. */
export interface ServerRequest {
  /** As sent; methods are case-sensitive (RFC 9110 §9.1). */
  readonly method: string;
  /** Origin form, as sent: path and query, not decoded. `*` for OPTIONS *. */
  readonly target: string;
  readonly httpVersion: '1.0' | '1.1' | '2';
  readonly headers: FieldMap;
  readonly body: IncomingBody;
  readonly remoteAddress: string;
  readonly isSecure: boolean;
  /**
   * Aborts when the client goes away before it was answered, or sends no more, which nearly always is the same: one that still reads
   * gets the answer all the same. Made when it is asked for.
   */
  readonly signal: AbortSignal;
}

/** Where the answer to one request goes; answered once, later calls throw AnsweredTwiceError. */
export interface ServerReply {
  /** Informational responses first: 103 Early Hints and the like (never 101). */
  interim(status: number, fields: readonly (readonly [name: string, value: string])[]): void;
  /**
   * A whole answer. `head` holds encoded field lines (`Name: value\r\n` each) made once per route by `encodeFields`, which
   * refuses injection; Date, Content-Length and Connection are the backend's.
   */
  send(status: number, head: string, body: string | Uint8Array | null): void;
  /** An answer that comes in pieces; `length` when it is known, else it is chunked. Rejects when the client goes away. */
  stream(
    status: number,
    head: string,
    pieces: AsyncIterable<Uint8Array | string>,
    length?: number | null,
  ): Promise<void>;
  readonly isAnswered: boolean;
  /**
   * Fails in place of an answer, after `latin1` as it is. For servers that fail on purpose, under test; not there where a
   * backend does not have the connection in hand.
   */
  breakOff?(how: Failure, latin1: string): void;
}

/** A connection that is reset, that ends as if the server had been killed, or on which nothing comes until its client ends. */
export type Failure = 'reset' | 'end' | 'hang';

/** Called for each request, in order; answers at once or later. What it throws is answered with 500, and reported. */
export type Dispatch = (request: ServerRequest, reply: ServerReply) => void | Promise<void>;

export interface ListenOptions {
  readonly port?: number;
  readonly host?: string;
  /**
   * Listens on this unix socket instead of a port. The file of a server that is no more is replaced; `close` removes it.
   */
  readonly socketPath?: string;
  /** File mode of the socket, such as 0o660; as the umask of the process has it unless set. */
  readonly socketMode?: number;
  readonly tls?: TlsOptions;
}

export interface Listening {
  readonly port: number;
  readonly host: string;
  /** Stops accepting, lets what is under way end, closes idle connections at once and the rest after `graceMs`. */
  close(closing?: Closing): Promise<void>;
  /** Replaces the worker processes one after the other; with `workers` only. */
  restart?(): Promise<void>;
}
