import { AbortedError, InvalidRequestError } from '../errors.ts';
import { requestWith, type ClientRequest } from '../model/client-request.ts';
import { parseUrl } from '../model/request-url.ts';
import type { TransportResponse } from '../transport/transport.ts';
import type { AuthFlow } from './auth-flow.ts';
import { withToken } from './bearer.ts';
import { readToken, tokenError, tokenRequest, type TokenClient } from './token-request.ts';

export interface OAuth2Options {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string;
  /** Further parameters of the token request, `audience` for one. */
  readonly extraParams?: Readonly<Record<string, string>>;
  /** How long before its end a token is replaced, at most half its lifetime; 60 000 unless set. */
  readonly leewayMs?: number;
  /** Where the client's id and secret go: into Authorization unless set, as every server must accept. */
  readonly clientAuth?: 'basic' | 'body';
}

interface Token {
  readonly value: string;
  /** On the clock of the client. */
  readonly goodUntilMs: number;
}

/** What the request that asks for a token lets the others know: the token, the error, or null if it went away first. */
type Outcome = Token | Error | null;

/**
 * Client credentials (RFC 6749 §4.4): fetches a token before it is needed for the first time, keeps it until shortly
 * before its end, and asks once for many requests at a time. A 401 means a new token and one more try. The token request
 * goes the way of the request that needs it: same transport, proxy and time-outs. Rejects with AuthError.
 */
export function oauth2(options: OAuth2Options): AuthFlow {
  const client = tokenClientOf(options);
  const desk = new TokenDesk(client, options.leewayMs ?? 60_000);
  return {
    async *flow(request) {
      const first = yield* desk.token(request);
      const response: TransportResponse = yield withToken(request, first.value);
      if (response.status !== 401) return;
      desk.discard(first);
      if (request.body?.isReplayable === false) return;
      const second = yield* desk.token(request);
      yield withToken(requestWith(request, {}), second.value);
    },
  };
}

/** Keeps the token, and lets only one request at a time ask for another. */
class TokenDesk {
  readonly #client: TokenClient;
  readonly #leewayMs: number;
  #token: Token | null = null;
  #asking: Promise<Outcome> | null = null;

  constructor(client: TokenClient, leewayMs: number) {
    this.#client = client;
    this.#leewayMs = leewayMs;
  }

  /** A token that is good when the request was made; yields the token request where one is due. */
  async *token(request: ClientRequest): AsyncGenerator<ClientRequest, Token, TransportResponse> {
    for (;;) {
      const token = this.#token;
      if (token !== null && request.startedAtMs < token.goodUntilMs) return token;
      if (this.#asking === null) return yield* this.#ask(request);
      const outcome = await unlessAborted(this.#asking, request);
      if (outcome instanceof Error) throw outcome;
      if (outcome !== null) return outcome;
    }
  }

  /** The server no longer takes it. */
  discard(token: Token): void {
    if (this.#token === token) this.#token = null;
  }

  async *#ask(request: ClientRequest): AsyncGenerator<ClientRequest, Token, TransportResponse> {
    let settle!: (outcome: Outcome) => void;
    this.#asking = new Promise((resolve) => {
      settle = resolve;
    });
    // What stays when the conversation is ended from outside: the network failed, or this request was aborted. The
    // others try themselves after an abort, which was not about them.
    let outcome: Outcome = tokenError(this.#client, 'the token request of another request failed');
    try {
      const response: TransportResponse = yield tokenRequest(this.#client, request);
      const { accessToken, lifetimeMs } = readToken(response, this.#client);
      const token = { value: accessToken, goodUntilMs: this.#endOf(request, lifetimeMs) };
      this.#token = token;
      outcome = token;
      return token;
    } catch (error) {
      if (error instanceof Error) outcome = error;
      throw error;
    } finally {
      this.#asking = null;
      settle(request.signal?.aborted === true && outcome instanceof Error ? null : outcome);
    }
  }

  /** Counted from before the token was asked for, so never too late. */
  #endOf({ startedAtMs }: ClientRequest, lifetimeMs: number | null): number {
    if (lifetimeMs === null) return Infinity;
    return startedAtMs + lifetimeMs - Math.min(this.#leewayMs, lifetimeMs / 2);
  }
}

function unlessAborted<T>(promise: Promise<T>, { signal, method, url }: ClientRequest): Promise<T> {
  if (signal === null) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(AbortedError.of(signal, method, url.href));
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    void promise.then((value) => {
      signal.removeEventListener('abort', onAbort);
      resolve(value);
    });
  });
}

function tokenClientOf(options: OAuth2Options): TokenClient {
  for (const name of ['tokenUrl', 'clientId', 'clientSecret'] as const) {
    if (typeof options[name] !== 'string' || options[name] === '') throw missing(name);
  }
  const { leewayMs = 0, clientAuth = 'basic' } = options;
  if (!(leewayMs >= 0)) throw missing('leewayMs');
  if (clientAuth !== 'basic' && clientAuth !== 'body') throw missing('clientAuth');
  return {
    url: parseUrl(options.tokenUrl),
    clientId: options.clientId,
    clientSecret: options.clientSecret,
    scope: options.scope ?? null,
    extraParams: options.extraParams ?? {},
    clientAuth,
  };
}

function missing(name: keyof OAuth2Options): InvalidRequestError {
  return new InvalidRequestError({
    code: 'INVALID_OPTION',
    phase: 'build',
    problem: 'Option refused',
    reason: `oauth2() has no usable ${name}`,
    remedy:
      'Give tokenUrl, clientId and clientSecret as strings, leewayMs in milliseconds, clientAuth basic or body',
  });
}
