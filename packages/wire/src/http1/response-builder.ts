import { BodyCollector } from './body-collector.ts';
import { CodecStateError } from './errors.ts';
import { FieldMap } from './field-map.ts';
import { BODY_EXPECTED, type ResponseHead, type ResponseSink } from './response-decoder.ts';

/** A whole response; nothing in it is borrowed. */
export interface ReceivedResponse {
  readonly status: number;
  readonly reason: string;
  readonly minorVersion: 0 | 1;
  readonly keepAlive: boolean;
  readonly fields: FieldMap;
  readonly body: Buffer;
  readonly trailers: FieldMap | null;
  /** Statuses of the interim responses before it. */
  readonly interim: readonly number[];
}

export interface ResponseBuilderOptions {
  /** Gets each response; true when another one is expected on the connection. */
  readonly onResponse: (response: ReceivedResponse) => boolean;
  /** How the body is framed; by default as the head says (the answer to HEAD needs BODY_NONE). */
  readonly framing?: (head: ResponseHead) => 0 | 1 | 2;
  /** Largest body kept; 64 MiB by default. */
  readonly maximumBodyBytes?: number;
}

const DEFAULT_MAXIMUM_BODY_BYTES = 64 * 1024 * 1024;
/** `HTTP/1.1 200 ` */
const REASON_AT = 13;

/** A sink that keeps everything: feed a `ResponseDecoder` that has it, and get whole responses. */
export class ResponseBuilder implements ResponseSink {
  readonly #options: ResponseBuilderOptions;
  readonly #body: BodyCollector;
  #head: ResponseHead | null = null;
  #rawHead = '';
  #trailers: FieldMap | null = null;
  #interim: number[] = [];

  constructor(options: ResponseBuilderOptions) {
    this.#options = options;
    this.#body = new BodyCollector(options.maximumBodyBytes ?? DEFAULT_MAXIMUM_BODY_BYTES);
  }

  onInterim(head: ResponseHead): void {
    this.#interim.push(head.status);
  }

  onHead(head: ResponseHead): 0 | 1 | 2 {
    this.#head = head;
    this.#rawHead = head.rawHead();
    this.#trailers = null;
    this.#body.begin(head.contentLength);
    return this.#options.framing?.(head) ?? BODY_EXPECTED;
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
    const interim = this.#interim;
    this.#interim = [];
    const lineEnd = this.#rawHead.indexOf('\r\n');
    return this.#options.onResponse({
      status: head.status,
      reason: this.#rawHead.slice(REASON_AT, lineEnd === -1 ? undefined : lineEnd),
      minorVersion: head.minorVersion,
      keepAlive: head.keepAlive,
      fields: FieldMap.ofHead(this.#rawHead),
      body: this.#body.take(),
      trailers: this.#trailers,
      interim,
    });
  }
}
