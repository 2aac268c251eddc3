import type { TracedMessage } from '@needletail/load';
import { formatBytes, formatMs } from './figures.ts';
import { wrap } from './layout.ts';
import { displayWidth, padEnd, padStart, printable, truncate } from './text-width.ts';

/** Of a line, for the name of the connection and for what stands between it and the text. */
const NAME_SHARE = 0.3;
const SHORTEST_NAME = 14;
const TIME_WIDTH = 9;
const KIND_WIDTH = 6;
const SIZE_WIDTH = 7;

/**
 * A message of a WebSocket or an event of a stream in one line of at most `width` columns, its text cut to what is left; a
 * handshake and an error take more. `>` went to the target, `<` came from it, `!` went wrong. Without a newline at the end.
 */
export function formatMessage(message: TracedMessage, width: number): string {
  switch (message.type) {
    case 'opened':
      return [
        `> WS ${printable(message.url)}`,
        '< HTTP/1.1 101 Switching Protocols',
        ...message.headers.map(([name, value]) => `< ${printable(`${name}: ${value}`)}`),
        `  ${labelOf(message, width)}open after ${formatMs(message.atMs)}`,
        '',
      ].join('\n');
    case 'refused':
      return [`> WS ${printable(message.url)}`, ...failure(message.error, width), ''].join('\n');
    case 'sent':
    case 'received': {
      const { isText, data } = message;
      const mark = message.type === 'sent' ? '>' : '<';
      return line(
        mark,
        message,
        width,
        isText ? 'text' : 'binary',
        data.sizeBytes,
        textOf(message),
      );
    }
    case 'event': {
      const id = message.id === '' ? '' : ` (id ${message.id})`;
      const text = `${message.event}${id}  ${textOf(message)}`;
      return line('<', message, width, 'event', message.data.sizeBytes, text);
    }
    case 'closing':
      return line('>', message, width, 'close', null, codeAndReason(message));
    case 'closed':
      if (message.error === null)
        return line('<', message, width, 'close', null, codeAndReason(message));
      return [line('!', message, width, 'broken', null, ''), ...failure(message.error, width)].join(
        '\n',
      );
    case 'ended':
      if (message.error === null) return line(' ', message, width, 'end', null, '');
      return [line('!', message, width, 'broken', null, ''), ...failure(message.error, width)].join(
        '\n',
      );
  }
}

function line(
  mark: string,
  message: TracedMessage,
  width: number,
  kind: string,
  sizeBytes: number | null,
  text: string,
): string {
  const size = sizeBytes === null ? '' : sizeOf(sizeBytes);
  const head = [
    `${mark} ${labelOf(message, width)}${padStart(formatMs(message.atMs), TIME_WIDTH)}`,
    padEnd(kind, KIND_WIDTH),
    padStart(size, SIZE_WIDTH),
  ].join('  ');
  const room = Math.max(10, width - displayWidth(head) - 2);
  return `${head}  ${truncate(printable(text), room)}`.trimEnd();
}

/** Bytes are whole, which the three digits of other figures hide. */
function sizeOf(sizeBytes: number): string {
  return sizeBytes < 1000 ? `${sizeBytes} B` : formatBytes(sizeBytes);
}

/** Name and number of the connection, as wide for one as for another of that name. */
function labelOf({ name, connection }: TracedMessage, width: number): string {
  const most = Math.max(SHORTEST_NAME, Math.floor(width * NAME_SHARE));
  const number = ` #${connection}`;
  return `${truncate(printable(name), most - number.length)}${number}  `;
}

function textOf(message: TracedMessage & { readonly type: 'sent' | 'received' | 'event' }): string {
  const { head } = message.data;
  if (message.type === 'event' || message.isText) return Buffer.from(head).toString('utf8');
  return Buffer.from(head)
    .toString('hex')
    .replace(/(..)(?=.)/g, '$1 ');
}

function codeAndReason({
  code,
  reason,
}: {
  readonly code: number;
  readonly reason: string;
}): string {
  return reason === '' ? `${code}` : `${code} ${reason}`;
}

function failure(error: string, width: number): string[] {
  return wrap(printable(error), Math.max(20, width - 2)).map((part) => `! ${part}`);
}
