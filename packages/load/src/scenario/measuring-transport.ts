// Hot: allocates the record of a request, which is its receiver too. Guarded by bench/src/script-cpu.ts.
import { Buffer } from 'node:buffer';
import {
  sendTo,
  type ClientRequest,
  type ResponseReceiver,
  type Transport,
  type TransportResponse,
} from '@needletail/client';
import { measuredResponse } from './measured-response.ts';
import { RequestRecord, type RequestLog } from './request-record.ts';

/** Who sends: a user in one of its iterations. */
export interface RequestOwner {
  /** Nothing more is to be sent: whatever is asked for waits for ever. */
  readonly isClosed: boolean;
  /** When the request that is made at `now` was due. */
  dueAt(now: number): number;
  /** An answer is about to be handed to its scenario; `isHeard` says that the event loop has turned since it was sent. */
  answered(isHeard: boolean): void;
  /** Something came that nobody asked for: a message, an event; or a pause is over. */
  received(): void;
  /** As `answered` for a failure; `isUnconnected` says that there was no connection to be had. */
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
    return new Promise((resolve, reject) => {
      this.sendTo(request, { answered: resolve, failed: reject });
    });
  }

  sendTo(request: ClientRequest, receiver: ResponseReceiver): void {
    // Asked for after the end of the run: it waits for ever.
    if (this.#owner.isClosed) return;
    const log = this.#log;
    const now = log.clock.now();
    const endpoint = log.endpoints.placeOf(request);
    const sent = new SentRequest(log, endpoint, now, this.#owner, receiver);
    request.watch = sent;
    sendTo(this.#inner, request, sent);
  }

  /** For its owner to decide. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Stands between the transport and whoever waits for the answer, and writes it down on its way. */
class SentRequest extends RequestRecord implements ResponseReceiver {
  readonly #owner: RequestOwner;
  readonly #receiver: ResponseReceiver;

  constructor(
    log: RequestLog,
    endpoint: number,
    now: number,
    owner: RequestOwner,
    receiver: ResponseReceiver,
  ) {
    super(log, endpoint, owner.dueAt(now), now);
    this.#owner = owner;
    this.#receiver = receiver;
  }

  answered(response: TransportResponse): void {
    this.#owner.answered(this.isHeard);
    const { body } = response;
    if (Buffer.isBuffer(body)) {
      this.completeAtLastByte(response.status);
      this.#receiver.answered(response);
    } else this.#receiver.answered(measuredResponse(response, body, this));
  }

  failed(error: Error): void {
    const kind = this.fail(error);
    this.#owner.failed(this.isHeard, kind === 'connect');
    this.#receiver.failed(error);
  }
}

/** What a scenario gets that asks for something after the end of its run. */
export function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}
