import {
  LimitError,
  ProtocolError,
  RequestDecoder,
  ResponseDecoder,
  type RequestHead,
  type RequestLimits,
  type ResponseHead,
  type ResponseLimits,
  WireError,
} from '@needletail/wire';
import type { Recorder } from './feeding.ts';

/** Everything a decoder did, as plain data that does not tell how the bytes were cut. */
export interface CodecOutcome {
  /** One entry per call, payload joined per message. */
  readonly events: readonly string[];
  /** `code@offset` and what else the error carries; '' when there was none. */
  readonly error: string;
  /** Bytes handed back after a tunnel began. */
  readonly tunnel: string;
}

/** A recorder together with the decoder it feeds. */
export interface CodecRecorder<Decoder> extends Recorder {
  readonly decoder: Decoder;
  outcome(): CodecOutcome;
}

export interface ResponseRecorderOptions {
  readonly limits?: Partial<ResponseLimits>;
  readonly headCache?: boolean;
  readonly framing?: (head: ResponseHead) => 0 | 1 | 2;
  /** How many responses are expected; no limit by default. */
  readonly expected?: number;
}

export interface RequestRecorderOptions {
  readonly limits?: Partial<RequestLimits>;
  readonly headCache?: boolean;
  readonly framing?: (head: RequestHead) => 0 | 2;
  /** Stop the decoder after each request and feed it the rest again, as a server with a full queue does. */
  readonly oneAtATime?: boolean;
}

/** Shared bookkeeping of both sides. */
class Journal {
  readonly events: string[] = [];
  error = '';
  tunnel = '';
  fedBytes = 0;
  #payload = '';

  payload(buffer: Buffer, start: number, end: number): void {
    if (end <= start) throw new Error('Empty payload view: onBody was called without bytes.');
    this.#payload += buffer.toString('latin1', start, end);
  }

  flush(): void {
    if (this.#payload !== '') this.events.push(`body ${JSON.stringify(this.#payload)}`);
    this.#payload = '';
  }

  add(event: string): void {
    this.flush();
    this.events.push(event);
  }

  /** Notes an error of the wire; anything else is a crash and goes on. */
  guard(action: () => void): void {
    if (this.error !== '') return;
    try {
      action();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.error = describe(error);
    }
  }

  outcome(): CodecOutcome {
    this.flush();
    return { events: this.events, error: this.error, tunnel: this.tunnel };
  }
}

/** Records what a ResponseDecoder makes of its bytes. */
export function recordResponses(
  options: ResponseRecorderOptions = {},
): CodecRecorder<ResponseDecoder> {
  const journal = new Journal();
  let left = options.expected ?? Infinity;
  const decoder = new ResponseDecoder(
    {
      onHead(head) {
        journal.add(describeResponse('head', head));
        return options.framing?.(head) ?? 0;
      },
      onInterim: (head) => journal.add(describeResponse('interim', head)),
      onBody: (buffer, start, end) => journal.payload(buffer, start, end),
      onTrailers: (rawTrailers) => journal.add(`trailers ${JSON.stringify(rawTrailers)}`),
      onEnd() {
        left -= 1;
        journal.add(`end keepAlive=${decoder.keepAlive}`);
        return left > 0;
      },
    },
    options.limits,
    { headCache: options.headCache ?? true },
  );
  return {
    decoder,
    feed(buffer, start, end) {
      journal.guard(() => {
        if (left <= 0) {
          // What a connection owner does about bytes on an idle connection.
          journal.error = `UNEXPECTED_BYTES@${journal.fedBytes} status 0`;
          return;
        }
        const used = decoder.feed(buffer, start, end);
        journal.tunnel += buffer.toString('latin1', start + used, end);
      });
      journal.fedBytes += end - start;
    },
    finish: () => journal.guard(() => decoder.finish()),
    outcome: () => journal.outcome(),
  };
}

/** Records what a RequestDecoder makes of its bytes. */
export function recordRequests(
  options: RequestRecorderOptions = {},
): CodecRecorder<RequestDecoder> {
  const journal = new Journal();
  let isTunnel = false;
  const decoder = new RequestDecoder(
    {
      onHead(head) {
        journal.add(describeRequest(head));
        const framing = options.framing?.(head) ?? 0;
        isTunnel = framing === 2;
        return framing;
      },
      onBody: (buffer, start, end) => journal.payload(buffer, start, end),
      onTrailers: (rawTrailers) => journal.add(`trailers ${JSON.stringify(rawTrailers)}`),
      onEnd() {
        journal.add(`end keepAlive=${decoder.keepAlive}`);
        return options.oneAtATime !== true;
      },
    },
    options.limits,
    { headCache: options.headCache ?? true },
  );
  return {
    decoder,
    feed(buffer, start, end) {
      journal.guard(() => {
        let at = start;
        do at += decoder.feed(buffer, at, end);
        while (at < end && !isTunnel);
        journal.tunnel += buffer.toString('latin1', at, end);
      });
    },
    finish: () => journal.guard(() => decoder.finish()),
    outcome: () => journal.outcome(),
  };
}

function describeResponse(kind: string, head: ResponseHead): string {
  return (
    `${kind} ${head.status} HTTP/1.${head.minorVersion} keepAlive=${head.keepAlive} ` +
    `length=${head.contentLength} chunked=${head.chunked} ${head.headBytes} bytes ${JSON.stringify(head.rawHead())}`
  );
}

function describeRequest(head: RequestHead): string {
  return (
    `head ${head.method} ${head.target} HTTP/1.${head.minorVersion} keepAlive=${head.keepAlive} ` +
    `length=${head.contentLength} chunked=${head.chunked} expect=${head.expectContinue}/${head.expectUnknown} ` +
    `upgrade=${head.upgrade} ${head.headBytes} bytes ${JSON.stringify(head.rawHead())}`
  );
}

function describe(error: WireError): string {
  if (!(error instanceof ProtocolError)) return error.code;
  const where = `${error.code}@${error.offset} status ${error.status}`;
  if (!(error instanceof LimitError)) return where;
  return `${where} ${error.limit} ${error.actual}/${error.maximum}`;
}
