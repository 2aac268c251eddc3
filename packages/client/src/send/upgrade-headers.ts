import { requestWith, type ClientRequest } from '../model/client-request.ts';
import { buildRequest } from '../model/build-request.ts';
import type { ClientSettings } from '../model/client-settings.ts';
import { joinCookieHeaders } from '../model/cookie-header.ts';
import type { HeaderList } from '../model/header-list.ts';
import type { WebSocketOptions } from '../websocket/websocket-options.ts';
import type { Send } from './layer.ts';

/** What is asked of a body, which a WebSocket has none of. */
const OF_RESPONSES = ['accept', 'accept-encoding'];

/** The URL of a handshake and the headers that the client would send there with a GET. */
export async function upgradeHeaders(
  settings: ClientSettings,
  url: string | URL,
  { headers, signal }: WebSocketOptions,
  send: Send,
): Promise<{ readonly url: string; readonly headers: HeaderList }> {
  const reference = String(url).replace(/^ws(?=s?:\/\/)/i, 'http');
  const request = buildRequest(
    settings,
    'GET',
    reference,
    { ...(headers === undefined ? {} : { headers }), ...(signal === undefined ? {} : { signal }) },
    false,
  );
  const authenticated = await authenticate(request, send);
  const list = authenticated.headers.copy();
  for (const name of OF_RESPONSES) list.delete(name);
  const stored = settings.cookieStore?.headerFor(request.url.href) ?? '';
  if (stored !== '') {
    list.set('Cookie', joinCookieHeaders(list.getAll('cookie').join('; '), stored));
  }
  return { url: request.url.href, headers: list };
}

/** The first request that the flow would send to the URL itself; what it needs before (a token) it gets. */
async function authenticate(request: ClientRequest, send: Send): Promise<ClientRequest> {
  if (request.auth === null) return request;
  const conversation = request.auth.flow(requestWith(request, {}));
  try {
    let step = await conversation.next();
    while (step.done !== true && step.value.url !== request.url) {
      const { response } = await send({ ...step.value, auth: null });
      step = await conversation.next(response);
    }
    return step.done === true ? request : step.value;
  } finally {
    await conversation.return();
  }
}
