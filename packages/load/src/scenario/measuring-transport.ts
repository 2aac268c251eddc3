// Hot: allocates the record of a request and the promise of its measured answer. Guarded by bench/src/script-cpu.ts.
import type { ClientRequest, Transport, TransportResponse } from '@needletail/client';
import { measuredResponse } from './measured-response.ts';
import type { RequestLog, RequestRecord } from './request-record.ts';

/** Who sends: a user in one of its iterations. */
export interface RequestOwner {
  /** Nothing more is to be sent: whatever is asked for waits for ever. */
  readonly isClosed: boolean;
  /** When the request that is made at `now` was due. */
  dueAt(now: number): number;
  /** An answer is about to be handed to its scenario; `isHeard` says that the event loop has turned since it was sent. */
  answered(isHeard: boolean): void;
  /** The same for a failure; `isUnconnected` says that there was no connection to be had. */
  failed(isHeard: boolean, isUnconnected: boolean): void;
}

/** Writes each request that it passes on into the ledger: redirects, retries and authentication each count for themselves. */
export class MeasuringTransport implements Transport {
  readonly #inner: Transport;
  readonly #log: RequestLog;
  readonly #owner: RequestOwner;

  constructor(inner: Transport, log: RequestLog, owner: RequestOwner) {
    this.#inner = inner;
    this.#log = log;
    this.#owner = owner;
  }

  // Absent where the inner one has none, as the interface has it; it may come and go with connections.
  get pool(): NonNullable<Transport['pool']> {
    return this.#inner.pool!;
  }

  get connector(): NonNullable<Transport['connector']> {
    return this.#inner.connector!;
  }

  send(request: ClientRequest): Promise<TransportResponse> {
    if (this.#owner.isClosed) return never();
    const log = this.#log;
    const now = log.clock.now();
    const record = log.begin(log.endpoints.placeOf(request), this.#owner.dueAt(now), now);
    request.watch = record;
    return this.#inner.send(request).then(
      (response) => this.#answered(record, response),
      (error: unknown) => this.#failed(record, error),
    );
  }

  /** For its owner to decide. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  #answered(record: RequestRecord, response: TransportResponse): TransportResponse {
    this.#owner.answered(record.isHeard);
    if (!Buffer.isBuffer(response.body)) return measuredResponse(response, response.body, record);
    record.answered(response.status);
    return response;
  }

  #failed(record: RequestRecord, error: unknown): never {
    const kind = record.failed(error);
    this.#owner.failed(record.isHeard, kind === 'connect');
    throw error;
  }
}

/** What a scenario gets that asks for something after the end of its run. */
export function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}
