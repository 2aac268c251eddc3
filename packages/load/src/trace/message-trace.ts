import { Buffer } from 'node:buffer';
import type { Clock } from '@needletail/wire';
import { maskedHeaders, maskedUrl, tracedBody } from './traced-exchange.ts';
import type { TracedMessage } from './traced-message.ts';

type Told = TracedMessage extends infer Message
  ? Message extends TracedMessage
    ? Omit<Message, 'name' | 'connection' | 'atMs'>
    : never
  : never;

/** Tells of one WebSocket or event stream from when it was asked for. */
export class MessageTrace {
  readonly #tell: (message: TracedMessage) => void;
  readonly #clock: Clock;
  readonly #name: string;
  readonly #url: string;
  readonly #connection: number;
  readonly #askedAt: number;
  #isOver = false;

  constructor(
    tell: (message: TracedMessage) => void,
    clock: Clock,
    {
      name,
      url,
      connection,
    }: { readonly name: string; readonly url: string; readonly connection: number },
  ) {
    this.#tell = tell;
    this.#clock = clock;
    this.#name = name;
    this.#url = maskedUrl(url);
    this.#connection = connection;
    this.#askedAt = clock.now();
  }

  opened(headers: Iterable<readonly [string, string]>): void {
    this.#say({ type: 'opened', url: this.#url, headers: maskedHeaders(headers) });
  }

  refused(error: unknown): void {
    this.#say({ type: 'refused', url: this.#url, error: wordsOf(error) });
  }

  sent(data: string | Uint8Array): void {
    this.#message('sent', data);
  }

  received(data: string | Uint8Array): void {
    this.#message('received', data);
  }

  event(event: string, id: string, data: string): void {
    this.#say({ type: 'event', event, id, data: tracedBody(Buffer.from(data)) });
  }

  closing(code: number, reason: string): void {
    this.#say({ type: 'closing', code, reason });
  }

  closed(code: number, reason: string, error: unknown): void {
    this.#say({
      type: 'closed',
      code,
      reason,
      error: error === null ? null : wordsOf(error),
    });
  }

  /** Only the first end of a stream is told. */
  ended(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#say({ type: 'ended', error: error === null ? null : wordsOf(error) });
  }

  #message(type: 'sent' | 'received', data: string | Uint8Array): void {
    const isText = typeof data === 'string';
    this.#say({ type, isText, data: tracedBody(isText ? Buffer.from(data) : data) });
  }

  #say(told: Told): void {
    const atMs = this.#clock.now() - this.#askedAt;
    this.#tell({ ...told, name: this.#name, connection: this.#connection, atMs });
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : 'Something that is no Error was thrown.';
}
