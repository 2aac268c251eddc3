import { FieldMap } from '@needletail/wire';
import type { Dispatcher } from '../app/dispatcher.ts';
import { MemoryBody } from './memory-body.ts';
import { answerOf, MemoryExchange } from './memory-exchange.ts';

/** Answers a web-standard request; the address of the client is not known to it. */
export async function answerFetch(dispatcher: Dispatcher, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const target = url.pathname + url.search;
  const { body, method } = request;
  const exchange = new MemoryExchange({
    method,
    target,
    headers: fieldsOf(request.headers, url.host),
    body: new MemoryBody(body ?? new Uint8Array(), {
      where: `${method} ${target}`,
      maxBytes: Number.MAX_SAFE_INTEGER,
    }),
    remoteAddress: '',
    isSecure: url.protocol === 'https:',
    signal: request.signal,
  });
  const answer = await answerOf(dispatcher, exchange);
  const headers = new Headers();
  for (const [name, value] of new FieldMap(answer.head)) headers.append(name, value);
  return new Response(answer.body, { status: answer.status, headers });
}

/** The values of a `Headers` were checked by it. */
function fieldsOf(headers: Headers, host: string): FieldMap {
  let lines = headers.has('host') ? '' : `Host: ${host}\r\n`;
  for (const [name, value] of headers) lines += `${name}: ${value}\r\n`;
  return new FieldMap(lines);
}
