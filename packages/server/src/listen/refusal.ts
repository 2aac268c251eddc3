import { LimitError, REASON_PHRASES, type ProtocolError } from '@needletail/wire';

/** Field lines of an answer that the server gives by itself. */
export const REFUSAL_HEAD =
  'Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n';

/** Its text, in ASCII; nothing of the request is repeated. */
export function refusalText(status: number, reason = ''): string {
  const phrase = REASON_PHRASES[status] ?? 'Error';
  return reason === '' ? `${phrase}\n` : `${phrase}: ${reason}\n`;
}

/** The last answer of a connection, whole; `opening` is its status line with what precedes the fields. */
export function lastAnswer(opening: string, status: number, reason: string): string {
  const text = refusalText(status, reason);
  return `${opening}Connection: close\r\n${REFUSAL_HEAD}Content-Length: ${text.length}\r\n\r\n${text}`;
}

/** The stable name of what the client did wrong, with the limit it passed where there is one. */
export function ruleOf(error: ProtocolError): string {
  return error instanceof LimitError ? `${error.code} ${error.limit}` : error.code;
}
