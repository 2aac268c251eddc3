import type { ClientRequest, Transport, TransportResponse } from '@needletail/client';
import { OVER_HTTP1, OVER_HTTP2 } from '../collect/protocol-remark.ts';
import type { ScriptNames } from '../collect/script-names.ts';
import type { ScriptTally } from '../collect/script-tally.ts';
import { RequestRecord } from './request-record.ts';
import type { TargetLines } from './script-thread.ts';

/** The same lines to a target; answers are counted by protocol. For runs that ask for HTTP/2 and may not be given it. */
export function countedProtocols(
  lines: TargetLines,
  names: ScriptNames,
  tally: ScriptTally,
): TargetLines {
  return {
    openLine() {
      const line = lines.openLine();
      const transport = new CountingTransport(line.transport, names, tally);
      return { transport, reset: () => line.reset() };
    },
    plain: lines.plain,
    close: () => lines.close(),
  };
}

class CountingTransport implements Transport {
  readonly #inner: Transport;
  readonly #tally: ScriptTally;
  readonly #http2: number;
  readonly #http1: number;

  constructor(inner: Transport, names: ScriptNames, tally: ScriptTally) {
    this.#inner = inner;
    this.#tally = tally;
    this.#http2 = names.counter(OVER_HTTP2);
    this.#http1 = names.counter(OVER_HTTP1);
  }

  // Absent where the inner one has none, as the interface has it; it may come and go with connections.
  get pool(): NonNullable<Transport['pool']> {
    return this.#inner.pool!;
  }

  get connector(): NonNullable<Transport['connector']> {
    return this.#inner.connector!;
  }

  async send(request: ClientRequest): Promise<TransportResponse> {
    const response = await this.#inner.send(request);
    const { watch } = request;
    // The answer to a request of the warm-up counts no more than that does.
    if (!(watch instanceof RequestRecord) || watch.isMeasured) {
      this.#tally.counted(response.httpVersion === '2' ? this.#http2 : this.#http1, 1);
    }
    return response;
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
