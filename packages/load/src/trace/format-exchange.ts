import type { TracedBody, TracedExchange, TracedHeaders } from './traced-exchange.ts';

const MOST_HEX_BYTES = 32;
/** What a body of text never holds: control characters other than tab, line feed and carriage return; and what was no UTF-8. */
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const NOT_TEXT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd]/;
const ESCAPED = /\p{Cc}/gu;

/** An exchange for people: request and response as they were, bodies up to 2 kB, then how long it took; ends with a newline. */
export function formatExchange(exchange: TracedExchange): string {
  const { method, url, headers, body, response, error } = exchange;
  const lines = [
    `> ${method} ${printable(url)}`,
    ...headerLines('>', headers),
    ...(body === null ? [] : bodyLines('>', body)),
  ];
  if (response !== null) {
    const { httpVersion, status, reason } = response;
    lines.push(
      `< HTTP/${httpVersion} ${status} ${printable(reason)}`.trimEnd(),
      ...headerLines('<', response.headers),
      ...bodyLines('<', response.body),
    );
  }
  if (error !== null) lines.push(`! ${printable(error)}`);
  lines.push(`  ${timesOf(exchange)}`, '');
  return `${lines.join('\n')}\n`;
}

/** A body in one line of at most `mostCharacters`, for telling why a request failed. */
export function bodyExcerpt(body: TracedBody, mostCharacters: number): string {
  const text = textOf(body);
  if (text === null) return `${sizeOf(body)} of binary data`;
  const line = text.replace(/\s+/g, ' ').trim();
  return printable(line.length > mostCharacters ? `${line.slice(0, mostCharacters - 1)}…` : line);
}

function headerLines(mark: string, headers: TracedHeaders): string[] {
  return headers.map(([name, value]) => `${mark} ${printable(`${name}: ${value}`)}`);
}

function bodyLines(mark: string, body: TracedBody): string[] {
  if (body.sizeBytes === null) return [mark, `${mark} (streamed)`];
  if (body.sizeBytes === 0) return [];
  const text = textOf(body);
  if (text === null) {
    const head = Buffer.from(body.head.subarray(0, MOST_HEX_BYTES)).toString('hex');
    const more = body.sizeBytes > MOST_HEX_BYTES ? ' …' : '';
    return [
      mark,
      `${mark} (${sizeOf(body)} of binary data: ${head.replace(/(..)(?=.)/g, '$1 ')}${more})`,
    ];
  }
  const lines = text.split(/\r?\n/).map((line) => `${mark} ${printable(line)}`.trimEnd());
  const left = body.sizeBytes - body.head.length;
  return [mark, ...lines, ...(left > 0 ? [`${mark} (${left} bytes more)`] : [])];
}

/** Null for what is no text. A character that the cut went through is left out. */
function textOf({ head, sizeBytes }: TracedBody): string | null {
  const isCut = (sizeBytes ?? 0) > head.length;
  const text = new TextDecoder('utf-8').decode(head, { stream: isCut });
  return NOT_TEXT.test(text) ? null : text;
}

function sizeOf({ sizeBytes, head }: TracedBody): string {
  return `${sizeBytes ?? head.length} bytes`;
}

function timesOf({ timesMs }: TracedExchange): string {
  const parts = [
    ...(timesMs.sent === null ? [] : [`sent after ${milliseconds(timesMs.sent)}`]),
    ...(timesMs.firstByte === null ? [] : [`first byte after ${milliseconds(timesMs.firstByte)}`]),
    `${milliseconds(timesMs.total)} in all`,
  ];
  return parts.join(', ');
}

function milliseconds(value: number): string {
  return `${value.toFixed(2)} ms`;
}

/** What a server sends must not steer the terminal. */
function printable(text: string): string {
  return text.replace(ESCAPED, (character) =>
    character === '\t' ? character : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
