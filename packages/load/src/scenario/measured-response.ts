import { AbortedError, type ResponseBody, type TransportResponse } from '@needletail/client';
import { TimeoutError } from '@needletail/client';
import type { RequestRecord } from './request-record.ts';

/** A response whose body is yet to come: its request ends when that does, or when its reader has had enough. */
export function measuredResponse(
  response: TransportResponse,
  body: ResponseBody,
  record: RequestRecord,
): TransportResponse {
  const { status, reason, httpVersion, headers, interim } = response;
  return {
    status,
    reason,
    httpVersion,
    headers,
    interim,
    body: new MeasuredBody(body, status, record),
    get trailers() {
      return response.trailers;
    },
  };
}

class MeasuredBody implements ResponseBody, AsyncIterator<Buffer, undefined> {
  readonly #body: ResponseBody;
  readonly #status: number;
  readonly #record: RequestRecord;
  #chunks: AsyncIterator<Buffer, undefined> | null = null;
  #readBytes = 0;

  constructor(body: ResponseBody, status: number, record: RequestRecord) {
    this.#body = body;
    this.#status = status;
    this.#record = record;
  }

  get receivedBytes(): number {
    return this.#body.receivedBytes ?? this.#readBytes;
  }

  cancel(): void {
    this.#record.complete(this.#status);
    this.#body.cancel();
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    this.#chunks = this.#body[Symbol.asyncIterator]();
    return this;
  }

  async next(): Promise<IteratorResult<Buffer, undefined>> {
    try {
      const step = await this.#chunks!.next();
      if (step.done === true) this.#record.complete(this.#status);
      else this.#readBytes += step.value.length;
      return step;
    } catch (error) {
      // A stream that the scenario itself ends was answered; one whose time is over was not.
      const isOurs = error instanceof AbortedError && !(error.cause instanceof TimeoutError);
      if (isOurs) this.#record.complete(this.#status);
      else this.#record.fail(error);
      throw error;
    }
  }

  return(): Promise<IteratorResult<Buffer, undefined>> {
    this.cancel();
    return Promise.resolve({ done: true, value: undefined });
  }
}
