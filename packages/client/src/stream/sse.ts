import { createParser, type EventSourceMessage, type EventSourceParser } from 'eventsource-parser';
import { EventStreamError } from '../errors.ts';
import { ServerEvent } from './server-event.ts';

/** The byte order mark as it looks in latin1. */
const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';

/**
 * Bytes of an event stream in, events out: by the WHATWG standard, so a block without data yields no event, also when it has
 * a `retry`; and an `id` counts only in a block with data. Lines end with LF, CR or CRLF, and with nothing else.
 *
 * Text is fed to the parser as latin1, one character a byte, and each field is decoded when it is whole: characters split
 * over reads need no care, and limits count bytes.
 */
export class EventDecoder {
  readonly #parser: EventSourceParser;
  readonly #maxEventBytes: number;
  #events: ServerEvent[] = [];
  /** The start of the stream, while it may yet be a byte order mark. */
  #start: string | null = '';
  #endedWithCr = false;
  /** As received, in latin1: so it goes back in Last-Event-ID, which is UTF-8 (WHATWG HTML §9.2.3). */
  #lastId: string;
  #lastIdText: string;
  #blockRetryMs: number | null = null;
  #retryMs: number | null = null;
  #isTooLarge = false;

  constructor(maxEventBytes: number, lastEventId = '') {
    this.#maxEventBytes = maxEventBytes;
    this.#lastIdText = lastEventId;
    this.#lastId = Buffer.from(lastEventId, 'utf8').toString('latin1');
    this.#parser = createParser({
      maxBufferSize: maxEventBytes,
      onEvent: (message) => this.#onEvent(message),
      onRetry: (retryMs) => {
        this.#retryMs = retryMs;
        this.#blockRetryMs = retryMs;
      },
      // Unknown fields and a retry that is no number are skipped, as the standard says.
      onError: ({ type }) => {
        if (type === 'max-buffer-size-exceeded') this.#isTooLarge = true;
      },
    });
    // From its first text on the parser looks for a byte order mark no more; here it may come in pieces.
    this.#parser.feed('');
  }

  get lastEventId(): string {
    return this.#lastIdText;
  }

  /** As a field value; null when there is none, or one that no field can carry. */
  get lastEventIdField(): string | null {
    const isFieldValue = /^[\t\u0020-\u007e\u0080-\u00ff]+$/.test(this.#lastId);
    return isFieldValue ? this.#lastId : null;
  }

  /** What the server last asked to be waited before reconnecting, or null. */
  get retryMs(): number | null {
    return this.#retryMs;
  }

  /** The events that `bytes` complete; throws EventStreamError for one that is too large. */
  decode(bytes: Uint8Array): ServerEvent[] {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const text = this.#withoutMark(chunk.toString('latin1'));
    if (text !== '') this.#parser.feed(this.#withPlainEnds(text));
    if (this.#isTooLarge) throw tooLarge(this.#maxEventBytes);
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Forgets an event that was begun, as at the end of a stream; the id and the retry stay. */
  reset(): void {
    this.#parser.reset();
    this.#parser.feed('');
    this.#start = '';
    this.#endedWithCr = false;
    this.#blockRetryMs = null;
  }

  #onEvent({ event, data, id }: EventSourceMessage): void {
    if (data.length > this.#maxEventBytes) {
      this.#isTooLarge = true;
      return;
    }
    if (id !== undefined && id !== this.#lastId) {
      this.#lastId = id;
      this.#lastIdText = decoded(id);
    }
    const name = event === undefined ? 'message' : decoded(event);
    this.#events.push(new ServerEvent(name, decoded(data), this.#lastIdText, this.#blockRetryMs));
    this.#blockRetryMs = null;
  }

  #withoutMark(text: string): string {
    if (this.#start === null) return text;
    const start = this.#start + text;
    if (start.length < BYTE_ORDER_MARK.length && BYTE_ORDER_MARK.startsWith(start)) {
      this.#start = start;
      return '';
    }
    this.#start = null;
    return start.startsWith(BYTE_ORDER_MARK) ? start.slice(BYTE_ORDER_MARK.length) : start;
  }

  /**
   * Each line end as LF. The parser would wait for what follows a CR at the end of a read; a line that has ended is whole,
   * whether or not a LF follows.
   */
  #withPlainEnds(text: string): string {
    const rest = this.#endedWithCr && text.startsWith('\n') ? text.slice(1) : text;
    this.#endedWithCr = rest.endsWith('\r');
    return rest.includes('\r') ? rest.replaceAll(/\r\n?/g, '\n') : rest;
  }
}

function decoded(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

function tooLarge(maxEventBytes: number): EventStreamError {
  return new EventStreamError({
    code: 'EVENT_TOO_LARGE',
    phase: 'body',
    problem: 'Event stream given up',
    reason: `an event has more than ${maxEventBytes} bytes`,
    remedy: 'Raise maxEventBytes if that is what the server means to send',
  });
}
