import { textBody } from '../body/whole-body.ts';
import { AuthError } from '../errors.ts';
import { requestWith, type ClientRequest } from '../model/client-request.ts';
import { HeaderList } from '../model/header-list.ts';
import type { RequestUrl } from '../model/request-url.ts';
import type { TransportResponse } from '../transport/transport.ts';
import { isToken } from './bearer.ts';

/** Where and as whom to ask for a token. */
export interface TokenClient {
  readonly url: RequestUrl;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | null;
  readonly extraParams: Readonly<Record<string, string>>;
  readonly clientAuth: 'basic' | 'body';
}

/** A token and how long it is good for. */
export interface IssuedToken {
  readonly accessToken: string;
  /** Null where the server does not say. */
  readonly lifetimeMs: number | null;
}

const LONGEST_ANSWER_BYTES = 1024 * 1024;
const FORM = 'application/x-www-form-urlencoded';

/** The request for a token (RFC 6749 §4.4.2), with the patience and the user agent of the request that needs it. */
export function tokenRequest(client: TokenClient, request: ClientRequest): ClientRequest {
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (client.scope !== null) form.set('scope', client.scope);
  for (const [name, value] of Object.entries(client.extraParams)) form.set(name, value);
  const headers = new HeaderList([
    ['Accept', 'application/json'],
    ['Content-Type', FORM],
  ]);
  for (const name of ['Accept-Encoding', 'User-Agent']) {
    const value = request.headers.get(name);
    if (value !== null) headers.append(name, value);
  }
  if (client.clientAuth === 'basic') headers.append('Authorization', basicOf(client));
  else {
    form.set('client_id', client.clientId);
    form.set('client_secret', client.clientSecret);
  }
  return requestWith(request, {
    method: 'POST',
    url: client.url,
    headers,
    body: textBody(form.toString(), FORM),
    auth: null,
    isStreaming: false,
    maxBodyBytes: LONGEST_ANSWER_BYTES,
    expectContinue: false,
    onUploadProgress: null,
  });
}

/** What the server answered (RFC 6749 §5). Throws AuthError, which shows the error's name and no secret. */
export function readToken(response: TransportResponse, client: TokenClient): IssuedToken {
  const answer = jsonOf(response);
  if (response.status !== 200) {
    const error: unknown = answer?.['error'];
    const name = typeof error === 'string' && /^[\w.-]{1,64}$/.test(error) ? `: ${error}` : '';
    throw tokenError(client, `the token server answered ${response.status}${name}`);
  }
  if (answer === null) throw tokenError(client, 'the token server answered with no JSON object');
  const type: unknown = answer['token_type'];
  if (type !== undefined && `${type as string}`.toLowerCase() !== 'bearer') {
    throw tokenError(client, 'the token server gave a token of another kind than bearer');
  }
  const accessToken: unknown = answer['access_token'];
  if (!isToken(accessToken)) {
    throw tokenError(client, 'the answer of the token server holds no usable access_token');
  }
  const seconds = Number(answer['expires_in'] ?? Number.NaN);
  return { accessToken, lifetimeMs: seconds >= 0 ? seconds * 1000 : null };
}

/** For the lack of a token. */
export function tokenError({ url }: TokenClient, reason: string): AuthError {
  return new AuthError({
    code: 'AUTH_TOKEN',
    phase: 'auth',
    problem: 'Request not authenticated',
    reason,
    remedy: 'Check tokenUrl, clientId, clientSecret, scope and clientAuth',
    method: 'POST',
    url: url.href,
  });
}

/** Both parts form-encoded before they are joined (RFC 6749 §2.3.1, appendix B). */
function basicOf({ clientId, clientSecret }: TokenClient): string {
  const encoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);
  const pair = `${encoded(clientId)}:${encoded(clientSecret)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function jsonOf({ body }: TransportResponse): Readonly<Record<string, unknown>> | null {
  if (!Buffer.isBuffer(body)) return null;
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    // No JSON: the caller says what was wrong with the answer.
    return null;
  }
}
