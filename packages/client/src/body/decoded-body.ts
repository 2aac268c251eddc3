import type { ClientRequest } from '../model/client-request.ts';
import {
  decodedTooLarge,
  explainDecoding,
  mostDecodedBytes,
  type ContentCoding,
} from './content-coding.ts';
import { decodeChunks } from './content-decoders.ts';
import { bodyConsumed, bodyOf, type ResponseBody } from './response-body.ts';

/**
 * A body with its codings undone while it is read. What expands beyond all measure ends in a DecodingError, at each
 * coding; no more than a few chunks are ever in memory.
 */
export class DecodedBody implements ResponseBody, AsyncIterator<Buffer, undefined> {
  readonly #source: AsyncIterable<Buffer>;
  readonly #cancelSource: () => void;
  readonly #codings: readonly ContentCoding[];
  readonly #request: ClientRequest;
  #chunks: AsyncGenerator<Buffer, undefined> | null = null;
  #receivedBytes = 0;
  #isCancelled = false;

  constructor(
    source: Buffer | ResponseBody,
    codings: readonly ContentCoding[],
    request: ClientRequest,
  ) {
    const isHere = Buffer.isBuffer(source);
    this.#source = isHere ? bodyOf(source) : source;
    this.#cancelSource = isHere ? ignoreEnd : () => source.cancel();
    this.#codings = codings;
    this.#request = request;
  }

  /** Encoded bytes that were read so far. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  cancel(): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    // First, so that a decoder that waits for it goes on to its end.
    this.#cancelSource();
    this.#chunks?.return(undefined).catch(ignoreEnd);
  }

  /** Once only; throws BodyStateError after that. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    if (this.#chunks !== null || this.#isCancelled) throw bodyConsumed();
    this.#chunks = this.#decode();
    return this;
  }

  async next(): Promise<IteratorResult<Buffer, undefined>> {
    if (this.#isCancelled) return { done: true, value: undefined };
    try {
      return await this.#chunks!.next();
    } catch (error) {
      // Data that was cut off by our own cancelling is no news.
      if (this.#isCancelled) return { done: true, value: undefined };
      this.#isCancelled = true;
      this.#cancelSource();
      throw error;
    }
  }

  return(): Promise<IteratorResult<Buffer, undefined>> {
    this.cancel();
    return Promise.resolve({ done: true, value: undefined });
  }

  #decode(): AsyncGenerator<Buffer, undefined> {
    let chunks = this.#received();
    for (const coding of this.#codings) chunks = this.#undo(coding, chunks);
    return chunks;
  }

  async *#received(): AsyncGenerator<Buffer, undefined> {
    for await (const chunk of this.#source) {
      this.#receivedBytes += chunk.length;
      yield chunk;
    }
  }

  async *#undo(
    coding: ContentCoding,
    source: AsyncIterable<Buffer>,
  ): AsyncGenerator<Buffer, undefined> {
    let decodedBytes = 0;
    try {
      for await (const chunk of decodeChunks(coding, source)) {
        decodedBytes += chunk.length;
        if (decodedBytes > mostDecodedBytes(this.#receivedBytes)) {
          throw decodedTooLarge('more than a thousand times as large', this.#request);
        }
        if (chunk.length > 0) yield chunk;
      }
    } catch (error) {
      throw explainDecoding(error, coding, this.#request);
    }
  }
}

/** Whoever cancels does not wait, and does not want to know how the decoder ended. */
function ignoreEnd(): void {}
