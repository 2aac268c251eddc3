import type { ClientRequest, Transport, TransportResponse } from '@needletail/client';
import type { ScriptNames } from '../collect/script-names.ts';
import type { ScriptTally } from '../collect/script-tally.ts';
import { RequestRecord } from './request-record.ts';
import type { TargetLines } from './script-thread.ts';

const OVER_HTTP2 = 'answers over HTTP/2';
const OVER_HTTP1 = 'answers over HTTP/1.1';

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

/** A sentence for the report when answers came over HTTP/1.1 although HTTP/2 was asked for; else null. */
export function protocolRemark(names: ScriptNames, tallies: readonly ScriptTally[]): string | null {
  const known = names.counters.names();
  const countOf = (name: string): number => {
    const place = known.indexOf(name);
    return place < 0 ? 0 : tallies.reduce((sum, { counters }) => sum + counters[place]!, 0);
  };
  const older = countOf(OVER_HTTP1);
  if (older === 0) return null;
  const all = older + countOf(OVER_HTTP2);
  return (
    `HTTP/2 was asked for, but ${older === all ? 'every answer' : `${older} of ${all} answers`} came over HTTP/1.1: ` +
    "it is offered over TLS, and the target may decline. Without TLS it takes http2: 'prior-knowledge'."
  );
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
