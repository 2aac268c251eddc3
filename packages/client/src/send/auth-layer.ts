import type { AuthConversation, AuthFlow } from '../auth/auth-flow.ts';
import { AuthError, InvalidRequestError } from '../errors.ts';
import { requestWith, type ClientRequest } from '../model/client-request.ts';
import type { Exchange, Layer, Send } from './layer.ts';
import { setAside } from './set-aside.ts';

/**
 * Lets the request's way to authenticate have its conversation. A redirect to another origin takes the way from the
 * request, so that credentials reach only the origin they were given for. Challenges land in the history; what a flow
 * asked elsewhere (for a token) does not.
 */
export const authLayer: Layer = (request, next) =>
  request.auth === null ? next(request) : converse(request, request.auth, next);

async function converse(request: ClientRequest, auth: AuthFlow, next: Send): Promise<Exchange> {
  const { body } = request;
  if (auth.needsBody === true && body !== null && body.whole === null) throw streamed(request);
  const conversation: AuthConversation = auth.flow(requestWith(request, {}));
  const history: Exchange[] = [];
  let isBodySent = false;
  try {
    let step = await conversation.next();
    if (step.done === true) return await next(request);
    for (;;) {
      const asked: ClientRequest = step.value;
      if (asked.body !== null && asked.body === body) {
        if (isBodySent && !body.isReplayable) throw sentAlready(request);
        isBodySent = true;
      }
      const exchange = await next(asked);
      step = await conversation.next(exchange.response);
      if (step.done === true) return { ...exchange, history: [...history, ...exchange.history] };
      const challenge = setAside(exchange);
      if (asked.url === request.url) history.push(challenge);
    }
  } finally {
    // Lets the flow clean up when the exchange failed; does nothing after its end.
    await conversation.return();
  }
}

function streamed({ method, url }: ClientRequest): InvalidRequestError {
  return new InvalidRequestError({
    code: 'INVALID_BODY',
    phase: 'auth',
    problem: 'Request not authenticated',
    reason: 'its credentials cover the body, which is a stream',
    remedy: 'Give the body as a string or bytes',
    method,
    url: url.href,
  });
}

function sentAlready({ method, url }: ClientRequest): AuthError {
  return new AuthError({
    code: 'AUTH_CHALLENGE',
    phase: 'auth',
    problem: 'Request not authenticated',
    reason: 'the server wants it again with credentials, and its body can be read once only',
    remedy: 'Give the body as a string, bytes or a Blob',
    method,
    url: url.href,
  });
}
