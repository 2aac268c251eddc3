import type { ClientOptions, RequestOptions } from '../model/client-options.ts';
import type { Client } from '../client.ts';
import type { ClientError, Phase } from '../errors.ts';
import type { BadServer, BadServerOptions } from './bad-server.fixture.ts';

/** The ways to make a call. */
export type Style = 'request' | 'stream' | 'gather' | 'raw';

/** What a case is told when it starts. */
export interface BadContext {
  /** Of the server that a case has, without a slash at its end. */
  readonly server: BadServer;
  readonly client: Client;
  /** For the signal of the call, which every case is given. */
  readonly controller: AbortController;
}

/** A call that must fail, and how. */
export interface BadCase {
  readonly name: string;
  /** What the server does; nothing at all unless given. */
  readonly server?: BadServerOptions;
  /** Takes the place of `server`: a path of the faulty server of the testkit. */
  readonly faulty?: string;
  readonly client?: ClientOptions | ((server: BadServer) => ClientOptions);
  /** Before the call; what it resolves to is called after it. */
  readonly before?: (context: BadContext) => Promise<() => unknown>;
  /** While the call is on its way. */
  readonly during?: (context: BadContext) => Promise<void>;
  readonly method?: string;
  /** In place of `/bad` at the server, or of the path that is faulty. */
  readonly url?: string;
  /** A function where bodies can be read once only. */
  readonly options?: RequestOptions | (() => RequestOptions);
  /** All but raw where there are options or something `during` the call, unless given. */
  readonly styles?: readonly Style[];
  readonly error: ExpectedError;
  /** The server reads nothing more, and so does not see when its connection is gone. */
  readonly isDeaf?: boolean;
  /** The client cannot be used after it; it can unless set. */
  readonly endsClient?: boolean;
  /** The request after it goes over the same connection: the answer was in order. It must not unless set. */
  readonly keepsConnection?: boolean;
}

export interface ExpectedError {
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly type: new (...args: any[]) => ClientError;
  readonly code: string;
  readonly phase: Phase;
  /** Part of the message. */
  readonly says?: RegExp;
  readonly hasCause?: boolean;
  /** Nothing is known of method and URL: the error is in how the call was made. */
  readonly isPlaceless?: boolean;
}
