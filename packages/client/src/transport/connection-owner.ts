import type { Clock, ResponseLimits, SharedHeads } from '@needletail/wire';
import type { AnswerTurn } from './answer-turn.ts';
import type { ConnectionWatch } from './exchange-watch.ts';
import type { Exchange } from './exchange.ts';
import type { WireConnection } from './wire-connection.ts';

/** What is the same for all connections of a pool. */
export interface ConnectionSettings {
  readonly clock: Clock;
  readonly responseLimits: Partial<ResponseLimits>;
  /** Each connection knows its own heads where this is null. */
  readonly sharedHeads: SharedHeads | null;
  readonly keepsConnections: boolean;
  readonly connectionWatch: ConnectionWatch | null;
  /** Null where each answer is handed out when it is read. */
  readonly answerTurn: AnswerTurn | null;
}

/** The pool as a connection sees it. */
export interface ConnectionOwner extends ConnectionSettings {
  /** Whether a request may go out again where the protocol allows it. */
  readonly mayResend: boolean;
  /** It is free for another exchange. */
  released(connection: WireConnection): void;
  /** It is gone. */
  lost(connection: WireConnection): void;
  /** It is gone, and its exchange goes out again on a connection of its own. */
  redo(connection: WireConnection, exchange: Exchange): void;
}

/** Who waits for the link to open. */
export interface OpeningListener {
  opened(connection: WireConnection): void;
  failed(error: Error | null): void;
}
