import { HandlerError } from '../errors.ts';

/** One event of a `text/event-stream` (HTML Living Standard §9.2.6). */
export interface SseEvent {
  /** Sent as it is when a string, on as many lines as it has; anything else as JSON. An event without data is not dispatched. */
  readonly data?: unknown;
  /** `message` unless given. */
  readonly event?: string;
  /** Comes back as Last-Event-ID when the client connects anew. */
  readonly id?: string;
  /** How long the client waits before it connects anew, in whole milliseconds. */
  readonly retryMs?: number;
  /** Ignored by clients. */
  readonly comment?: string;
}

const LINE_END = /\r\n|\r|\n/;
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const NOT_IN_FIELD = /[\0\r\n]/;

/** Throws a `HandlerError` for what would begin another field, or another event. */
export function eventText(event: SseEvent | string): string {
  if (typeof event === 'string') return `${lines('data', event)}\n`;
  const { data, event: name, id, retryMs, comment } = event;
  let text = '';
  if (comment !== undefined) text += lines('', comment);
  if (name !== undefined) text += `event: ${fieldValue('event', name)}\n`;
  if (id !== undefined) text += `id: ${fieldValue('id', id)}\n`;
  if (retryMs !== undefined) {
    if (!Number.isSafeInteger(retryMs) || retryMs < 0) {
      throw new HandlerError(`retryMs of an event is ${retryMs}, no whole number from 0`, 'sse');
    }
    text += `retry: ${retryMs}\n`;
  }
  if (data !== undefined) text += lines('data', typeof data === 'string' ? data : jsonOf(data));
  return `${text}\n`;
}

/** The data of what was split into lines is the same again when they are joined by LF. */
function lines(name: string, value: string): string {
  let text = '';
  for (const line of value.split(LINE_END)) text += `${name}: ${line}\n`;
  return text;
}

function fieldValue(name: string, value: string): string {
  if (!NOT_IN_FIELD.test(value)) return value;
  throw new HandlerError(`the ${name} of an event holds a line end or NUL`, 'sse');
}

function jsonOf(data: unknown): string {
  const text = JSON.stringify(data) as string | undefined;
  if (text === undefined) throw new HandlerError(`the data of an event is a ${typeof data}`, 'sse');
  return text;
}
