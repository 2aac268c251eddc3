import { DecodingError } from '../errors.ts';

/** One event of a stream (WHATWG HTML §9.2). */
export class ServerEvent {
  /** `message` unless the server says otherwise. */
  readonly event: string;
  readonly data: string;
  /** That of the last event which had one; empty before. */
  readonly id: string;
  /** Milliseconds to wait before reconnecting, where this event set them. */
  readonly retry: number | null;

  constructor(event: string, data: string, id: string, retry: number | null) {
    this.event = event;
    this.data = data;
    this.id = id;
    this.retry = retry;
  }

  /** `data` as JSON; throws DecodingError. */
  json<T = unknown>(): T {
    try {
      return JSON.parse(this.data) as T;
    } catch (error) {
      throw new DecodingError({
        code: 'INVALID_JSON',
        phase: 'decode',
        problem: 'Event is no JSON',
        reason: `the data of ${this.event} is ${JSON.stringify(this.data.slice(0, 40))}`,
        remedy: 'Use data where the server sends plain text',
        cause: error,
      });
    }
  }
}
