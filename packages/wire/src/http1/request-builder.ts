import { BodyCollector } from './body-collector.ts';
import { CodecStateError } from './errors.ts';
import { FieldMap } from './field-map.ts';
import type { RequestHead, RequestSink } from './request-decoder.ts';

/** A whole request; nothing in it is borrowed. */
export interface ReceivedRequest {
  readonly method: string;
  readonly target: string;
  readonly minorVersion: 0 | 1;
  readonly keepAlive: boolean;
  readonly fields: FieldMap;
  readonly body: Buffer;
  readonly trailers: FieldMap | null;
}

export interface RequestBuilderOptions {
  /** Gets each request; true to read the next one at once, false to stop there (see `RequestSink.onEnd`). */
  readonly onRequest: (request: ReceivedRequest) => boolean;
  /** 2 to turn the connection into a tunnel after this head; by default never. */
  readonly framing?: (head: RequestHead) => 0 | 2;
  /** Largest body kept; 1 MiB by default. */
  readonly maximumBodyBytes?: number;
}

const DEFAULT_MAXIMUM_BODY_BYTES = 1024 * 1024;

/** A sink that keeps everything: feed a `RequestDecoder` that has it, and get whole requests. */
export class RequestBuilder implements RequestSink {
  readonly #options: RequestBuilderOptions;
  readonly #body: BodyCollector;
  #head: RequestHead | null = null;
  #rawHead = '';
  #trailers: FieldMap | null = null;

  constructor(options: RequestBuilderOptions) {
    this.#options = options;
    this.#body = new BodyCollector(options.maximumBodyBytes ?? DEFAULT_MAXIMUM_BODY_BYTES);
  }

  onHead(head: RequestHead): 0 | 2 {
    this.#head = head;
    this.#rawHead = head.rawHead();
    this.#trailers = null;
    this.#body.begin(head.contentLength);
    return this.#options.framing?.(head) ?? 0;
  }

  onBody(buffer: Buffer, start: number, end: number): void {
    this.#body.add(buffer, start, end);
  }

  onTrailers(rawTrailers: string): void {
    this.#trailers = new FieldMap(rawTrailers);
  }

  onEnd(): boolean {
    const head = this.#head;
    if (head === null)
      throw new CodecStateError('No head came before the end. Use one builder per decoder.');
    return this.#options.onRequest({
      method: head.method,
      target: head.target,
      minorVersion: head.minorVersion,
      keepAlive: head.keepAlive,
      fields: FieldMap.ofHead(this.#rawHead),
      body: this.#body.take(),
      trailers: this.#trailers,
    });
  }
}
